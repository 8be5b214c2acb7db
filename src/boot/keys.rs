//! The configuration's keys: name, default, and one line of help each. `config.rs` reads them, `settings.rs` types them.

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name in the file; in the environment `PADLOCK_` and upper case.
    pub name: &'static str,
    /// Its value when nobody sets it.
    pub default: Option<&'static str>,
    /// Never shown.
    pub secret: bool,
    /// What it means.
    pub help: &'static str,
}

const fn key(name: &'static str, default: Option<&'static str>, help: &'static str) -> Key {
    Key { name, default, secret: false, help }
}

/// The keys of a single certificate authority; several stand in `[[ca]]` tables of the file.
pub static ACME_KEYS: [Key; 7] = [
    key("acme_directory", Some("https://acme-staging-v02.api.letsencrypt.org/directory"), "ACME directory URL"),
    key("acme_root", None, "PEM file of extra roots for the directory's own HTTPS"),
    key("acme_contact", None, "account contact address"),
    key("acme_caa", None, "names by which CAA records allow this CA, comma-separated"),
    key("acme_profile", None, "the profile to order by, one of those that the directory offers"),
    key("acme_eab_kid", None, "identifier of the key of an account that you have with the CA"),
    Key { secret: true, ..key("acme_eab_hmac_key", None, "that key, in base64url") },
];

/// Every key, in the order of the README's table.
pub static KEYS: &[Key] = &[
    Key {
        secret: true,
        ..key("database_url", Some("sqlite://padlock.db"), "SQLite file, or postgres://… for several nodes")
    },
    key(
        "console_addr",
        Some("127.0.0.1:3000"),
        "address of the Console and REST API; of health and metrics alone without the role console",
    ),
    key("public_url", Some("http://127.0.0.1:3000"), "base of links in mails; never taken from Host"),
    key(
        "trusted_proxies",
        Some(""),
        "address ranges of proxies before the Console, which are believed about where a request comes from",
    ),
    key("api_rate", Some("3000"), "calls of one token or person a minute, over REST and from pages; 0: no limit"),
    key("stranger_rate", Some("600"), "the same of one address, where nobody is known"),
    key("renewal_rate", Some("30"), "renewals that may be asked for of one customer's domains an hour; 0: no limit"),
    key("oidc_issuer", None, "issuer URL of an OpenID provider, where people may sign in besides"),
    key("oidc_client_id", None, "what it calls this Console"),
    Key { secret: true, ..key("oidc_client_secret", None, "what it knows this Console by") },
    key("oidc_label", Some("single sign-on"), "what people call it, as in \"Sign in with …\""),
    key("roles", Some("console,worker,dns,edge"), "which parts this node runs"),
    ACME_KEYS[0],
    ACME_KEYS[1],
    ACME_KEYS[2],
    ACME_KEYS[3],
    ACME_KEYS[4],
    ACME_KEYS[5],
    ACME_KEYS[6],
    key("dns_resolvers", None, "validating resolvers, comma-separated ip:port; the system's when unset"),
    key("dns_port", Some("53"), "port used when asking authoritative servers directly"),
    key("dcv_zone", None, "zone that Padlock serves for challenges, such as dcv.example.net"),
    key("dcv_addr", Some("0.0.0.0:53"), "UDP and TCP address of that zone's server"),
    key(
        "dcv_rate",
        Some("100"),
        "its UDP answers a second to one network (/24, /56), the others go by TCP; 0: no limit",
    ),
    key("dcv_ns", None, "names of that zone's servers, comma-separated; ns1.<parent of the zone> when unset"),
    key("edge_hostname", None, "target of the Domain Routing CNAME, such as edge.example.net"),
    key("edge_http_addr", Some("0.0.0.0:80"), "the edge's HTTP address"),
    key("edge_https_addr", Some("0.0.0.0:443"), "the edge's HTTPS address"),
    key(
        "edge_advertise_addr",
        None,
        "where other nodes reach this edge over HTTPS; edge_https_addr when that names an address",
    ),
    key(
        "handout_addr",
        None,
        "private address where Caddy fetches certificates with their keys (get_certificate http)",
    ),
    Key { secret: true, ..key("handout_token", None, "what those addresses end in, 32 characters or more") },
    key("services", None, "Alias → upstream URL, as name=url, comma-separated; a built-in page when unset"),
    key("master_key_file", None, "key that encrypts private keys at rest; created beside the database when unset"),
    key(
        "master_key_other_files",
        None,
        "further master keys that only open, comma-separated, while one replaces another",
    ),
    Key { secret: true, ..key("smtp_url", None, "mail server, such as smtps://user:password@host") },
    key("mail_from", None, "sender of mails"),
    key("brand", Some("Padlock"), "the provider's own name in pages and mails"),
    key("help_center", None, "where \"contact the Help Center\" points"),
    key("export_keys", Some("false"), "whether private keys of certificates that are obtained here may be exported"),
    key("record_label", Some("_padlock"), "first label of the validation TXT"),
    key("allow_private", Some(""), "address ranges that probes may reach though they are not public"),
    key("private_suffixes", Some(""), "suffixes outside the public list under which domains are accepted"),
    key("probe_ports", Some("80,443"), "where HTTP and HTTPS probes connect"),
    key(
        "dnsbl",
        None,
        "DNS blocklists that Monitoring Reports ask, comma-separated; one of names, not addresses, as name:zone",
    ),
    key(
        "rdap",
        Some("https://data.iana.org/rdap/dns.json"),
        "list of the registries that are asked about domains that are not in DNS; off: none",
    ),
    key(
        "compromised_keys",
        Some("off"),
        "list of compromised keys that is asked about certificates in use, such as https://v1.pwnedkeys.com; off: none",
    ),
    key("site_root", Some("target/site"), "folder of the Console's script and styles"),
    key("log", Some("info"), "what is logged, as a tracing filter"),
    key("log_format", Some("text"), "text or json"),
];
