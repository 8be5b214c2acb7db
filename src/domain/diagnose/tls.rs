//! The certificate as it is served: at each address that visitors reach, and at each edge.

use super::routing::is_ours;
use crate::domain::catalogue::Code;
use crate::domain::finding::{Finding, Owner, Severity, printable};
use crate::domain::hostname::covers;
use crate::domain::observation::{Handshake, Leaf, Observation, Shown};

/// Findings on TLS.
pub(super) fn findings(seen: &Observation) -> Vec<Finding> {
    // While a name of the Console leads elsewhere, what is served there is another site's own matter.
    let counts = |one: &&Handshake| seen.subject.validation.is_none() || is_ours(seen, one.address);
    let met: Vec<&Handshake> =
        seen.handshakes.iter().filter(counts).filter(|one| one.shown != Shown::Private).collect();
    let evidence = || met.iter().map(|one| words(one));
    // Before there is a certificate of ours, an edge that shows none does what it should.
    let awaited = seen.subject.held.is_some() || seen.subject.validation.is_none();
    if met.is_empty() || !awaited {
        return Vec::new();
    }
    let right = |one: &&&Handshake| problem(seen, one).is_none();
    let having = met.iter().filter(right).count();
    // An edge that is away is passed over while another shows it, as visitors pass over it.
    let counts = |one: &&Handshake| having == 0 || !matches!(one.shown, Shown::Unreachable(_));
    let met: Vec<&Handshake> = met.iter().copied().filter(counts).collect();
    let mut found: Vec<Finding> = Vec::new();
    for one in met.iter().filter(|one| problem(seen, one).is_some()) {
        found.extend(problem(seen, one).filter(|new| !found.iter().any(|known| known.code == new.code)));
    }
    if having > 0 && !found.is_empty() && seen.subject.held.is_some() {
        let words =
            format!("{having} of {} servers show the certificate that was issued; the others do not yet.", met.len());
        let title = format!("The certificate of {} is not on all servers", seen.subject.name);
        return vec![Finding::new(Code::TlsNotEverywhere, title, words, String::new()).seen(evidence())];
    }
    let owner = if seen.subject.validation.is_none() { Owner::Network } else { Owner::Padlock };
    found.into_iter().map(|finding| finding.by(owner).seen(evidence())).collect()
}

/// What is wrong with what one address showed.
fn problem(seen: &Observation, one: &Handshake) -> Option<Finding> {
    let (name, address) = (&seen.subject.name, one.address);
    let refused = |why: &str| {
        Finding::new(
            Code::TlsHandshake,
            format!("No secure connection to {name} comes about"),
            format!("{address}, asked for {}, showed no certificate: {}.", seen.subject.visited(), printable(why)),
            "Reload the TLS listener there; when it stays so, look at its log.".into(),
        )
    };
    match &one.shown {
        Shown::Private => None,
        Shown::Nothing(why) | Shown::Unreachable(why) => Some(refused(why)),
        Shown::Certificate(leaf) => wrong(seen, one, leaf),
    }
}

fn wrong(seen: &Observation, one: &Handshake, leaf: &Leaf) -> Option<Finding> {
    let (name, visited) = (&seen.subject.name, seen.subject.visited());
    let names = super::words::listed(leaf.names.iter().map(String::as_str));
    let held = seen.subject.held.as_ref();
    if !leaf.names.iter().any(|own| covers(own, &visited)) {
        let words = format!("{} shows a certificate for {names}: visitors see an error.", one.address);
        return Some(Finding::new(
            Code::TlsWrongCert,
            format!("The server shows another name's certificate for {name}"),
            words,
            "Let it serve the certificate of this name.".into(),
        ));
    }
    if leaf.not_after <= seen.at {
        let words = format!(
            "It ended on {}: visitors see an error and may not be able to click through.",
            leaf.not_after.date_time()
        );
        return Some(Finding::new(
            Code::TlsExpired,
            format!("The certificate of {name} has expired"),
            words,
            "Renew it.".into(),
        ));
    }
    if held.is_some_and(|held| held.fingerprint_sha256 != leaf.fingerprint_sha256) {
        let words = format!(
            "{} still shows one that ends on {}; the newest ends on {}.",
            one.address,
            leaf.not_after.date_time(),
            held.map(|held| held.not_after.date_time()).unwrap_or_default()
        );
        return Some(Finding::new(
            Code::TlsOldCert,
            format!("An old certificate of {name} is still in use"),
            words,
            String::new(),
        ));
    }
    (leaf.chain_len < 2).then(|| {
        let (what, fix) = if leaf.self_signed {
            ("It is signed by itself: no browser trusts it.", "Install a certificate from a certificate authority.")
        } else {
            ("The certificate that connects it to its root was not sent along; some browsers can't find it by themselves.", "Install the intermediate certificate with it.")
        };
        Finding::new(Code::TlsChain, format!("The certificate chain of {name} is incomplete"), format!("{} sent one certificate alone. {what}", one.address), fix.into())
            .at(Severity::Blocking)
    })
}

fn words(one: &Handshake) -> String {
    let shown = match &one.shown {
        Shown::Certificate(leaf) => format!(
            "a certificate for {}, issued by {}, until {}",
            super::words::listed(leaf.names.iter().map(String::as_str)),
            printable(&leaf.issuer),
            leaf.not_after.date_time()
        ),
        Shown::Nothing(why) | Shown::Unreachable(why) => printable(why),
        Shown::Private => "not visited".into(),
    };
    format!("{} over TLS: {shown}, {}", one.address, one.at.clock())
}
