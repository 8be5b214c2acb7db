//! The laws of the core, over random histories: whatever happens in whatever order, these hold.

use super::certificate::{Certificate, Source};
use super::event::{Event, Why};
use super::facts::{Facts, Standing};
use super::hostname::Hostname;
use super::id::{CertificateId, CustomerId, DomainId, KeyId, OrderId};
use super::observed::{Found, Observation, RecordSeen, Reply, ServerAnswer, ZoneCut, ZoneTrouble};
use super::problem::{Problem, ProblemKind};
use super::record::Place;
use super::renewal::{self, Window};
use super::revocation::Reason;
use super::schedule;
use super::setup::{DcvLabel, Setup, SslValidation, Token, VerificationMethod};
use super::status::Reading;
use super::step::{Asked, Step, next_step};
use super::time::{DAY_MS, Millis};
use super::validity::{KeyListed, Listed, Trust};
use proptest::prelude::*;

pub(super) fn setup() -> Setup {
    Setup {
        id: DomainId::new("d1"),
        customer: CustomerId::new("c1"),
        agency: None,
        name: "Portal".into(),
        hostname: Hostname::parse_form("portal.court.gov").expect("a name"),
        alias: "portal".into(),
        verification_method: VerificationMethod::Txt,
        ssl_validation: SslValidation::Dns,
        token: Token::from_stored("token"),
        dcv_label: DcvLabel::from_stored("label"),
        created_at: Millis(0),
    }
}

fn place() -> Place {
    Place {
        record_label: "_padlock".into(),
        dcv_zone: "dcv.padlock.net".into(),
        edge_hostname: "edge.padlock.net".into(),
    }
}

/// A look in which each record is right, wrong, missing or silent, by two bits of `bits`.
pub(super) fn look(at: i64, bits: u8) -> Observation {
    let address = "192.0.2.1".parse().expect("an address");
    let reply = |index: usize, wanted: &super::record::Wanted| match (bits >> (2 * index)) & 3 {
        0 => Reply::Records(vec![Found { rtype: wanted.rtype, value: wanted.value.clone(), ttl: 60 }]),
        1 => Reply::Records(vec![Found { rtype: wanted.rtype, value: "other.example".into(), ttl: 60 }]),
        2 => Reply::NxDomain,
        _ => Reply::Silent,
    };
    let records = setup().wanted(&place()).into_iter().enumerate().map(|(index, wanted)| RecordSeen {
        answers: vec![ServerAnswer { server: "ns1.court.gov".into(), address, reply: reply(index, &wanted) }],
        wanted,
        resolver: None,
    });
    let zone = if bits & 0xc0 == 0xc0 {
        Err(ZoneTrouble::CouldNotAsk("time-out".into()))
    } else {
        Ok(ZoneCut { apex: "court.gov".into(), servers: Vec::new() })
    };
    Observation { at: Millis(at), took_ms: 5, zone, records: records.collect(), edge_addresses: Vec::new(), file: None }
}

pub(super) fn certificate(number: u8, not_before: i64) -> Certificate {
    Certificate {
        id: CertificateId::new(format!("cert{number}")),
        key: KeyId::new(format!("key{number}")),
        source: Source::Acme,
        names: vec!["portal.court.gov".into()],
        authority: "CA".into(),
        issuer: "CN=CA".into(),
        serial: format!("{number:02x}"),
        fingerprint_sha256: format!("{number:064x}"),
        not_before: Millis(not_before),
        not_after: Millis(not_before + 90 * DAY_MS),
        ari_id: Some(format!("aki.{number}")),
    }
}

fn order(number: u8) -> OrderId {
    OrderId::new(format!("order{}", number % 3))
}

fn any_event() -> impl Strategy<Value = (i64, Event)> {
    let problem = |kind| Problem { kind, name: "urn:x".into(), detail: "no".into() };
    let kinds = prop_oneof![Just(ProblemKind::Outage), Just(ProblemKind::RateLimited), Just(ProblemKind::Validation)];
    let event = prop_oneof![
        (any::<u8>(), 0_i64..400)
            .prop_map(|(bits, at)| Event::Looked { observation: look(at * DAY_MS / 4, bits), why: Why::Curve }),
        any::<u8>().prop_map(|n| Event::OrderPlanned {
            order: order(n),
            ca: format!("ca{}", n % 2),
            key: KeyId::new("k"),
            validation: if n % 3 == 0 { SslValidation::Http } else { SslValidation::Dns },
            authorities: vec!["ca0".into(), "ca1".into()],
        }),
        any::<u8>().prop_map(|n| Event::OrderOpened { order: order(n), url: format!("https://ca/{n}") }),
        any::<u8>().prop_map(|n| Event::ProofShown { order: order(n), values: vec!["v".into()] }),
        (any::<u8>(), any::<bool>(), 0_i64..400).prop_map(|(n, issuing, at)| Event::OrderWaits {
            order: order(n),
            issuing,
            until: Millis(at * DAY_MS / 4)
        }),
        (any::<u8>(), kinds.clone()).prop_map(move |(n, kind)| Event::OrderStumbled {
            order: order(n),
            problem: problem(kind),
            retry_after: None
        }),
        (any::<u8>(), kinds).prop_map(move |(n, kind)| Event::OrderFailed {
            order: order(n),
            problem: problem(kind),
            retry_after: None
        }),
        (any::<u8>(), 0_i64..400)
            .prop_map(|(n, at)| Event::Issued { order: order(n), certificate: certificate(n, at * DAY_MS / 4) }),
        (any::<u8>(), 0_i64..400, 0_i64..400, 0_i64..400).prop_map(|(n, start, end, ask)| Event::RenewalAdvised {
            ari_id: format!("aki.{n}"),
            window: (ask % 3 > 0).then(|| Window {
                start: Millis(start * DAY_MS / 4),
                end: Millis(end * DAY_MS / 4),
                explanation_url: None
            }),
            ask_at: Millis(ask * DAY_MS / 4),
        }),
        (any::<u8>(), 0_i64..400)
            .prop_map(|(n, ask)| Event::AdviceFailed { ari_id: format!("aki.{n}"), ask_at: Millis(ask * DAY_MS / 4) }),
        (any::<u8>(), 0_i64..400).prop_map(move |(n, until)| Event::OrderPostponed {
            ca: format!("ca{}", n % 2),
            problem: problem(ProblemKind::RateLimited),
            until: Millis(until * DAY_MS / 4)
        }),
        any_word_on_revocation(),
        any::<u8>().prop_map(|n| Event::Handshaken { outcome: Ok(format!("{n:064x}")) }),
        Just(Event::Handshaken { outcome: Err("refused".into()) }),
        Just(Event::RenewAsked),
        Just(Event::NameHeld),
        any::<bool>().prop_map(|on| Event::Switched { on }),
        Just(Event::Removed),
    ];
    (0_i64..400, event).prop_map(|(quarter, event)| (quarter * DAY_MS / 4, event))
}

fn any_word_on_revocation() -> impl Strategy<Value = Event> {
    (any::<u8>(), 0_u8..5).prop_map(|(n, what)| {
        let certificate = certificate(n, 0).id;
        let problem = Problem { kind: ProblemKind::Outage, name: "urn:x".into(), detail: "no".into() };
        let listed = Listed::Yes { since: None, reason: None };
        match what {
            0 => Event::RevocationAsked { certificate, reason: Reason::Superseded },
            1 => Event::Revoked { certificate },
            2 => Event::RevocationFailed { certificate, problem, retry_after: None },
            3 => Event::Checked { certificate, listed, trust: Trust::Public, key: KeyListed::Yes { by: "x".into() } },
            _ => {
                let (listed, key) = (Listed::Unknown("away".into()), KeyListed::Unknown);
                Event::Checked { certificate, listed, trust: Trust::Private, key }
            }
        }
    })
}

proptest! {
    #[test]
    fn any_history_leaves_a_step_or_a_wait_with_an_owner(events in prop::collection::vec(any_event(), 0..40), now in 0_i64..500) {
        let mut facts = Facts::added(Millis(0));
        for (at, event) in &events {
            facts = facts.apply(Millis(*at), event);
        }
        let now = Millis(now * DAY_MS / 4);
        if let Step::Rest { until, .. } = next_step(&setup(), &facts, Asked::default(), now) {
            prop_assert!(until > now);
            prop_assert!(until.since(now) <= 31 * DAY_MS || facts.order.is_some());
        }
        let reading = Reading::of(&setup(), &facts, Asked::default(), now);
        prop_assert!(reading.ready || facts.standing != Standing::Live || !reading.findings.is_empty() || reading.cause().is_none());
        prop_assert!(!reading.ready || facts.is_served() || facts.serves_predecessor());
    }

    #[test]
    fn the_same_event_twice_changes_nothing(events in prop::collection::vec(any_event(), 0..30)) {
        let mut facts = Facts::added(Millis(0));
        for (at, event) in &events {
            let once = facts.apply(Millis(*at), event);
            prop_assert_eq!(&once.apply(Millis(*at), event), &once);
            facts = once;
        }
    }

    #[test]
    fn a_certificate_is_only_ever_replaced_by_one_that_lasts_longer_or_when_it_was_revoked(events in prop::collection::vec(any_event(), 0..40)) {
        let mut facts = Facts::added(Millis(0));
        for (at, event) in &events {
            let next = facts.apply(Millis(*at), event);
            if let Some(old) = &facts.certificate {
                let new = next.certificate.as_ref().expect("a certificate is never dropped");
                let revoked = facts.listed().is_some() || facts.revocation.as_ref().is_some_and(|one| one.certificate == old.id);
                prop_assert!(new == old || new.not_after > old.not_after || revoked);
            }
            facts = next;
        }
    }

    #[test]
    fn no_advice_puts_a_renewal_off_past_the_backstop(events in prop::collection::vec(any_event(), 0..40)) {
        let mut facts = Facts::added(Millis(0));
        for (at, event) in &events {
            facts = facts.apply(Millis(*at), event);
        }
        if let (Some(held), Some(issued_at)) = (&facts.certificate, facts.issued_at) {
            let latest = schedule::backstop(held).max(schedule::renewed_never_before(held, issued_at));
            prop_assert!(renewal::moment(&setup(), &facts).is_some_and(|moment| moment <= latest));
        }
        prop_assert!(facts.setbacks.len() <= 2);
    }

    #[test]
    fn facts_survive_being_written_down(events in prop::collection::vec(any_event(), 0..20)) {
        let mut facts = Facts::added(Millis(0));
        for (at, event) in &events {
            facts = facts.apply(Millis(*at), event);
        }
        let text = serde_json::to_string(&facts).expect("facts are plain data");
        prop_assert_eq!(serde_json::from_str::<Facts>(&text).expect("written by us"), facts);
    }
}
