//! What the CA said last, in the catalogue's terms: its own words name the cause more closely than its error type does.

use crate::domain::catalogue::Code;
use crate::domain::finding::{Finding, Owner, Severity, printable};
use crate::domain::limits;
use crate::domain::observation::{CaWords, Observation};
use crate::domain::problem::{NOT_ON_SHOW, Problem, ProblemKind};

/// How CAs say what they met (Boulder's texts), and what it is in the catalogue; the first that fits counts.
const TEXTS: &[(&str, Code)] = &[
    ("during secondary validation", Code::HttpGeo),
    ("no txt record found", Code::RecMissing),
    ("incorrect txt record", Code::CaToken),
    ("nxdomain looking up", Code::RecMissing),
    ("dnssec: signature expired", Code::DnssecExpired),
    ("dnssec: dnskey missing", Code::DnssecDsOrphan),
    ("dnssec: nsec missing", Code::DnssecDenial),
    ("dnssec", Code::DnssecBogus),
    ("while processing caa", Code::CaaLookup),
    ("caa", Code::CaaForbids),
    ("no reachable authority", Code::NsUnreachable),
    ("servfail", Code::NsServfail),
    ("query timed out", Code::NsUnreachable),
    ("no valid a records", Code::RecMissing),
    ("timeout during", Code::HttpTimeout),
    ("connection refused", Code::HttpRefused),
    ("connection reset", Code::HttpFwAcme),
    ("http/2 over http", Code::HttpWrongProto),
    ("server only speaks http", Code::HttpWrongProto),
    ("redirect", Code::HttpRedirect),
    (": 403", Code::HttpWaf),
    (": 404", Code::Http404),
    ("key authorization file", Code::HttpBody),
];

/// The same for limits.
const LIMITS: &[(&str, Code)] = &[
    ("paused", Code::CaPaused),
    ("exact set", Code::CaRateExact),
    ("failed authorizations", Code::CaRateFail),
    ("failed validation", Code::CaRateFail),
    ("new orders", Code::CaRateOrders),
    ("limit_orders", Code::CaRateOrders),
    ("limit_name", Code::CaRateExact),
    ("limit_failures", Code::CaRateFail),
    (limits::FAILURES_SPENT, Code::CaRateFail),
];

/// The code of a CA's refusal.
#[must_use]
pub(super) fn code(problem: &Problem) -> Code {
    let text = format!("{} {}", problem.name, problem.detail).to_lowercase();
    let by = |table: &[(&str, Code)]| table.iter().find(|(mark, _)| text.contains(mark)).map(|(_, code)| *code);
    match problem.kind {
        ProblemKind::Outage => Code::CaOutage,
        ProblemKind::RateLimited => by(LIMITS).unwrap_or(Code::CaRateDomain),
        ProblemKind::Validation => by(TEXTS).unwrap_or(Code::CaToken),
        ProblemKind::CaaForbids => by(TEXTS).filter(|code| *code == Code::CaaLookup).unwrap_or(Code::CaaForbids),
        ProblemKind::Policy => Code::CaPolicy,
        ProblemKind::Expired => Code::CaExpired,
        ProblemKind::Account => Code::CaAccount,
        ProblemKind::BadCertificate => Code::CaCsr,
    }
}

/// The last refusal of each CA.
pub(super) fn findings(seen: &Observation) -> Vec<Finding> {
    seen.subject.setbacks.last().map(|words| one(seen, words)).into_iter().collect()
}

fn one(seen: &Observation, words: &CaWords) -> Finding {
    let (name, problem) = (&seen.subject.name, &words.problem);
    let (code, ours) = (code(problem), limits::is_ours(&problem.name));
    let severity = if words.harmless || words.retry_at <= seen.at { Severity::Warning } else { Severity::Blocking };
    let again = format!("We try again by ourselves on {}.", words.retry_at.date_time());
    let (title, fix) = title(name, problem, code);
    let explanation = if ours {
        format!("{}. {again}", printable(&problem.detail))
    } else {
        format!("No certificate was issued at the last try: {} {again}", printable(&problem.detail))
    };
    let found = Finding::new(code, title, explanation, fix).at(severity);
    if ours {
        return found.by(Owner::Nobody);
    }
    found.seen([format!("{}: {}, {}", printable(&problem.name), printable(&problem.detail), words.at.clock())])
}

fn title(name: &str, problem: &Problem, code: Code) -> (String, String) {
    match problem.kind {
        ProblemKind::Outage if problem.name == NOT_ON_SHOW => {
            ("Our own servers do not show the challenge's answer".into(), String::new())
        }
        ProblemKind::Outage => ("The certificate authority has trouble".into(), String::new()),
        ProblemKind::RateLimited if code == Code::CaPaused => (
            format!("The certificate authority paused {name}"),
            "Put right what stands beside this, then ask the Help Center to lift the pause.".into(),
        ),
        ProblemKind::RateLimited => ("The certificate authority's limit is reached".into(), String::new()),
        ProblemKind::Validation if code == Code::HttpGeo => (
            format!("{name} answers from some places and not from others"),
            "Lift blocks by country or network: certificate authorities check from several places.".into(),
        ),
        ProblemKind::Validation => (
            format!("The certificate authority could not validate {name}"),
            "Compare the DCV record with what the certificate authority says.".into(),
        ),
        ProblemKind::CaaForbids => (
            format!("A CAA record forbids our certificate authority for {name}"),
            "Add our certificate authority to the CAA record.".into(),
        ),
        ProblemKind::Policy => (
            format!("The certificate authority declines {name}"),
            "Ask the certificate authority to review the name.".into(),
        ),
        ProblemKind::Expired => ("The request lapsed".into(), String::new()),
        ProblemKind::Account => ("Our account at the certificate authority needs attention".into(), String::new()),
        ProblemKind::BadCertificate => ("The certificate that we got failed our checks".into(), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cas_own_words_name_the_cause() {
        for (kind, detail, want) in [
            (ProblemKind::Validation, "No TXT record found at _acme-challenge.x.test", Code::RecMissing),
            (ProblemKind::Validation, "Incorrect TXT record \"x\" (and 2 more) found", Code::CaToken),
            (ProblemKind::Validation, "DNS problem: looking up TXT: DNSSEC: Bogus", Code::DnssecBogus),
            (ProblemKind::Validation, "DNSSEC: Signature Expired", Code::DnssecExpired),
            (
                ProblemKind::Validation,
                "Fetching http://x: Timeout during connect (likely firewall problem)",
                Code::HttpTimeout,
            ),
            (ProblemKind::Validation, "During secondary validation: Fetching http://x: Timeout", Code::HttpGeo),
            (ProblemKind::Validation, "Fetching http://x: Connection refused", Code::HttpRefused),
            (ProblemKind::CaaForbids, "CAA record for x.test prevents issuance", Code::CaaForbids),
            (ProblemKind::CaaForbids, "While processing CAA for x.test: SERVFAIL", Code::CaaLookup),
            (
                ProblemKind::RateLimited,
                "too many certificates (5) already issued for this exact set of identifiers",
                Code::CaRateExact,
            ),
            (ProblemKind::RateLimited, "too many failed authorizations (5) for x", Code::CaRateFail),
            (ProblemKind::RateLimited, "too many certificates (50) already issued for court.gov", Code::CaRateDomain),
            (ProblemKind::RateLimited, "too many new orders (300) from this account", Code::CaRateOrders),
            (ProblemKind::RateLimited, "Your account is temporarily paused for x", Code::CaPaused),
        ] {
            let problem = Problem { kind, name: String::new(), detail: detail.into() };
            assert_eq!(code(&problem), want, "{detail}");
        }
    }
}
