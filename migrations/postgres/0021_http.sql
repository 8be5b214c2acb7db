-- Answers of HTTP-01 challenges on show: what the edge of every node must give (RFC 8555 section 8.3).
create table http_challenges (
    hostname text not null,
    key_authorization text not null,    -- begins with the token, which names the file
    domain text not null references domains (id),
    order_id text not null references orders (id),
    shown_at bigint not null,
    primary key (hostname, key_authorization)
);
create index http_challenges_domain on http_challenges (domain);
-- Who else ever claimed a name: token files of a name that several customers claimed are not answered for them.
create index ownership_tokens_hostname on ownership_tokens (hostname);
-- Domains that are verified by a token file.
create index domains_by_file on domains (id) where verification_method = 'http' and removed_at is null;
