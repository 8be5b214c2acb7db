-- Links for people without an account: each shows one domain's records, until it ends.
create table links (
    id text not null primary key,
    domain text not null references domains (id),
    secret_sha256 blob not null unique, -- of the link's 256 random bits, which need no slow hash
    created_by text not null,           -- who made it, as the timeline names them
    created_at integer not null,
    expires_at integer not null,
    revoked_at integer
) strict;
create index links_domain on links (domain, created_at);
create index links_expires on links (expires_at);
