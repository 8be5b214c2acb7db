-- Acts of people and tokens: only ever added to, and chained, so that what is changed or deleted later shows.
create table audit (
    seq integer not null primary key,   -- without gaps
    at integer not null,
    actor text not null,                -- who, as the timeline names them
    actor_id text,                      -- the person's or the token's row; none at the command line
    address text,                       -- where the connection came from
    act text not null,                  -- a stable word, such as domain.added
    customer text,                      -- whose thing it was; none for the provider's. It leads nowhere: rows outlive others
    subject text not null,              -- the thing's row
    domain text,                        -- its name, where the thing is a web domain
    summary text not null,              -- one plain sentence
    outcome text not null check (outcome in ('done', 'refused')),
    hash blob not null                  -- SHA-256 over the entry before and this row's other columns
) strict;
create index audit_customer on audit (customer, seq);

-- Where the chain ends: entries cut off at the end show as well.
create table audit_head (
    one integer not null primary key check (one = 1),
    seq integer not null,
    hash blob not null
) strict;
insert into audit_head values (1, 0, zeroblob(32));
