-- Publishing records into a customer's own zone.

-- Keys that may change one zone at one server.
create table update_keys (
    id text not null primary key,
    customer text not null references customers (id),
    zone text not null,
    server text not null,               -- ip:port
    name text not null,                 -- the key's, as the server has it
    algorithm text not null check (algorithm in ('hmac-sha256', 'hmac-sha384', 'hmac-sha512')),
    sealed blob not null,                -- the store's envelope around the secret
    created_by text not null,           -- who stored it, as the timeline names them
    created_at integer not null,
    unique (customer, zone)
) strict;

-- Records that we put: no other is ever replaced.
create table published (
    domain text not null references domains (id),
    host text not null,
    type text not null,
    value text not null,
    at integer not null,
    primary key (domain, host, type)
) strict;
