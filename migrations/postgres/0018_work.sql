-- When there is work at a domain, what people asked of it, and who holds it: written at every look, so that this has a
-- narrow table of its own, and a look that changes nothing leaves the domain's row and its indexes alone. A removed domain has
-- no row here.
create table work (
    domain text not null primary key references domains (id),
    due_at bigint not null,             -- when there is work next; while it is leased, since when
    -- What people asked since the last look; written without touching facts, revision or lease.
    refresh_at bigint,
    watched_since bigint,
    watched_until bigint,
    asked_seq bigint not null,          -- grows with each such request, so that none is lost while work is in flight
    -- The lease.
    lease_owner text,                   -- which worker holds it
    lease_token bigint not null,        -- the fencing number: grows with every claim, never falls
    leased_until bigint
);
insert into work (domain, due_at, refresh_at, watched_since, watched_until, asked_seq, lease_owner, lease_token, leased_until)
    select id, due_at, refresh_at, watched_since, watched_until, asked_seq, lease_owner, lease_token, leased_until
    from domains where removed_at is null;
create index work_due on work (due_at);
create index work_leased on work (leased_until) where leased_until is not null;
drop index domains_due;
drop index domains_leased;
alter table domains
    drop column due_at,
    drop column refresh_at,
    drop column watched_since,
    drop column watched_until,
    drop column asked_seq,
    drop column lease_owner,
    drop column lease_token,
    drop column leased_until;

-- Room for the next state of a row on its own page: no index has to be told of facts alone (a heap-only update).
alter table domains set (fillfactor = 80);
