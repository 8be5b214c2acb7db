//! The renewal, rehearsed: whether it would succeed if it were made today, told weeks ahead so that there is time to mend it.
//!
//! Nothing is asked of a CA for this: what stands in a CA's way shows in DNS, and what a CA refused before is remembered.

use super::catalogue::Code;
use super::diagnose::of_facts;
use super::facts::{Facts, Standing};
use super::finding::{Finding, Severity};
use super::observed::ZoneTrouble;
use super::renewal;
use super::setup::Setup;
use super::time::{DAY_MS, Millis};

/// A renewal is rehearsed from this long before its time.
const AHEAD_MS: i64 = 30 * DAY_MS;

/// How a renewal would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsal {
    /// When the renewal is due.
    pub due_at: Millis,
    /// When the records were looked at.
    pub looked_at: Millis,
    /// What it would fail by; none when it would succeed.
    pub bar: Option<Finding>,
}

/// Rehearses the next renewal; none before it is near, while one is under way, and when nobody could be asked.
#[must_use]
pub fn rehearse(setup: &Setup, facts: &Facts, now: Millis) -> Option<Rehearsal> {
    let due_at = renewal::moment(setup, facts)?;
    let seen = facts.observation.as_ref()?;
    let asked = !matches!(seen.zone, Err(ZoneTrouble::CouldNotAsk(_)));
    let near = now >= due_at.plus(-AHEAD_MS) && facts.standing == Standing::Live;
    if !near || !asked || facts.order.is_some() {
        return None;
    }
    let bar = of_facts(setup, facts, now).into_iter().find(bars);
    Some(Rehearsal { due_at, looked_at: seen.at, bar })
}

/// Whether a CA would meet it: the way to the name, the challenge's alias, CAA, and what a CA said of the name itself.
fn bars(finding: &Finding) -> bool {
    let Some(code) = Code::from_word(finding.code) else { return false };
    match code {
        Code::DcvRemoved | Code::CaaAdded | Code::CaPolicy | Code::CaPaused | Code::CaAccount => true,
        _ if (Code::CaaForbids..=Code::CaaTarget).contains(&code) => true,
        _ if (Code::DomainUnregistered..=Code::DnssecDenial).contains(&code) => finding.severity == Severity::Blocking,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::{Event, Why};
    use super::super::laws::{certificate, setup};
    use super::super::observed::{NameServer, Observation, RecordSeen, Reply, ServerAnswer, ZoneCut};
    use super::super::record::{Place, Purpose};
    use super::*;

    /// A domain with a certificate from the beginning of time, of which everything but `lacking` is there.
    fn held(lacking: Option<Purpose>, zone: Option<ZoneTrouble>, at: Millis) -> Facts {
        let place = Place {
            record_label: "_padlock".into(),
            dcv_zone: "dcv.padlock.test".into(),
            edge_hostname: "edge.padlock.test".into(),
        };
        let address = "192.0.2.1".parse().expect("an address");
        let records = setup().wanted(&place).into_iter().map(|wanted| {
            let found = super::super::observed::Found { rtype: wanted.rtype, value: wanted.value.clone(), ttl: 60 };
            let reply = if Some(wanted.purpose) == lacking { Reply::NxDomain } else { Reply::Records(vec![found]) };
            let answers = vec![ServerAnswer { server: "ns.test".into(), address, reply }];
            RecordSeen { wanted, answers, resolver: None }
        });
        let servers = vec![NameServer { name: "ns.test".into(), addresses: vec![address] }];
        let observation = Observation {
            at,
            took_ms: 1,
            zone: zone.map_or_else(|| Ok(ZoneCut { apex: "court.gov".into(), servers }), Err),
            records: records.collect(),
            edge_addresses: Vec::new(),
            file: None,
        };
        let mut facts = Facts { certificate: Some(certificate(1, 0)), ..Facts::added(Millis(0)) };
        facts.issued_at = Some(Millis(0));
        facts.apply(at, &Event::Looked { observation, why: Why::Curve })
    }

    #[test]
    fn it_is_told_when_it_is_near_and_says_what_is_in_the_way() {
        let due = renewal::moment(&setup(), &held(None, None, Millis(1))).expect("a certificate");
        let (early, near) = (due.plus(-AHEAD_MS - 1), due.plus(-AHEAD_MS));
        let rehearsed = |facts: &Facts, now| rehearse(&setup(), facts, now);
        assert_eq!(rehearsed(&held(None, None, early), early), None);
        let well = rehearsed(&held(None, None, near), near).expect("it is near");
        assert_eq!((well.due_at, well.looked_at, well.bar), (due, near, None));
        let code = |facts: &Facts| rehearsed(facts, near).expect("near").bar.map(|bar| bar.code);
        assert_eq!(code(&held(Some(Purpose::Dcv), None, near)), Some("dcv_removed"));
        // Consent was given, and visitors who go elsewhere keep no CA from issuing.
        assert_eq!(code(&held(Some(Purpose::Validation), None, near)), None);
        assert_eq!(code(&held(Some(Purpose::Routing), None, near)), None);
        assert_eq!(code(&held(None, Some(ZoneTrouble::Failing("court.gov".into())), near)), Some("ns_servfail"));
        let unheard = held(None, Some(ZoneTrouble::CouldNotAsk("court.gov".into())), near);
        assert_eq!(rehearsed(&unheard, near), None, "that nobody could be asked is no forecast");
        let disabled = Facts { standing: Standing::Disabled, ..held(None, None, near) };
        assert_eq!(rehearsed(&disabled, near), None);
    }
}
