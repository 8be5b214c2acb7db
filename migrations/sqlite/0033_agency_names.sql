-- A search finds an agency's domains by its name, which stands at the end of what is searched.
update domains set search = search || ' ' || (select name_key from agencies where agencies.id = domains.agency)
    where agency is not null;
update domain_names set search = (select domains.search from domains where domains.id = domain_names.domain)
    where domain in (select id from domains where agency is not null);
