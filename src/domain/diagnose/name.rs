//! The name itself: whether a CA could issue for it at all, and whether an alias can stand at it.

use crate::domain::catalogue::Code;
use crate::domain::finding::Finding;
use crate::domain::hostname::NameProblem;
use crate::domain::observation::Observation;
use crate::domain::setup::SslValidation;

/// Findings on the name.
pub(super) fn findings(seen: &Observation) -> Vec<Finding> {
    let name = &seen.subject.name;
    let mut found = Vec::new();
    if seen.subject.wildcard && seen.subject.validation == Some(SslValidation::Http) {
        found.push(Finding::new(
            Code::WildcardMethod,
            format!("*.{name} can't be validated over HTTP"),
            "Certificate authorities issue a wildcard only when DNS proves control of the domain.".into(),
            "Switch the domain's SSL validation to DNS in its settings.".into(),
        ));
    }
    let arrives = super::routing::arrives(seen);
    if !seen.subject.wildcard && name == seen.zone() && !arrives {
        found.push(apex_name(name));
    }
    found
}

/// What follows for a name that is a zone's own.
#[must_use]
pub fn apex_name(name: &str) -> Finding {
    Finding::new(
        Code::NameApex,
        format!("{name} is the zone's own name, where no CNAME can stand"),
        format!("{name} also holds the zone's SOA and NS records, and a CNAME must be alone (RFC 1034 §3.6.2)."),
        format!(
            "Use a name below it, such as portal.{name}; or an ALIAS or ANAME record, where your DNS host has one."
        ),
    )
}

/// What is wrong with a name that could not be parsed.
#[must_use]
pub fn refused_name(problem: &NameProblem) -> Finding {
    let code = Code::from_word(problem.code()).unwrap_or(Code::NameInvalid);
    let fix = match problem {
        NameProblem::Dressed { cleaned: Some(cleaned) } => format!("Use {cleaned}."),
        NameProblem::Suffix(_) => "Use a name under your own domain.".into(),
        _ => "Correct the name.".into(),
    };
    Finding::new(code, "This name can't be a web domain".into(), problem.to_string(), fix)
}
