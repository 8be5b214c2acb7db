-- The raw facts of each domain's last full pass, to be judged again later: one row at most for each domain.
create table observations (
    domain text not null primary key references domains (id),
    observed_at integer not null,
    observation text not null       -- JSON, within bounds: no statement looks inside
) strict;
