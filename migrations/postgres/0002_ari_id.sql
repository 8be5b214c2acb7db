-- By which a CA is asked when to renew a certificate, and told what a renewal replaces (RFC 9773 section 4.1); null when
-- the certificate does not name its issuer's key, and for those stored before this column was here.
alter table certificates add column ari_id text;
