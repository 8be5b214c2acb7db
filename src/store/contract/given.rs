//! What cases start from: customers, domains, looks at DNS, certificates.

use crate::domain::certificate::{Certificate, Source};
use crate::domain::event::{Event, Why};
use crate::domain::facts::Facts;
use crate::domain::hostname::Hostname;
use crate::domain::id::{CertificateId, CustomerId, KeyId, OrderId};
use crate::domain::observed::{Found, Observation, RecordSeen, Reply, ServerAnswer, ZoneCut};
use crate::domain::record::Place;
use crate::domain::setup::{Setup, SslValidation, VerificationMethod};
use crate::domain::time::{DAY_MS, Millis};
use crate::store::{
    Change, Claimed, Derived, Entry, Extra, Index, Lease, NewDomain, Page, Scope, Store, Stored, Terms, Then,
};
use zeroize::Zeroizing;

/// When cases begin.
pub(super) const START: Millis = Millis(1_700_000_000_000);
/// Long enough for a case, short enough to lapse on purpose.
pub(super) const LEASE_MS: i64 = 30_000;

pub(super) async fn customer(store: &Store, name: &str) -> CustomerId {
    store.add_customer(name, START).await.expect("added").id
}

pub(super) fn new_domain(customer: &CustomerId, hostname: &str) -> NewDomain {
    NewDomain {
        customer: customer.clone(),
        agency: None,
        name: format!("Portal of {hostname}"),
        hostname: Hostname::parse_form(hostname).expect("a name"),
        alias: "portal".into(),
        verification_method: VerificationMethod::Txt,
        ssl_validation: SslValidation::Dns,
    }
}

pub(super) async fn domain(store: &Store, customer: &CustomerId, hostname: &str) -> Stored {
    store.add_domain(&Scope::All, new_domain(customer, hostname), Some(entry("added")), START).await.expect("added")
}

/// Every page of a list, from the first to the last.
pub(super) async fn walked<T, F: Future<Output = Page<T>>>(read: impl Fn(Option<String>) -> F) -> Vec<Vec<T>> {
    const PAGES: usize = 20;
    let (mut pages, mut cursor) = (Vec::new(), None);
    loop {
        let page = read(cursor).await;
        pages.push(page.items);
        assert!(pages.len() <= PAGES, "it ends");
        cursor = page.next_cursor;
        if cursor.is_none() {
            return pages;
        }
    }
}

pub(super) fn entry(kind: &str) -> Entry {
    Entry {
        kind: kind.into(),
        actor: "padlock".into(),
        summary: format!("It was {kind}."),
        detail: serde_json::json!({ "n": 1, "text": "ä\u{2028}\"" }),
    }
}

/// Claims the one domain that is due.
pub(super) async fn claim(store: &Store, owner: &str, now: Millis) -> Claimed {
    let mut claimed = store.claim(owner, 10, now, LEASE_MS).await.expect("claims");
    assert_eq!(claimed.len(), 1, "one domain is due");
    claimed.remove(0)
}

/// A look at which every record is in place.
pub(super) fn green(setup: &Setup, at: Millis) -> Event {
    let place = Place {
        record_label: "_padlock".into(),
        dcv_zone: "dcv.padlock.test".into(),
        edge_hostname: "edge.padlock.test".into(),
    };
    let address = "2001:db8::1".parse().expect("an address");
    let records = setup.wanted(&place).into_iter().map(|wanted| RecordSeen {
        answers: vec![ServerAnswer {
            server: "ns1.court.test".into(),
            address,
            reply: Reply::Records(vec![Found { rtype: wanted.rtype, value: wanted.value.clone(), ttl: 60 }]),
        }],
        wanted,
        resolver: Some(Reply::NxDomain),
    });
    let zone = Ok(ZoneCut { apex: "court.test".into(), servers: Vec::new() });
    let observation =
        Observation { at, took_ms: 3, zone, records: records.collect(), edge_addresses: vec![address], file: None };
    Event::Looked { observation, why: Why::Curve }
}

pub(super) fn certificate(setup: &Setup, id: &str, key: &KeyId, not_before: Millis) -> Certificate {
    Certificate {
        id: CertificateId::new(id),
        key: key.clone(),
        source: Source::Acme,
        names: vec![setup.hostname.to_string()],
        authority: "Test CA".into(),
        issuer: "CN=Test CA".into(),
        serial: "0a".into(),
        fingerprint_sha256: format!("{:0>64}", not_before.0),
        not_before,
        not_after: not_before.plus(90 * DAY_MS),
        ari_id: Some(format!("aki.{id}")),
    }
}

/// What a worker holds, as everybody else reads it.
pub(super) fn read(stored: &Stored) -> Stored {
    Stored { derived: None, ..stored.clone() }
}

/// A change that applies `event` to what was claimed, and gives the domain back.
pub(super) fn change(stored: &Stored, event: &Event, now: Millis, extras: Vec<Extra>) -> Change {
    let facts = stored.facts.apply(now, event);
    let index = Index::of(&stored.setup, &facts, stored.asked, now);
    let then = Then::Release { due_at: index.due_at };
    Change {
        revision: stored.revision,
        before: stored.facts.clone(),
        derived: stored.derived.clone(),
        facts,
        index,
        extras,
        entries: Vec::new(),
        notices: Vec::new(),
        then,
    }
}

/// Records a change as a walk does; whichever columns were written, the row then holds what all of them are to say.
pub(super) async fn record(store: &Store, lease: &Lease, stored: &mut Stored, change: Change, now: Millis) {
    let (index, facts) = (change.index.clone(), change.facts.clone());
    stored.revision = store.record(lease, &stored.setup, change, now).await.expect("recorded").revision;
    stored.derived = Some(Derived::of(&index, &facts, stored.revision));
    stored.facts = facts;
    assert_eq!(store.reload(&mut lease.clone()).await.expect("the lease still holds"), *stored);
}

/// Verifies a domain and gives it a certificate through an order, as a worker would. Gives its facts.
pub(super) async fn certified(store: &Store, claimed: &Claimed, id: &str, pkcs8: &[u8], now: Millis) -> Facts {
    let (setup, lease) = (&claimed.stored.setup, &claimed.lease);
    let (order, key) = (OrderId::new(format!("order-{id}")), KeyId::new(format!("key-{id}")));
    let planned = Event::OrderPlanned {
        order: order.clone(),
        ca: "ca".into(),
        key: key.clone(),
        validation: SslValidation::Dns,
        authorities: vec!["ca".into()],
    };
    let begun = vec![
        Extra::NewKey { id: key.clone(), pkcs8: Zeroizing::new(pkcs8.to_vec()), csr_der: b"csr".to_vec() },
        Extra::OrderBegun {
            id: order.clone(),
            ca: "ca".into(),
            registrable: "court.test".into(),
            renewal: false,
            terms: Terms::default(),
        },
    ];
    let certificate = certificate(setup, id, &key, now);
    // As a CA may send it: what is between the columns of a page is in it.
    let chain_pem = format!("chain of {id}\u{1f}");
    let issued = vec![
        Extra::NewCertificate { certificate: certificate.clone(), chain_pem },
        Extra::OrderEnded { id: order.clone(), outcome: crate::store::OrderOutcome::Issued },
    ];
    let mut stored = claimed.stored.clone();
    for (event, extras) in
        [(green(setup, now), Vec::new()), (planned, begun), (Event::Issued { order, certificate }, issued)]
    {
        let change = Change { then: Then::Keep, ..change(&stored, &event, now, extras) };
        record(store, lease, &mut stored, change, now).await;
    }
    stored.facts
}
