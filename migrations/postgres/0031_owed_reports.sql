-- To whom a period's Monitoring Report still has to be mailed, and when that is tried next: written before the mail goes out, so
-- that a crash or a mail server that is away costs no report.
alter table domain_reports add column owed text;                        -- JSON: a list of mail addresses
alter table domain_reports add column tries bigint not null default 0;   -- in this period; also guards what is written of a try
alter table domain_reports add column again_at bigint;                 -- none when nobody waits for it
create index domain_reports_owed on domain_reports (every, again_at) where again_at is not null;
-- Days and weeks are counted apart: whoever had changed from the one to the other waited for a week of that number.
update domain_reports set sent_for = 0 where every = 'weekly' and sent_for > 10000;
