//! Why a name is not Active: from the raw facts of a pass to findings, cause first.
//!
//! Pure, so that the server, the browser and a later rule can judge the same pass. Each family of the catalogue has a room
//! of its own here; a room reads the observation, says what it found, and knows nothing of the others. The order is the
//! catalogue's, so that no symptom stands before what makes it show up.

mod ca;
mod caa;
mod delegation;
mod dnssec;
mod drift;
mod facts;
mod http;
mod mistakes;
mod name;
mod ownership;
mod records;
mod routing;
mod tls;
mod validity;
mod words;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod scripted;

pub use caa::{CaaLevel, caa_tree};
pub use drift::baseline;
pub use facts::of_facts;
pub use mistakes::misplaced;
pub use name::{apex_name, refused_name};
pub(super) use routing::arrives;
#[cfg(test)]
pub(super) use scripted::healthy;
pub use words::{answer_said, answer_words};

use super::finding::{Finding, in_order};
use super::observation::Observation;

/// Findings on a name, cause first: the first blocking one is the cause, the rest stand beside it.
#[must_use]
pub fn diagnose(seen: &Observation) -> Vec<Finding> {
    let rooms: [fn(&Observation) -> Vec<Finding>; 10] = [
        name::findings,
        delegation::findings,
        dnssec::findings,
        records::findings,
        routing::findings,
        caa::findings,
        http::findings,
        ca::findings,
        tls::findings,
        drift::findings,
    ];
    let mut findings: Vec<Finding> = rooms.iter().flat_map(|room| room(seen)).collect();
    findings.extend(http::hsts(seen, &findings));
    drift::tell(seen, &mut findings);
    in_order(&mut findings);
    findings
}
