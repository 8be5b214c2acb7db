-- An upload for more than one domain is brought to each of them; a process that ends meanwhile leaves the rest to others.
alter table uploads add column shared_at bigint;
update uploads set shared_at = created_at where certificate is not null;
create index uploads_unshared on uploads (created_at)
    where certificate is not null and ended_at is null and shared_at is null and scope <> 'domain';
-- An upload is found by the certificate that it became.
create index uploads_certificate on uploads (certificate) where certificate is not null;
