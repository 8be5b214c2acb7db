-- A person may belong to several customers, with a role in each.

-- The table of people is made anew, and sessions lead to it: everybody signs in again.
delete from sessions;
create table people (
    id text not null primary key,
    email text not null,                -- as typed
    email_key text not null unique,     -- lower case: addresses are told apart case-blind
    password_hash text not null,        -- argon2id, in PHC string form
    created_at integer not null
) strict;
insert into people select id, email, email_key, password_hash, created_at from users;

-- Who may do what where. A person without a row here may do nothing.
create table memberships (
    user_id text not null references people (id),
    customer text references customers (id), -- none: with the provider, at every customer
    role text not null check (role in ('operator', 'support', 'manager', 'viewer')),
    created_at integer not null,
    check ((customer is null) = (role in ('operator', 'support')))
) strict;
insert into memberships select id, customer, role, created_at from users;
drop table users;
alter table people rename to users;
create unique index memberships_one on memberships (user_id, customer) where customer is not null;
create unique index memberships_house on memberships (user_id) where customer is null;
create index memberships_customer on memberships (customer, user_id);
