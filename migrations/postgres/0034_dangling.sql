-- When people were told of records that still stand; none since they were gone.
alter table leftovers add column told_at bigint;
-- Of several removals of a name the last one is told.
create index domains_removed_claim on domains (hostname, customer) where removed_at is not null;
