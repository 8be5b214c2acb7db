-- What the triage queue groups by and is in the order of: only of domains that somebody may have to help with, so that those
-- that are Ready pay for none of it.

-- The cause's code and who can act on it, such as 'rec_missing.dns'; none for a domain that is Ready or switched off. What
-- stands here for domains that were there before is a guess, until their next look.
alter table domains add column cause text;
-- Since when the statuses read as they do.
alter table domains add column since bigint not null default 0;
update domains set since = created_at,
    cause = case when ready = 1 or domain_status = 'disabled' then null
        when code = 'ok' then 'issuing.padlock'
        when attention = 'needs_you' then code || '.dns'
        else code || '.padlock' end;

create index domains_by_cause on domains (cause, since, id) where removed_at is null and cause is not null;
create index domains_of_customer_by_cause on domains (customer, cause, since, id)
    where removed_at is null and cause is not null;
