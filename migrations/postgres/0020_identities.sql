-- Who a person is at an OpenID provider: its issuer and the name that it gives them for ever.
create table identities (
    issuer text not null,
    subject text not null,
    user_id text not null references users (id),
    created_at bigint not null,
    primary key (issuer, subject),
    constraint identities_one_of_issuer unique (issuer, user_id)  -- an address that went to somebody else is no way in
);
