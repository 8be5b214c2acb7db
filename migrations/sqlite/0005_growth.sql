-- What a million domains need: searches, lists, counts and purges that read an index and not the table.

-- Names as they are searched, apart from the rows that change with every look. Removed domains have none.
create table domain_names (
    number integer primary key,         -- what the trigrams call the row: SQLite renumbers tables that have no such column
    domain text not null unique references domains (id),
    search text not null                -- as in domains
) strict;

-- Any three characters in a row lead to the names that hold them.
create virtual table domain_trigrams using fts5
    (search, content = 'domain_names', content_rowid = 'number', tokenize = 'trigram', detail = 'none');
create trigger domain_names_added after insert on domain_names begin
    insert into domain_trigrams (rowid, search) values (new.number, new.search);
end;
create trigger domain_names_changed after update of search on domain_names begin
    insert into domain_trigrams (domain_trigrams, rowid, search) values ('delete', old.number, old.search);
    insert into domain_trigrams (rowid, search) values (new.number, new.search);
end;
create trigger domain_names_gone after delete on domain_names begin
    insert into domain_trigrams (domain_trigrams, rowid, search) values ('delete', old.number, old.search);
end;
insert into domain_names (domain, search) select id, search from domains where removed_at is null;

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
