-- When there is work at a domain, what people asked of it, and who holds it: written at every look, so that this has a
-- narrow table of its own, and a look that changes nothing leaves the domain's row and its indexes alone. A removed domain has
-- no row here.
create table work (
    domain text not null primary key references domains (id),
    due_at integer not null,             -- when there is work next; while it is leased, since when
    -- What people asked since the last look; written without touching facts, revision or lease.
    refresh_at integer,
    watched_since integer,
    watched_until integer,
    asked_seq integer not null,          -- grows with each such request, so that none is lost while work is in flight
    -- The lease.
    lease_owner text,                   -- which worker holds it
    lease_token integer not null,        -- the fencing number: grows with every claim, never falls
    leased_until integer
);
insert into work (domain, due_at, refresh_at, watched_since, watched_until, asked_seq, lease_owner, lease_token, leased_until)
    select id, due_at, refresh_at, watched_since, watched_until, asked_seq, lease_owner, lease_token, leased_until
    from domains where removed_at is null;
create index work_due on work (due_at);
create index work_leased on work (leased_until) where leased_until is not null;
drop index domains_due;
drop index domains_leased;
alter table domains drop column due_at;
alter table domains drop column refresh_at;
alter table domains drop column watched_since;
alter table domains drop column watched_until;
alter table domains drop column asked_seq;
alter table domains drop column lease_owner;
alter table domains drop column lease_token;
alter table domains drop column leased_until;
