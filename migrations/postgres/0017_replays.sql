-- Requests that bring an Idempotency-Key: each is acted on once, and its answer is kept for a day.
create table idempotency_keys (
    id text not null primary key,       -- SHA-256 of caller and key
    request_sha256 bytea not null,       -- of path and body: another request under the same key is refused
    claim text not null,                -- of whoever acts on it now; another's writes are refused
    claimed_at bigint not null,
    acted bigint not null default 0,   -- set in the act's own transaction, so that it is known after a crash
    status bigint,                      -- of the answer; none while there is none
    content_type text,
    location text,
    sealed bytea,                        -- the answer's body, which may hold a secret that is shown once
    created_at bigint not null
);
create index idempotency_keys_created on idempotency_keys (created_at);
