-- What the list's quick views, its filter by agency and its order by expiry read. Every index is paid for by each look at DNS
-- on PostgreSQL, so that there is none without a view or an order that is shown.

-- Who goes on from here: 'needs_you', 'waiting' or 'active'; derived from the facts. What stands here for domains that were
-- there before is a guess by their statuses, until their next look.
alter table domains add column attention text not null default 'waiting'
    check (attention in ('needs_you', 'waiting', 'active'));
update domains set attention = case
    when ready = 1 then 'active'
    when domain_status in ('verification_pending', 'verified_not_routed', 'moved', 'action_needed', 'blocked') then 'needs_you'
    else 'waiting' end;

-- The quick views and their counts: the provider's, and a customer's own.
create index domains_by_attention on domains (attention, hostname, id) where removed_at is null;
create index domains_of_customer_by_attention on domains (customer, attention, hostname, id) where removed_at is null;

-- The filter by agency, which is always asked together with its customer.
create index domains_of_agency on domains (customer, agency, hostname, id) where removed_at is null and agency is not null;

-- The view and the order by expiry; domains without a certificate come last. The first takes the place of an index that had
-- none of them.
drop index domains_expiring;
create index domains_expiring on domains (coalesce(expires_at, 9007199254740991), id) where removed_at is null;
create index domains_of_customer_expiring on domains (customer, coalesce(expires_at, 9007199254740991), id)
    where removed_at is null;
