//! The configuration with types: parsed once at start, then handed to the owners of each part.

use super::authorities::{Authority, authorities};
use super::blocklists;
use super::config::{ConfigProblem, Layers, Origin};
use super::handout::Handout;
use super::keys::{KEYS, Key};
use super::roles::Roles;
use super::secure;
use super::targets::targets;
use crate::console::pace::Rates;
use crate::domain::record::Place;
use crate::mail::{MailProblem, Mailer};
use crate::oidc::OidcSettings;
use crate::targets::TargetSettings;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

/// Everything that `padlock serve` needs to know.
#[derive(Clone)]
pub struct Settings {
    /// Where facts are kept; may hold a password.
    pub database_url: String,
    /// Console and REST API.
    pub console_addr: SocketAddr,
    /// Base of links.
    pub public_url: String,
    /// Proxies that are believed about where a request comes from.
    pub trusted_proxies: Arc<[IpNet]>,
    /// How often the Console may be asked.
    pub rates: Rates,
    /// Where people sign in besides.
    pub oidc: Option<OidcSettings>,
    /// Parts that this node runs.
    pub roles: Roles,
    /// Certificate authorities, the preferred one first.
    pub authorities: Vec<Authority>,
    /// Validating resolvers; the system's when empty.
    pub dns_resolvers: Vec<SocketAddr>,
    /// Port of authoritative servers.
    pub dns_port: u16,
    /// What customers' records point to.
    pub place: Place,
    /// Address of the DCV zone's server.
    pub dcv_addr: SocketAddr,
    /// Its UDP answers a second to one network; zero is no limit.
    pub dcv_rate: u32,
    /// Names of the DCV zone's servers.
    pub dcv_ns: Vec<String>,
    /// The edge's addresses.
    pub edge_http_addr: SocketAddr,
    /// See [`Self::edge_http_addr`].
    pub edge_https_addr: SocketAddr,
    /// Where other nodes reach this edge over HTTPS.
    pub edge_advertise_addr: Option<SocketAddr>,
    /// Where Caddy fetches certificates.
    pub handout: Option<Handout>,
    /// Servers that receive each certificate.
    pub targets: Vec<TargetSettings>,
    /// Alias and upstream URL.
    pub services: Vec<(String, String)>,
    /// Master key.
    pub master_key_file: PathBuf,
    /// Master keys that only open.
    pub master_key_other_files: Vec<PathBuf>,
    /// Sends mail.
    pub mailer: Option<Mailer>,
    /// The provider's own name.
    pub brand: String,
    /// Where help is.
    pub help_center: Option<String>,
    /// Whether keys of certificates that are obtained here may be exported.
    pub export_keys: bool,
    /// Ranges that probes may reach though not public.
    pub allow_private: Vec<String>,
    /// Suffixes accepted beside the public list.
    pub private_suffixes: Vec<String>,
    /// Where HTTP probes connect.
    pub probe_http_port: u16,
    /// Where HTTPS probes connect.
    pub probe_https_port: u16,
    /// DNS blocklists that Monitoring Reports ask.
    pub dnsbl: Vec<String>,
    /// The list of registries that are asked about domains that are not in DNS.
    pub rdap: Option<String>,
    /// The list of compromised keys that is asked about certificates in use.
    pub compromised_keys: Option<String>,
    /// Script and styles.
    pub site_root: PathBuf,
    /// Log filter.
    pub log: String,
    /// Log lines as JSON.
    pub log_json: bool,
}

impl Settings {
    /// Whether people reach the Console over HTTPS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Types the layers.
    ///
    /// # Errors
    /// The first key whose value is missing or does not fit.
    pub fn typed(layers: &Layers) -> Result<Self, ConfigProblem> {
        let read = Reader { layers };
        let database_url = read.required("database_url")?;
        let dcv_zone = read.name("dcv_zone")?;
        let parent = dcv_zone.split_once('.').map_or(dcv_zone.as_str(), |(_, parent)| parent);
        let mut dcv_ns = read.list("dcv_ns")?;
        if dcv_ns.is_empty() {
            dcv_ns.push(format!("ns1.{parent}"));
        }
        let ports: Vec<u16> = read.parsed_list("probe_ports", "two ports, such as 80,443")?;
        let &[probe_http_port, probe_https_port] = ports.as_slice() else {
            return Err(read.wrong("probe_ports", "expected two ports, such as 80,443"));
        };
        Ok(Self {
            master_key_file: read.optional("master_key_file")?.map_or_else(|| beside(&database_url), PathBuf::from),
            master_key_other_files: read.list("master_key_other_files")?.into_iter().map(PathBuf::from).collect(),
            console_addr: read.parsed("console_addr", "an address such as 127.0.0.1:3000")?,
            public_url: read.url("public_url")?,
            trusted_proxies: read.ranges("trusted_proxies")?,
            rates: Rates {
                caller: read.parsed("api_rate", "a number of calls a minute")?,
                stranger: read.parsed("stranger_rate", "a number of calls a minute")?,
                renewal: read.parsed("renewal_rate", "a number of renewals an hour")?,
            },
            oidc: read.oidc()?,
            roles: read.roles()?,
            authorities: authorities(layers)?,
            dns_resolvers: read.parsed_list("dns_resolvers", "addresses such as 192.0.2.53:53")?,
            dns_port: read.parsed("dns_port", "a port")?,
            place: Place {
                record_label: read.record_label()?,
                dcv_zone: dcv_zone.clone(),
                edge_hostname: read.name("edge_hostname")?,
            },
            dcv_addr: read.parsed("dcv_addr", "an address such as 0.0.0.0:53")?,
            dcv_rate: read.parsed("dcv_rate", "a number of answers a second")?,
            dcv_ns,
            edge_http_addr: read.parsed("edge_http_addr", "an address such as 0.0.0.0:80")?,
            edge_https_addr: read.parsed("edge_https_addr", "an address such as 0.0.0.0:443")?,
            edge_advertise_addr: read.parsed_list("edge_advertise_addr", "an address such as 192.0.2.10:443")?.pop(),
            handout: read.handout()?,
            targets: targets(layers)?,
            services: read.services()?,
            mailer: read.mailer()?,
            brand: read.required("brand")?,
            help_center: read.optional("help_center")?,
            export_keys: read.parsed("export_keys", "true or false")?,
            allow_private: read.list("allow_private")?,
            private_suffixes: read
                .list("private_suffixes")?
                .iter()
                .map(|s| s.trim_matches('.').to_lowercase())
                .collect(),
            probe_http_port,
            probe_https_port,
            dnsbl: blocklists::sound(read.list("dnsbl")?).map_err(|why| read.wrong("dnsbl", why))?,
            rdap: secure::or_off(read.required("rdap")?).map_err(|why| read.wrong("rdap", why))?,
            compromised_keys: secure::or_off(read.required("compromised_keys")?)
                .map_err(|why| read.wrong("compromised_keys", why))?,
            site_root: PathBuf::from(read.required("site_root")?),
            log: read.required("log")?,
            log_json: read.log_format()?,
            database_url,
        })
    }
}

struct Reader<'a> {
    layers: &'a Layers,
}

impl Reader<'_> {
    fn key(name: &str) -> &'static Key {
        // The table is a constant of ours; a name that is not in it is caught by the first test that runs.
        KEYS.iter().find(|key| key.name == name).unwrap_or(&KEYS[0])
    }

    fn optional(&self, name: &str) -> Result<Option<String>, ConfigProblem> {
        let value = self.layers.value(Self::key(name)).map(|(value, _)| value.trim().to_owned());
        Ok(value.filter(|value| !value.is_empty()))
    }

    fn required(&self, name: &str) -> Result<String, ConfigProblem> {
        self.optional(name)?.ok_or_else(|| ConfigProblem::Missing(Self::key(name)))
    }

    fn wrong(&self, name: &str, why: impl Into<String>) -> ConfigProblem {
        let key = Self::key(name);
        let origin = self.layers.value(key).map_or(Origin::Default, |(_, origin)| origin);
        ConfigProblem::Value { key: key.name, origin, why: why.into() }
    }

    fn parsed<T: FromStr>(&self, name: &str, what: &str) -> Result<T, ConfigProblem> {
        let value = self.required(name)?;
        value.parse().map_err(|_| self.wrong(name, format!("{value:?} is not {what}")))
    }

    fn list(&self, name: &str) -> Result<Vec<String>, ConfigProblem> {
        let value = self.optional(name)?.unwrap_or_default();
        Ok(value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
    }

    fn parsed_list<T: FromStr>(&self, name: &str, what: &str) -> Result<Vec<T>, ConfigProblem> {
        self.list(name)?
            .iter()
            .map(|item| item.parse().map_err(|_| self.wrong(name, format!("{item:?} does not fit: expected {what}"))))
            .collect()
    }

    /// Address ranges; an address alone is a range of one.
    fn ranges(&self, name: &str) -> Result<Arc<[IpNet]>, ConfigProblem> {
        let range = |item: &String| {
            let read = item.parse::<IpNet>().or_else(|_| item.parse::<IpAddr>().map(IpNet::from));
            read.map_err(|_| self.wrong(name, format!("{item:?} is not an address range such as 10.0.0.0/8")))
        };
        self.list(name)?.iter().map(range).collect()
    }

    fn name(&self, name: &str) -> Result<String, ConfigProblem> {
        let value = self.required(name)?.trim_end_matches('.').to_lowercase();
        let sound = |label: &str| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if value.len() <= 200 && value.contains('.') && value.split('.').all(sound) {
            return Ok(value);
        }
        Err(self.wrong(name, format!("{value:?} is not a DNS name such as edge.example.net")))
    }

    fn url(&self, name: &str) -> Result<String, ConfigProblem> {
        let value = self.required(name)?;
        secure::base(&value).ok_or_else(|| self.wrong(name, format!("{value:?} is not an http or https URL")))
    }

    /// A mail server and a sender, or neither.
    fn mailer(&self) -> Result<Option<Mailer>, ConfigProblem> {
        let (server, sender) = (self.optional("smtp_url")?, self.optional("mail_from")?);
        let Some(server) = server else { return Ok(None) };
        let sender = sender.ok_or_else(|| ConfigProblem::Missing(Self::key("mail_from")))?;
        // The URL may hold a password: it is not repeated.
        let wrong = |problem| match problem {
            MailProblem::Address(_) => self.wrong("mail_from", "expected an address, such as padlock@example.net"),
            _ => self.wrong("smtp_url", "expected a mail server, such as smtps://user:password@host"),
        };
        Mailer::new(&server, &sender).map(Some).map_err(wrong)
    }

    /// A private address and a secret, or neither.
    fn handout(&self) -> Result<Option<Handout>, ConfigProblem> {
        if self.optional("handout_addr")?.is_none() {
            return Ok(None);
        }
        let address = self.parsed("handout_addr", "an address such as 127.0.0.1:7080")?;
        Handout::new(address, &self.required("handout_token")?).map(Some).map_err(|why| self.wrong("handout_addr", why))
    }

    /// An OpenID provider and what it calls us, or neither.
    fn oidc(&self) -> Result<Option<OidcSettings>, ConfigProblem> {
        if self.optional("oidc_issuer")?.is_none() {
            return Ok(None);
        }
        // As it is written: the provider names itself so, to the last slash.
        let issuer = self.required("oidc_issuer")?;
        secure::url(&issuer).map_err(|why| self.wrong("oidc_issuer", why))?;
        Ok(Some(OidcSettings {
            issuer,
            client_id: self.required("oidc_client_id")?,
            client_secret: self.optional("oidc_client_secret")?,
            label: self.required("oidc_label")?,
            redirect_url: format!("{}/sign-in/openid/back", self.url("public_url")?),
        }))
    }

    fn record_label(&self) -> Result<String, ConfigProblem> {
        let value = self.required("record_label")?.to_lowercase();
        let sound = value.len() <= 30
            && value
                .strip_prefix('_')
                .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
            && value != "_acme-challenge";
        if sound {
            Ok(value)
        } else {
            Err(self.wrong("record_label", "expected an underscore and a word, such as _padlock"))
        }
    }

    fn log_format(&self) -> Result<bool, ConfigProblem> {
        match self.required("log_format")?.as_str() {
            "text" => Ok(false),
            "json" => Ok(true),
            other => Err(self.wrong("log_format", format!("{other:?} is neither text nor json"))),
        }
    }

    fn roles(&self) -> Result<Roles, ConfigProblem> {
        Roles::named(&self.list("roles")?).map_err(|why| self.wrong("roles", why))
    }

    fn services(&self) -> Result<Vec<(String, String)>, ConfigProblem> {
        self.list("services")?
            .iter()
            .map(|item| match item.split_once('=') {
                Some((alias, url))
                    if !alias.trim().is_empty()
                        && !alias.contains(char::is_control)
                        && url::Url::parse(url.trim()).is_ok_and(|u| matches!(u.scheme(), "http" | "https")) =>
                {
                    Ok((alias.trim().to_owned(), url.trim().to_owned()))
                }
                _ => Err(self.wrong("services", format!("{item:?} is not name=url with an http or https URL"))),
            })
            .collect()
    }
}

/// Where the master key lies when nobody says: beside a SQLite file, else in the working folder.
fn beside(database_url: &str) -> PathBuf {
    let file = database_url.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//"));
    let path = file.and_then(|file| file.split('?').next()).map(PathBuf::from).unwrap_or_default();
    path.parent().map(PathBuf::from).unwrap_or_default().join("padlock.master.key")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(flags: &[(&'static str, &str)]) -> Result<Settings, ConfigProblem> {
        let needed = [("dcv_zone", "dcv.example.net"), ("edge_hostname", "edge.example.net")];
        let all: Vec<(&'static str, String)> =
            needed.iter().chain(flags).map(|(name, value)| (*name, (*value).to_owned())).collect();
        Settings::typed(&Layers::read(None, &all)?)
    }

    #[test]
    fn the_defaults_are_the_contracts() {
        let settings = typed(&[]).map_err(|e| e.to_string()).expect("complete");
        assert_eq!(settings.console_addr.to_string(), "127.0.0.1:3000");
        assert_eq!(settings.dcv_ns, ["ns1.example.net"]);
        assert_eq!(settings.master_key_file, PathBuf::from("padlock.master.key"));
        assert!(settings.roles.console && settings.roles.worker && settings.roles.dns && settings.roles.edge);
    }

    #[test]
    fn what_does_not_fit_names_its_key() {
        for (name, value) in [
            ("console_addr", "3000"),
            ("roles", "console,cook"),
            ("dcv_zone", "net"),
            ("services", "x"),
            ("services", "=https://app.example.net"),
            ("services", "a\tb=https://app.example.net"),
            ("public_url", "ftp://x"),
            ("record_label", "_acme-challenge"),
            ("probe_ports", "80"),
            ("dns_resolvers", "1.1.1.1"),
            ("trusted_proxies", "10.0.0.0/33"),
            ("api_rate", "often"),
        ] {
            let problem = typed(&[(name, value)]).err().expect(name).to_string();
            assert!(problem.contains(name), "{name}: {problem}");
        }
    }

    #[test]
    fn every_key_that_settings_read_is_in_the_table() {
        let source = include_str!("settings.rs");
        for call in ["required(\"", "optional(\"", "parsed(\"", "list(\"", "ranges(\"", "name(\"", "url(\""] {
            for (at, _) in source.match_indices(call) {
                let rest = &source[at + call.len()..];
                let name = rest.split('"').next().unwrap_or_default();
                assert!(KEYS.iter().any(|key| key.name == name), "{name}");
            }
        }
    }
}
