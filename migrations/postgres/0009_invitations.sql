-- Invitations that are open: one that was accepted, withdrawn or replaced is deleted.
create table invitations (
    id text not null primary key,
    token_sha256 bytea not null unique,  -- of the link's 256 random bits: a stolen database opens nothing
    email text not null,                -- as typed
    email_key text not null,            -- lower case
    customer text references customers (id), -- none: to the provider's own people
    role text not null check (role in ('operator', 'support', 'manager', 'viewer')),
    invited_by text not null,           -- as the mail names them
    created_at bigint not null,
    expires_at bigint not null,
    check ((customer is null) = (role in ('operator', 'support')))
);
create index invitations_customer on invitations (customer, email_key);
create index invitations_expires on invitations (expires_at);
