-- What people are to be told of a domain: written in the transaction that made it true.
create table notices (
    id text not null primary key,
    at bigint not null,
    domain text not null references domains (id),
    customer text not null references customers (id),
    kind text not null,                 -- such as certificate.renewed
    payload text not null               -- JSON: all that the mail says
);
create index notices_domain on notices (domain, at);
create index notices_at on notices (at);

-- One mail to one person about one notice.
create table deliveries (
    id text not null primary key,       -- of notice and person: nobody is told twice
    notice text not null references notices (id),
    target text not null,               -- the person; it leads nowhere
    due_at bigint not null,
    attempts bigint not null,           -- also guards what is written of a try
    leased_until bigint,
    done_at bigint,
    outcome text check (outcome in ('taken', 'never')),
    detail text,                        -- what the other side said last
    check ((done_at is null) = (outcome is null))
);
create index deliveries_due on deliveries (due_at) where done_at is null;
create index deliveries_notice on deliveries (notice);

-- What each person chose to be written about; what they never chose about is settled by their role.
create table mail_choices (
    user_id text not null references users (id),
    topic text not null,
    wanted bigint not null check (wanted in (0, 1)),
    chosen_at bigint not null,
    primary key (user_id, topic)
);

-- By which a mail's links know a person: it opens nothing but the choices above.
create table mail_tokens (
    user_id text not null primary key references users (id),
    token text not null unique,
    created_at bigint not null
);
