-- What orders count for at their CA, and CAs that want no orders for now: our own accounting of what a CA allows.
alter table orders add column counted text not null default 'new' check (counted in ('new', 'renewal', 'replacement'));
alter table orders add column invalid bigint not null default 0 check (invalid in (0, 1)); -- the CA could not validate the name
-- Nothing asks for these any more: only new orders count against an account or a registered domain.
drop index orders_by_ca;
drop index orders_by_registrable;
create index orders_new_by_ca on orders (ca, planned_at) where counted = 'new';
create index orders_new_by_registrable on orders (registrable, ca, planned_at) where counted = 'new';

-- One row for each CA that was ever ordered from. Whoever plans an order there holds it until the order is written, so that
-- several nodes together keep to the limits.
create table allowances (
    ca text not null primary key,       -- the CA's configured name
    paused_until bigint not null,      -- no order before this time, by the CA's own Retry-After
    paused_for text not null check (paused_for in ('outage', 'rate_limited'))
);
