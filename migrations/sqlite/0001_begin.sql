-- The first tables. Times are milliseconds since 1970-01-01T00:00:00Z; yes and no are 1 and 0; ids are UUIDv7 in text
-- form unless said otherwise. The file of the same name for the other engine differs only in the names of types.

-- Tenants: every row that a person may see leads to one.
create table customers (
    id text not null primary key,
    name text not null,                 -- as people read it
    name_key text not null unique,      -- lower case: two customers never differ by case alone
    created_at integer not null
) strict;

-- A customer's agencies.
create table agencies (
    id text not null primary key,
    customer text not null references customers (id),
    name text not null,
    name_key text not null,             -- lower case
    created_at integer not null,
    unique (customer, name_key)
) strict;

-- People who sign in.
create table users (
    id text not null primary key,
    email text not null,                -- as typed
    email_key text not null unique,     -- lower case: addresses are told apart case-blind
    password_hash text not null,        -- argon2id, in PHC string form
    role text not null check (role in ('operator', 'support', 'manager', 'viewer')),
    customer text references customers (id),
    created_at integer not null,
    check ((customer is null) = (role in ('operator', 'support')))
) strict;

-- Signed-in browsers.
create table sessions (
    id_hash blob not null primary key,  -- SHA-256 of the cookie's value: a stolen database signs nobody in
    user_id text references users (id), -- none before sign-in
    data blob not null,                 -- what the session layer keeps
    created_at integer not null,
    last_seen_at integer not null,
    expires_at integer not null
) strict;
create index sessions_user on sessions (user_id);
create index sessions_expires on sessions (expires_at);

-- Tokens of the REST API.
create table api_tokens (
    id text not null primary key,       -- the token's public part
    name text not null,
    secret_sha256 blob not null,        -- of the secret part, which has 256 random bits and needs no slow hash
    role text not null check (role in ('operator', 'support', 'manager', 'viewer')),
    customer text references customers (id),
    created_at integer not null,
    expires_at integer,
    last_used_at integer,
    revoked_at integer,
    check ((customer is null) = (role in ('operator', 'support')))
) strict;

-- Ownership tokens. A row outlives its domain, so that adding the domain again gives the same token.
create table ownership_tokens (
    customer text not null references customers (id),
    hostname text not null,
    token text not null,
    created_at integer not null,
    primary key (customer, hostname)
) strict;

-- Challenge labels that were ever given out. No row is ever deleted: a label belongs to one claim for all time. A name
-- and its wildcard have one challenge name in DNS, and so one claim, when the same customer has both.
create table dcv_labels (
    label text not null primary key,
    domain text not null,               -- the claim
    created_at integer not null,
    retired_at integer                  -- when the last domain of the claim was removed
) strict;

-- Web domains: one row for each claim of a name by a customer.
create table domains (
    id text not null primary key,
    customer text not null references customers (id),
    agency text references agencies (id),
    name text not null,                 -- what people call it
    hostname text not null,             -- lower-case ASCII, a wildcard with its leading "*."
    search text not null,               -- hostname and name in lower case, for searching as people type
    alias text not null,                -- which service it routes to
    verification_method text not null check (verification_method in ('txt', 'http', 'email')),
    ssl_validation text not null check (ssl_validation in ('dns', 'http')),
    token text not null,
    dcv_label text not null references dcv_labels (label),
    created_at integer not null,
    removed_at integer,                 -- set once; the row is kept for 30 days
    -- The truth, and what guards it.
    facts text not null,                -- JSON of domain::facts::Facts
    revision integer not null,          -- grows with every change of facts or settings
    -- Derived from facts, written in the same statement, for indexes only.
    domain_status text not null,
    ssl_status text not null,
    code text not null,                 -- the cause's code, 'ok' when all is well
    ready integer not null check (ready in (0, 1)),
    held_hostname text,                 -- the hostname, while this claim is the verified holder of it
    certificate text,                   -- the current certificate's id
    live_order text,                    -- the order in flight
    shown integer not null,             -- how many challenge values are on show
    due_at integer not null,            -- when there is work next
    expires_at integer,                 -- end of the current certificate's validity
    -- What people asked since the last look; written without touching revision or lease.
    refresh_at integer,
    watched_since integer,
    watched_until integer,
    asked_seq integer not null,         -- grows with each such request, so that none is lost while work is in flight
    -- The lease.
    lease_owner text,                   -- which worker holds it
    lease_token integer not null,       -- the fencing number: grows with every claim, never falls
    leased_until integer
) strict;
create unique index domains_live_claim on domains (customer, hostname) where removed_at is null;
create unique index domains_held_hostname on domains (held_hostname) where held_hostname is not null;
create index domains_due on domains (due_at) where removed_at is null;
create index domains_leased on domains (leased_until) where leased_until is not null;
create index domains_hostname on domains (hostname, id, search) where removed_at is null;
create index domains_of_customer on domains (customer, hostname, id, search) where removed_at is null;
create index domains_by_domain_status on domains (domain_status, hostname, id) where removed_at is null;
create index domains_by_ssl_status on domains (ssl_status, hostname, id) where removed_at is null;
create index domains_by_code on domains (code, hostname, id) where removed_at is null;
create index domains_served on domains (id) where held_hostname is not null;

-- Private keys, sealed, with the signing request made from each.
create table keys (
    id text not null primary key,
    domain text not null references domains (id),
    sealed blob not null,               -- the store's envelope around PKCS #8
    csr_der blob not null,              -- RFC 2986
    created_at integer not null
) strict;
create index keys_domain on keys (domain);

-- Certificates that were ever stored.
create table certificates (
    id text not null primary key,
    domain text not null references domains (id),
    key_id text not null references keys (id),
    source text not null check (source in ('acme', 'upload')),
    names text not null,                -- JSON list of the DNS names
    authority text not null,
    issuer text not null,
    serial text not null,
    fingerprint_sha256 text not null,
    not_before integer not null,
    not_after integer not null,
    chain_pem text not null,            -- leaf first
    issued_at integer not null,
    status text not null check (status in ('current', 'superseded', 'revoked'))
) strict;
create index certificates_domain on certificates (domain, issued_at);
create index certificates_expiry on certificates (not_after) where status = 'current';

-- Orders that were ever planned: for resuming, and for counting against the CA's limits.
create table orders (
    id text not null primary key,
    domain text not null references domains (id),
    ca text not null,                   -- the CA's configured name
    hostname text not null,
    registrable text not null,          -- the registered domain, which CAs count by
    renewal integer not null check (renewal in (0, 1)),
    url text,                           -- the CA's, once it exists
    planned_at integer not null,
    ended_at integer,
    outcome text check (outcome in ('issued', 'failed', 'dropped')),
    check ((ended_at is null) = (outcome is null))
) strict;
create index orders_live on orders (domain) where ended_at is null;
create unique index orders_one_live on orders (ca, hostname) where ended_at is null;
create index orders_by_ca on orders (ca, planned_at);
create index orders_by_registrable on orders (registrable, ca, planned_at);
create index orders_by_hostname on orders (hostname, ca, planned_at);

-- Challenge values on show: what the responder of every node must answer.
create table challenges (
    label text not null,                -- first label of the name in the DCV zone
    value text not null,                -- the TXT value (RFC 8555 section 8.4)
    domain text not null references domains (id),
    order_id text not null references orders (id),
    shown_at integer not null,
    primary key (label, value)
) strict;
create index challenges_domain on challenges (domain);

-- Our accounts at the CAs.
create table acme_accounts (
    ca text not null,                   -- the CA's configured name
    directory text not null,            -- its directory URL
    sealed blob not null,               -- the store's envelope around the credentials
    account_uri text not null,          -- RFC 8555 section 7.3; also what CAA's accounturi names
    created_at integer not null,
    primary key (ca, directory)
) strict;

-- The timeline that people read.
create table events (
    id text not null primary key,
    customer text not null references customers (id),
    domain text not null references domains (id),
    at integer not null,
    kind text not null,
    actor text not null,                -- a person, a token, or 'padlock'
    summary text not null,              -- one plain sentence
    detail text not null                -- JSON
) strict;
create index events_domain on events (domain, at, id);
create index events_customer on events (customer, at, id);

-- Change notices: what other processes on this database read. Rows live for an hour.
create table outbox (
    id text not null primary key,
    at integer not null,
    origin text not null,               -- the process that wrote it, which has told its own listeners already
    topic text not null,
    domain text not null,
    customer text not null,
    payload text not null               -- JSON
) strict;
create index outbox_at on outbox (at, id);
