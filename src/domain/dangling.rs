//! What people are told of records that a removed domain left in DNS.

use super::catalogue::Code;
use super::notice::{Kind, Notice, Trouble};
use super::record::Wanted;

impl Notice {
    /// These records of a removed domain still stand.
    #[must_use]
    pub fn dangling(domain: String, left: &[Wanted]) -> Self {
        let kind = Kind::Dangling;
        let problem = Some(trouble(&domain, left));
        Self { kind, domain, certificate: None, problem, deed: None, topic: kind.topic() }
    }
}

/// What the removed domain's timeline says of it.
#[must_use]
pub fn line(left: &[Wanted]) -> String {
    format!("These records still stand, days after the removal: {}", listed(left))
}

fn trouble(domain: &str, left: &[Wanted]) -> Trouble {
    Trouble {
        code: Code::TakeoverRisk.word().to_owned(),
        title: format!("{domain} was removed, and its records still stand"),
        explanation: "An alias that leads to a service nobody has any more can be misused. We look once a day until \
                      30 days after the removal, and write again only when the records were gone and came back."
            .to_owned(),
        fix: format!("Delete these records at your DNS provider: {}.", listed(left)),
    }
}

/// By name and type, as a provider's list of records has them.
fn listed(left: &[Wanted]) -> String {
    let one = |wanted: &Wanted| format!("{} ({})", wanted.host, wanted.rtype.mnemonic());
    left.iter().map(one).collect::<Vec<_>>().join(", ")
}
