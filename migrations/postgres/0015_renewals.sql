-- What the page of all certificates asks for: derived from the facts, and written with them.

-- When the current certificate will be renewed. What stands here for domains that were there before is the plan without its
-- scatter and without what the CA says, until their next look.
alter table domains add column renews_at bigint;
-- Where the current certificate came from: acme or upload.
alter table domains add column certificate_source text;
update domains set
    renews_at = (select not_after - (not_after - not_before) / 3 from certificates where id = domains.certificate),
    certificate_source = (select source from certificates where id = domains.certificate)
    where certificate is not null;

-- The coming renewals are counted by the index alone, a customer's as well.
create index domains_renewing on domains (renews_at, customer) where removed_at is null and renews_at is not null;
-- Uploaded certificates are few, and each has to be replaced by hand.
create index domains_uploaded on domains (coalesce(expires_at, 9007199254740991), id)
    where removed_at is null and certificate_source = 'upload';
