-- Processes that run. No lease: it tells workers which edges to ask, and operators what runs.
create table nodes (
    id text not null primary key,       -- the process: another at each start
    name text not null,                 -- its machine's
    version text not null,
    roles text not null,                -- comma-separated
    edge text,                          -- where other nodes reach its edge over TLS, as ip:port
    started_at bigint not null,
    seen_at bigint not null             -- written every few seconds
);
