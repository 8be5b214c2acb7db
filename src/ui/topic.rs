//! The parts of the help page: where each stands, what it is called, and which of them a finding leads to.

use crate::domain::catalogue::Code;

/// A part of the help page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// What SSL and HTTPS are.
    Https,
    /// From Add Web Domain to live.
    Live,
    /// What each record does.
    Records,
    /// The usual slips.
    Places,
    /// A status that is not Active.
    NotActive,
    /// A certificate that does not come.
    NotIssuing,
    /// A browser that refuses to open the site.
    Handshake,
    /// Every status.
    Statuses,
    /// Every finding.
    Findings,
}

impl Topic {
    /// All of them, in the page's order.
    pub const ALL: [Self; 9] = [
        Self::Https,
        Self::Live,
        Self::Records,
        Self::Places,
        Self::NotActive,
        Self::NotIssuing,
        Self::Handshake,
        Self::Statuses,
        Self::Findings,
    ];

    /// Its place on the page.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Live => "live",
            Self::Records => "records",
            Self::Places => "places",
            Self::NotActive => "status-not-active",
            Self::NotIssuing => "certificate-not-issuing",
            Self::Handshake => "handshake-failed",
            Self::Statuses => "statuses",
            Self::Findings => "findings",
        }
    }

    /// Its heading.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Https => "What SSL and HTTPS are",
            Self::Live => "How a web domain goes live",
            Self::Records => "The three records, and what each is for",
            Self::Places => "When a record is not found",
            Self::NotActive => "Status not active",
            Self::NotIssuing => "Certificate not issuing",
            Self::Handshake => "SSL handshake failed",
            Self::Statuses => "What each status means",
            Self::Findings => "What each finding means",
        }
    }

    /// Its address.
    #[must_use]
    pub fn address(self) -> String {
        format!("/help#{}", self.id())
    }

    /// The part that says more of a finding, by its code; none where the finding says it all.
    #[must_use]
    pub fn about(code: &str) -> Option<Self> {
        match Code::from_word(code)? {
            Code::Disabled | Code::NameClaimed | Code::Moved | Code::Proxied => Some(Self::NotActive),
            Code::AddrMixed | Code::AaaaStray => Some(Self::Handshake),
            other => Self::of_family(other),
        }
    }

    /// Of the families whose words begin alike: what keeps a CA from issuing, and what visitors are shown.
    fn of_family(code: Code) -> Option<Self> {
        let (family, _) = code.word().split_once('_')?;
        match family {
            "ca" | "caa" | "dnssec" => Some(Self::NotIssuing),
            "tls" | "hsts" => Some(Self::Handshake),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_parts_share_a_place_or_a_heading() {
        let ids: HashSet<_> = Topic::ALL.iter().map(|topic| topic.id()).collect();
        let headings: HashSet<_> = Topic::ALL.iter().map(|topic| topic.heading()).collect();
        assert_eq!((ids.len(), headings.len()), (Topic::ALL.len(), Topic::ALL.len()));
    }

    #[test]
    fn a_finding_leads_to_what_people_call_it() {
        let about = |codes: &[Code], topic| {
            for code in codes {
                assert_eq!(Topic::about(code.word()), topic, "{}", code.word());
            }
        };
        about(&[Code::TlsHandshake, Code::TlsWrongCert, Code::HstsLocked, Code::AaaaStray], Some(Topic::Handshake));
        about(&[Code::CaaForbids, Code::CaOutage, Code::CaRateDomain, Code::DnssecBogus], Some(Topic::NotIssuing));
        about(&[Code::Moved, Code::Disabled, Code::Proxied], Some(Topic::NotActive));
        about(&[Code::RecMissing, Code::FirstCheck, Code::UpChain], None);
        assert_eq!(Topic::about("of_a_newer_server"), None);
    }
}
