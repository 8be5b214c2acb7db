-- What a million domains need: searches, lists, counts and purges that read an index and not the table.

-- Names as they are searched, apart from the rows that change with every look. Removed domains have none.
create table domain_names (
    domain text not null primary key references domains (id),
    search text collate "C" not null    -- as in domains
);
insert into domain_names (domain, search) select id, search from domains where removed_at is null;

-- Any three characters in a row lead to the names that hold them. The extension comes with the server's own packages, and
-- the database's owner may create it.
create extension if not exists pg_trgm;
create index domain_names_search on domain_names using gin (search gin_trgm_ops);

-- A customer's own lists. The claims' index begins with the name: SQLite would read it, and each row besides, in place of
-- the index that has all that a search looks at.
drop index domains_live_claim;
create unique index domains_live_claim on domains (hostname, customer) where removed_at is null;
create index domains_of_customer_by_domain_status on domains (customer, domain_status, hostname, id)
    where removed_at is null;
create index domains_of_customer_by_ssl_status on domains (customer, ssl_status, hostname, id) where removed_at is null;
create index domains_of_customer_by_code on domains (customer, code, hostname, id) where removed_at is null;

-- Metrics.
create index domains_counted on domains (domain_status, ssl_status, ready) where removed_at is null;
create index domains_expiring on domains (expires_at) where removed_at is null and expires_at is not null;

-- Purging: what was removed, and every row that leads to what goes.
create index domains_removed on domains (removed_at) where removed_at is not null;
create index orders_domain on orders (domain);
create index certificates_key on certificates (key_id);
create index challenges_order on challenges (order_id);
