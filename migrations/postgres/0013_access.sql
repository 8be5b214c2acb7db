-- Tokens that only read, and that end with whoever made them; people who may not sign in for now.
alter table api_tokens add column read_only bigint not null default 0;
alter table api_tokens add column made_by text; -- the person; none at the command line. It leads nowhere
alter table users add column disabled_at bigint;
