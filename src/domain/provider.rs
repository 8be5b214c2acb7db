//! Who hosts a zone, told by its name servers' names, and how records are added there.
//!
//! A guess that is wrong sends people to the wrong place: where the servers belong to several providers, or to one that
//! is not in the table, nobody is named.

use super::providers::{AWS, PROVIDERS};

/// A DNS provider.
#[derive(Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name, as people know it.
    pub name: &'static str,
    /// What its name servers' names end in.
    pub(super) servers: &'static [&'static str],
    /// Where records are edited; `{zone}` stands for the zone's name.
    pub(super) console: &'static str,
    /// The way there, in the provider's own words.
    pub(super) path: &'static str,
    /// What it calls the host.
    pub(super) host: &'static str,
    /// What it calls the value.
    pub(super) value: &'static str,
    /// What goes wrong there most often.
    pub(super) beware: &'static str,
}

impl Provider {
    /// The provider of a zone with these name servers.
    #[must_use]
    pub fn of<'a>(servers: impl IntoIterator<Item = &'a str>) -> Option<&'static Self> {
        let mut servers = servers.into_iter();
        let first = servers.next()?;
        let found = PROVIDERS.iter().find(|provider| provider.has(first))?;
        servers.all(|server| found.has(server)).then_some(found)
    }

    fn has(&self, server: &str) -> bool {
        let server = server.trim_end_matches('.').to_ascii_lowercase();
        self.servers.iter().any(|end| match *end {
            AWS => is_aws(&server),
            end => server.strip_suffix(end).is_some_and(|rest| rest.ends_with('.')),
        })
    }

    /// Where records of this zone are edited.
    #[must_use]
    pub fn console_url(&self, zone: &str) -> String {
        // A zone's name is looked up in DNS before it gets here, but it is a stranger's all the same.
        let tame = zone.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
        self.console.replace("{zone}", if tame { zone } else { "" })
    }

    /// What to do there, step by step.
    #[must_use]
    pub fn steps(&self, zone: &str) -> Vec<String> {
        let (name, host, value) = (self.name, self.host, self.value);
        let mut steps = vec![
            format!("Sign in to {name} and open {}.", self.path.replace("{zone}", zone)),
            "For each record below, add a new record of the type that is shown.".to_owned(),
            format!(
                "Paste our host into {host} and our value or target into {value}. Leave the rest as it is, and save."
            ),
        ];
        if !self.beware.is_empty() {
            steps.push(self.beware.to_owned());
        }
        steps
    }
}

/// Amazon's names are spread over numbered domains: `ns-2048.awsdns-64.co.uk`.
fn is_aws(server: &str) -> bool {
    let mut labels = server.splitn(3, '.');
    let numbered = |label: Option<&str>, start: &str| {
        label.and_then(|label| label.strip_prefix(start)).is_some_and(|number| number.parse::<u16>().is_ok())
    };
    numbered(labels.next(), "ns-")
        && numbered(labels.next(), "awsdns-")
        && matches!(labels.next(), Some("com" | "net" | "org" | "co.uk"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Name servers as they stand in real delegations.
    const SEEN: &[(&str, &[&str])] = &[
        ("Cloudflare", &["ada.ns.cloudflare.com", "rick.ns.cloudflare.com"]),
        (
            "Amazon Route 53",
            &["ns-2048.awsdns-64.com", "ns-2049.awsdns-65.net", "ns-2050.awsdns-66.org", "ns-2051.awsdns-67.co.uk"],
        ),
        (
            "Azure DNS",
            &["ns1-04.azure-dns.com", "ns2-04.azure-dns.net", "ns3-04.azure-dns.org", "ns4-04.azure-dns.info"],
        ),
        ("Google Cloud DNS", &["ns-cloud-a1.googledomains.com", "ns-cloud-a2.googledomains.com"]),
        ("GoDaddy", &["ns51.domaincontrol.com", "ns52.domaincontrol.com"]),
        ("Namecheap", &["dns1.registrar-servers.com", "dns2.registrar-servers.com"]),
        ("Network Solutions", &["ns89.worldnic.com", "ns90.worldnic.com"]),
        ("IONOS", &["ns1042.ui-dns.com", "ns1042.ui-dns.org", "ns1042.ui-dns.de", "ns1042.ui-dns.biz"]),
        ("OVHcloud", &["dns104.ovh.net", "ns104.ovh.net"]),
        ("Gandi", &["ns-34-a.gandi.net", "ns-161-b.gandi.net", "ns-185-c.gandi.net"]),
        ("Hetzner", &["hydrogen.ns.hetzner.com", "oxygen.ns.hetzner.com", "helium.ns.hetzner.de"]),
        ("DigitalOcean", &["ns1.digitalocean.com", "ns2.digitalocean.com", "ns3.digitalocean.com"]),
        ("Akamai Edge DNS", &["a1-64.akam.net", "a11-66.akam.net", "a22-67.akam.net"]),
        ("Akamai Connected Cloud (Linode)", &["ns1.linode.com", "ns2.linode.com"]),
        ("NS1", &["dns1.p01.nsone.net", "dns2.p01.nsone.net"]),
        ("UltraDNS", &["pdns1.ultradns.net", "pdns3.ultradns.org", "pdns6.ultradns.co.uk"]),
        ("DNSimple", &["ns1.dnsimple.com", "ns2.dnsimple-edge.net", "ns3.dnsimple.com", "ns4.dnsimple-edge.org"]),
        ("DNS Made Easy", &["ns10.dnsmadeeasy.com", "ns11.dnsmadeeasy.com"]),
        ("Vultr", &["ns1.vultr.com", "ns2.vultr.com"]),
        ("Vercel", &["ns1.vercel-dns.com", "ns2.vercel-dns.com"]),
        ("Wix", &["ns10.wixdns.net", "ns11.wixdns.net"]),
        ("WordPress.com", &["ns1.wordpress.com", "ns2.wordpress.com", "ns3.wordpress.com"]),
        (
            "Porkbun",
            &[
                "curitiba.ns.porkbun.com",
                "fortaleza.ns.porkbun.com",
                "maceio.ns.porkbun.com",
                "salvador.ns.porkbun.com",
            ],
        ),
        ("Hostinger", &["ns1.dns-parking.com", "ns2.dns-parking.com"]),
        ("DreamHost", &["ns1.dreamhost.com", "ns2.dreamhost.com", "ns3.dreamhost.com"]),
        ("ClouDNS", &["pns31.cloudns.net", "pns32.cloudns.net"]),
        ("Hurricane Electric", &["ns1.he.net", "ns2.he.net", "ns3.he.net"]),
        ("CSC", &["dns1.cscdns.net", "dns2.cscdns.net"]),
    ];

    #[test]
    fn every_provider_is_told_by_its_real_name_servers() {
        assert!(PROVIDERS.len() >= 25);
        for (name, servers) in SEEN {
            let found = Provider::of(servers.iter().copied()).map(|provider| provider.name);
            assert_eq!(found, Some(*name), "{servers:?}");
            let dotted: Vec<String> = servers.iter().map(|server| format!("{}.", server.to_uppercase())).collect();
            assert_eq!(Provider::of(dotted.iter().map(String::as_str)).map(|p| p.name), Some(*name), "{dotted:?}");
        }
        let named: BTreeSet<&str> = SEEN.iter().map(|(name, _)| *name).collect();
        assert_eq!(named, PROVIDERS.iter().map(|provider| provider.name).collect());
    }

    #[test]
    fn nobody_is_named_when_the_servers_do_not_agree() {
        for servers in [
            &[] as &[&str],
            &["ns1.court.gov"],
            &["ada.ns.cloudflare.com", "ns-2048.awsdns-64.com"],
            &["ns1.digitalocean.com", "ns1.court.gov"],
            &["evilns.cloudflare.com.attacker.test"],
            &["notdigitalocean.com"],
            &["ns-1.awsdns.com"],
            &["ns-1.awsdns-64.com.attacker.test"],
            &["ns-1.awsdns-x.com"],
        ] {
            assert_eq!(Provider::of(servers.iter().copied()), None, "{servers:?}");
        }
    }

    #[test]
    fn links_lead_to_the_provider_whatever_the_zone_is_called() {
        for provider in PROVIDERS {
            for zone in ["court.gov", "a\"><script>", "x/../..", "%2e"] {
                let url = provider.console_url(zone);
                assert!(url.starts_with("https://") && !url.contains(['"', '<', '{', ' ']), "{url}");
            }
            assert!(provider.steps("court.gov").len() >= 3);
            assert!(provider.steps("court.gov").iter().all(|step| !step.contains('{')));
        }
        let to_zone = PROVIDERS.iter().filter(|provider| provider.console_url("court.gov").contains("court.gov"));
        let named: Vec<&str> = to_zone.map(|provider| provider.name).collect();
        let known = "Cloudflare, GoDaddy, Namecheap, IONOS, OVHcloud, DigitalOcean, Vultr, Vercel, WordPress.com, Porkbun, Hostinger, DreamHost";
        assert_eq!(named.join(", "), known);
    }
}
