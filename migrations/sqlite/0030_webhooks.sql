-- Where customers' own programs hear of what happens.
create table webhooks (
    id text not null primary key,
    customer text not null references customers (id),
    url text not null,
    kinds text not null,                -- words with a space around each, such as ' domain.active certificate.renewed '
    sealed blob not null,               -- the store's envelope around the secret
    created_by text not null,
    created_at integer not null,
    disabled_at integer,                -- since when nothing is sent, as the receiver answered 410
    disabled_why text,
    tested_at integer,
    tested text                         -- what the last test came to
) strict;
create index webhooks_customer on webhooks (customer);

-- A delivery is a mail, or a message to one of these; then it is the delivery's target as well.
alter table deliveries add column webhook text references webhooks (id);
create index deliveries_log on deliveries (webhook, id) where webhook is not null;
