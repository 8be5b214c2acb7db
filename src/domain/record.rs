//! One DNS record as a person types it, and the three that a web domain's owner must publish.

use super::hostname::Hostname;
use super::setup::{DcvLabel, Token};
use serde::{Deserialize, Serialize};

/// A record type that Padlock asks people to publish, or finds in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    /// IPv4 address (RFC 1035).
    A,
    /// IPv6 address (RFC 3596).
    Aaaa,
    /// Alias (RFC 1034 §3.6.2).
    Cname,
    /// Text (RFC 1035 §3.3.14).
    Txt,
}

impl RecordType {
    /// The type's mnemonic, as in a zone file.
    #[must_use]
    pub const fn mnemonic(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Txt => "TXT",
        }
    }
}

/// What a record of the DNS Records panel is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Proves ownership and gives consent to issue.
    Validation,
    /// Leads the CA to the zone that Padlock serves, for the first certificate and every renewal.
    Dcv,
    /// Brings visitors to the edge.
    Routing,
}

impl Purpose {
    /// All three, in the panel's order.
    pub const ALL: [Self; 3] = [Self::Validation, Self::Dcv, Self::Routing];

    /// The word in the REST API and in `data-record`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Validation => "validation",
            Self::Dcv => "dcv",
            Self::Routing => "routing",
        }
    }

    /// The label in the panel.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Validation => "SSL Certificate Validation (TXT)",
            Self::Dcv => "SSL Certificate Validation (DCV)",
            Self::Routing => "Domain Routing",
        }
    }

    /// One plain line: what this record does.
    #[must_use]
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Validation => "Proves that your office controls this domain and agrees to a certificate for it.",
            Self::Dcv => {
                "Lets the certificate authority check the domain now and at every renewal, without asking you again."
            }
            Self::Routing => {
                "Sends visitors to us. You can add it last: the certificate is made ready before you switch."
            }
        }
    }
}

/// The provider's own names, from its configuration: what records point to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// First label of the validation TXT, such as `_padlock`.
    pub record_label: String,
    /// Zone that Padlock serves for challenges, without trailing dot.
    pub dcv_zone: String,
    /// Target of the Domain Routing CNAME, without trailing dot.
    pub edge_hostname: String,
}

/// A record that the domain's owner must publish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// What it is for.
    pub purpose: Purpose,
    /// Its type.
    #[serde(rename = "type")]
    pub rtype: RecordType,
    /// Its full name, without trailing dot.
    pub host: String,
    /// Its value: text for TXT, a name without trailing dot for CNAME.
    pub value: String,
}

/// The three records of a web domain; a wildcard domain has them at the parent name.
#[must_use]
pub fn wanted(hostname: &Hostname, token: &Token, label: &DcvLabel, place: &Place) -> Vec<Wanted> {
    let base = hostname.base();
    let routed = hostname.to_string();
    vec![
        Wanted {
            purpose: Purpose::Validation,
            rtype: RecordType::Txt,
            host: format!("{}.{base}", place.record_label),
            value: proof(token),
        },
        Wanted {
            purpose: Purpose::Dcv,
            rtype: RecordType::Cname,
            host: format!("_acme-challenge.{base}"),
            value: format!("{label}.{}", place.dcv_zone),
        },
        Wanted {
            purpose: Purpose::Routing,
            rtype: RecordType::Cname,
            host: routed,
            value: place.edge_hostname.clone(),
        },
    ]
}

/// What proves ownership: the text of the validation record, and of the token file.
#[must_use]
pub fn proof(token: &Token) -> String {
    format!("padlock-verification={token}")
}

/// `host` as DNS providers ask for it: relative to the zone, `@` for the zone itself.
#[must_use]
pub fn relative_host(host: &str, zone: &str) -> String {
    if host == zone {
        return "@".to_owned();
    }
    match host.strip_suffix(zone).and_then(|above| above.strip_suffix('.')) {
        Some(above) if !above.is_empty() => above.to_owned(),
        _ => host.to_owned(),
    }
}

/// Whether two DNS names are the same, whatever their case or trailing dot (RFC 4343).
#[must_use]
pub fn same_name(a: &str, b: &str) -> bool {
    a.trim_end_matches('.').eq_ignore_ascii_case(b.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            record_label: "_padlock".into(),
            dcv_zone: "dcv.padlock.net".into(),
            edge_hostname: "edge.padlock.net".into(),
        }
    }

    #[test]
    fn three_records_at_three_names() {
        let name = Hostname::parse_form("pay.court.gov").expect("a name");
        let (token, label) = (Token::from_stored("tok"), DcvLabel::from_stored("lab"));
        let records = wanted(&name, &token, &label, &place());
        let lines: Vec<String> =
            records.iter().map(|r| format!("{} {} {}", r.host, r.rtype.mnemonic(), r.value)).collect();
        assert_eq!(
            lines,
            [
                "_padlock.pay.court.gov TXT padlock-verification=tok",
                "_acme-challenge.pay.court.gov CNAME lab.dcv.padlock.net",
                "pay.court.gov CNAME edge.padlock.net",
            ]
        );
    }

    #[test]
    fn a_wildcard_has_its_records_at_the_parent() {
        let name = Hostname::parse_form("*.agency.gov").expect("a name");
        let records = wanted(&name, &Token::from_stored("t"), &DcvLabel::from_stored("l"), &place());
        let hosts: Vec<&str> = records.iter().map(|r| r.host.as_str()).collect();
        assert_eq!(hosts, ["_padlock.agency.gov", "_acme-challenge.agency.gov", "*.agency.gov"]);
    }

    #[test]
    fn hosts_are_shown_relative_to_their_zone() {
        assert_eq!(relative_host("_padlock.pay.court.gov", "court.gov"), "_padlock.pay");
        assert_eq!(relative_host("court.gov", "court.gov"), "@");
        assert_eq!(relative_host("supreme-court.gov", "court.gov"), "supreme-court.gov");
    }
}
