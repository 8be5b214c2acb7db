-- Requests to approve a domain by e-mail: at most one of a domain is open.
create table approvals (
    id text not null primary key,
    domain text not null references domains (id),
    address text not null,              -- the Approver's Email
    token_sha256 bytea not null unique,  -- of the link's 256 random bits: a stolen database opens nothing
    requested_by text not null,
    created_at bigint not null,
    expires_at bigint not null,
    ended_at bigint,
    outcome text check (outcome in ('approved', 'declined', 'replaced')),
    check ((ended_at is null) = (outcome is null))
);
create index approvals_domain on approvals (domain, created_at);
create unique index approvals_open on approvals (domain) where ended_at is null;
