-- Letters that people had sent, so that nobody sends too many. Rows live for a day.
create table mailings (
    id text not null primary key,
    domain text not null references domains (id),
    sender text not null,               -- a person or a token, as the timeline names them
    at integer not null,
    letters integer not null
) strict;
create index mailings_domain on mailings (domain, at);
create index mailings_sender on mailings (sender, at);
create index mailings_at on mailings (at);
