-- Which day or week each domain's Monitoring Report was last mailed for, written before the mail goes out: a crash costs a mail,
-- and never sends one twice.
alter table domain_reports add column sent_for integer not null default 0;
drop index domain_reports_every;
create index domain_reports_due on domain_reports (every, sent_for, domain);
