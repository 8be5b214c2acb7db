-- Certificates that people upload: waiting for a yes, with the key sealed; then served, each by the name people gave it.
create table uploads (
    id text not null primary key,
    domain text not null references domains (id),   -- where it was uploaded, which its key is bound to
    name text not null,                 -- Certificate Name
    scope text not null check (scope in ('domain', 'agency', 'customer', 'everyone')),
    agency text references agencies (id), -- whose domains, when the scope is an agency's
    chain_pem text not null,            -- leaf first
    sealed bytea,                        -- the key, while it waits
    warnings text not null,             -- JSON list of sentences
    made_by text not null,
    created_at bigint not null,
    certificate text references certificates (id), -- once it is served
    ended_at bigint,                    -- once it is not any more
    check ((sealed is null) = (certificate is not null)),
    check ((agency is null) = (scope <> 'agency'))
);
create index uploads_domain on uploads (domain);
create index uploads_waiting on uploads (created_at) where certificate is null;
create index uploads_wide on uploads (scope) where certificate is not null and ended_at is null and scope <> 'domain';
-- Issuers' certificates are found in the chains of what they issued.
create index certificates_issuer on certificates (issuer, issued_at);
