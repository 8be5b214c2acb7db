-- Who else uses a domain, and who is told about it.

-- Enabled Agencies: beside the Default Agency, which has a column of its own.
create table domain_agencies (
    domain text not null references domains (id),
    agency text not null references agencies (id),
    primary key (domain, agency)
);
create index domain_agencies_agency on domain_agencies (agency, domain);

-- Monitoring Reports: a domain without a row has none.
create table domain_reports (
    domain text not null primary key references domains (id),
    addresses text not null,            -- JSON: a list of mail addresses
    every text not null check (every in ('daily', 'weekly', 'never'))
);
create index domain_reports_every on domain_reports (every, domain);
