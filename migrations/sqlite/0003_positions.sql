-- Notices are read in the order of their positions, which no clock gives. SQLite adds no such column to a table that is
-- there: the table is made again, and the notices in it are told by whoever starts reading everything.
drop table outbox;
create table outbox (
    position integer primary key autoincrement, -- grows with each commit, and is never used again
    id text not null unique,
    at bigint not null,
    origin text not null,               -- the process that wrote it, which has told its own listeners already
    topic text not null,
    domain text not null,
    customer text not null,
    payload text not null               -- JSON
);
create index outbox_at on outbox (at);
