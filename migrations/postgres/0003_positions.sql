-- Notices are read in the order of their positions, which no clock gives: the number of the transaction that wrote them.
-- A node of the version before goes on writing and reading beside it.
alter table outbox add column position bigint not null default cast(cast(pg_current_xact_id() as text) as bigint);
create index outbox_position on outbox (position, id);
