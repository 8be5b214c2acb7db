-- Removed domains whose records are looked at once a day, as long as the domain is kept.
create table leftovers (
    domain text not null primary key references domains (id),
    due_at integer not null,
    checked_at integer,
    found text not null                 -- JSON: full names at which records still stand
) strict;
create index leftovers_due on leftovers (due_at);
-- Those that are told, which are few.
create index leftovers_found on leftovers (domain) where found <> '[]';
insert into leftovers (domain, due_at, found) select id, removed_at, '[]' from domains where removed_at is not null;
