-- Acts of people and tokens: only ever added to, and chained, so that what is changed or deleted later shows.
create table audit (
    seq bigint not null primary key,   -- without gaps
    at bigint not null,
    actor text not null,                -- who, as the timeline names them
    actor_id text,                      -- the person's or the token's row; none at the command line
    address text,                       -- where the connection came from
    act text not null,                  -- a stable word, such as domain.added
    customer text,                      -- whose thing it was; none for the provider's. It leads nowhere: rows outlive others
    subject text not null,              -- the thing's row
    domain text,                        -- its name, where the thing is a web domain
    summary text not null,              -- one plain sentence
    outcome text not null check (outcome in ('done', 'refused')),
    hash bytea not null                  -- SHA-256 over the entry before and this row's other columns
);
create index audit_customer on audit (customer, seq);

-- Where the chain ends: entries cut off at the end show as well.
create table audit_head (
    one bigint not null primary key check (one = 1),
    seq bigint not null,
    hash bytea not null
);
insert into audit_head values (1, 0, decode(repeat('00', 32), 'hex'));
