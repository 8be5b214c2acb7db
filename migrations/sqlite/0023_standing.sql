-- What a CA says of itself, beside the account that we have with it: the names by which CAA records allow it, as a JSON list.
-- Learnt with the next order that is opened there, and taken down with it.
alter table acme_accounts add column caa_identities text not null default '[]';
