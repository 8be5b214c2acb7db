-- A person may belong to several customers, with a role in each.

-- As with the other engine, everybody signs in again.
delete from sessions;

-- Who may do what where. A person without a row here may do nothing.
create table memberships (
    user_id text not null references users (id),
    customer text references customers (id), -- none: with the provider, at every customer
    role text not null check (role in ('operator', 'support', 'manager', 'viewer')),
    created_at bigint not null,
    check ((customer is null) = (role in ('operator', 'support')))
);
insert into memberships select id, customer, role, created_at from users;
alter table users drop column role, drop column customer;
create unique index memberships_one on memberships (user_id, customer) where customer is not null;
create unique index memberships_house on memberships (user_id) where customer is null;
create index memberships_customer on memberships (customer, user_id);
