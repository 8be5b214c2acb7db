//! What a recorded change writes, what it leaves alone, and who hears of it.

use super::given::{self, START, certificate, certified, change, claim, customer, domain, entry, green, new_domain};
use super::kit::Kit;
use crate::domain::event::Event;
use crate::domain::facts::Standing;
use crate::domain::id::{CertificateId, KeyId, OrderId};
use crate::domain::setup::SslValidation;
use crate::domain::status::DomainStatus;
use crate::domain::time::HOUR_MS;
use crate::store::{
    AddProblem, CertificateStatus, Change, Changed, Extra, Filter, RecordProblem, Relayed, Scope, Settings, Site,
    SiteRange, Store, Terms, Then, What,
};
use futures::TryStreamExt as _;
use std::time::Duration;
use tokio::time::timeout;
use zeroize::Zeroizing;

pub(super) async fn facts_read_back_as_written(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    let added = domain(store, &customer, "xn--bcher-kva.court.test").await;
    let id = added.setup.id.clone();
    let read = || async { store.domain(&Scope::All, &id).await.expect("reads").expect("there") };
    assert_eq!(read().await, added);
    let claimed = claim(store, "w", START).await;
    assert_eq!(given::read(&claimed.stored), added);
    let facts = certified(store, &claimed, "one", b"key", START).await;
    assert_eq!(read().await.facts, facts);
    assert_eq!(read().await.revision, 4);
    assert!(facts.certificate.is_some() && facts.observation.is_some());
}

pub(super) async fn a_stale_revision_changes_nothing(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    let id = domain(store, &customer, "www.court.test").await.setup.id;
    let mut claimed = claim(store, "w", START).await;
    assert!(store.switch(&Scope::All, &id, false, None, START).await.expect("switched"));
    let event = green(&claimed.stored.setup, START);
    let stale = change(&claimed.stored, &event, START, vec![]);
    let refused = store.record(&claimed.lease, &claimed.stored.setup, stale, START).await;
    assert!(matches!(refused, Err(RecordProblem::Stale)), "{refused:?}");
    let now = store.reload(&mut claimed.lease).await.expect("the lease still holds");
    assert_eq!((now.revision, &now.facts.standing), (2, &Standing::Disabled));
    let again = change(&now, &event, START, vec![]);
    assert_eq!(store.record(&claimed.lease, &now.setup, again, START).await.expect("recorded").revision, 3);
    let facts = store.domain(&Scope::All, &id).await.expect("reads").expect("there").facts;
    assert_eq!(facts.standing, Standing::Disabled);
    assert!(facts.observation.is_some());
}

pub(super) async fn a_certificate_from_order_to_edge(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    domain(store, &customer, "www.court.test").await;
    let claimed = claim(store, "w", START).await;
    let (setup, lease) = (&claimed.stored.setup, &claimed.lease);
    let (order, key) = (OrderId::new("o"), KeyId::new("k"));
    let (ca, authorities, validation) = ("ca".to_owned(), vec!["ca".to_owned()], SslValidation::Dns);
    let planned = Event::OrderPlanned { order: order.clone(), ca, key: key.clone(), validation, authorities };
    let opened = Event::OrderOpened { order: order.clone(), url: "https://ca/o".into() };
    let shown = |values: &[&str]| Event::ProofShown {
        order: order.clone(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let new = certificate(setup, "c", &key, START);
    let issued = Event::Issued { order: order.clone(), certificate: new.clone() };
    let steps: Vec<(Event, Vec<Extra>, &[&str])> = vec![
        (green(setup, START), vec![], &[]),
        (
            planned,
            vec![
                Extra::NewKey { id: key.clone(), pkcs8: Zeroizing::new(b"secret".to_vec()), csr_der: b"csr".to_vec() },
                Extra::OrderBegun {
                    id: order.clone(),
                    ca: "ca".into(),
                    registrable: "court.test".into(),
                    renewal: false,
                    terms: Terms::default(),
                },
            ],
            &[],
        ),
        (opened, vec![Extra::OrderUrl { id: order.clone(), url: "https://ca/o".into() }], &[]),
        (shown(&["v1", "v2"]), vec![], &["v1", "v2"]),
        (shown(&["v2", "v3"]), vec![], &["v2", "v3"]),
        (issued, vec![Extra::NewCertificate { certificate: new.clone(), chain_pem: "chain".into() }], &[]),
    ];
    let mut stored = claimed.stored.clone();
    for (event, extras, on_show) in steps {
        let change =
            Change { then: Then::Keep, entries: vec![entry("step")], ..change(&stored, &event, START, extras) };
        given::record(store, lease, &mut stored, change, START).await;
        let mut shown = store.shown_challenges().await.expect("reads");
        shown.sort_by(|a, b| a.value.cmp(&b.value));
        assert_eq!(shown.iter().map(|shown| shown.value.as_str()).collect::<Vec<_>>(), on_show);
        assert!(shown.iter().all(|shown| shown.label == setup.dcv_label.as_str() && shown.order == order));
        let (label, mut beside) = store.shown_beside(&setup.id).await.expect("reads").expect("there");
        beside.sort();
        assert_eq!((label.as_str(), beside), (setup.dcv_label.as_str(), on_show.iter().map(|v| (*v).into()).collect()));
    }
    let key = store.signing_key(&key).await.expect("opens").expect("there");
    assert_eq!((key.pkcs8.as_slice(), key.csr_der.as_slice()), (&b"secret"[..], &b"csr"[..]));
    let site = store.site(&setup.id).await.expect("reads").expect("there");
    let one = site.installable.expect("certified");
    assert_eq!((one.hostname, one.alias.as_str(), one.chain_pem.as_str()), (setup.hostname.clone(), "portal", "chain"));
    assert_eq!((one.pkcs8.as_slice(), one.certificate), (&b"secret"[..], new.id.clone()));
    assert_eq!(store.chain(&new.id).await.expect("reads").as_deref(), Some("chain"));
    let listed = store.certificates(&Scope::All, &setup.id).await.expect("reads");
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0].certificate, listed[0].status), (&new, CertificateStatus::Current));
    // A renewal takes its place; the old one is kept.
    certified(store, &crate::store::Claimed { stored, lease: lease.clone() }, "next", b"other", START.plus(HOUR_MS))
        .await;
    let listed = store.certificates(&Scope::All, &setup.id).await.expect("reads");
    let words: Vec<_> = listed.iter().map(|one| (one.certificate.id.as_str(), one.status.word())).collect();
    assert_eq!(words, [("next", "current"), ("c", "superseded")]);
    let found = only_site(store).await;
    let one = found.installable.expect("certified");
    assert_eq!((one.certificate, one.pkcs8.as_slice()), (CertificateId::new("next"), &b"other"[..]));
    assert_eq!((found.holder, one.chain_pem.as_str()), (site.holder, "chain of next"));
}

/// The one name that is held, on a page of one, which another one ends.
async fn only_site(store: &Store) -> Site {
    let page = store.sites(&SiteRange::default(), 1).await.expect("reads");
    let end = store.sites(page.rest.as_ref().expect("full"), 1).await.expect("reads");
    assert!(end.rest.is_none());
    assert!(store.open_sites(&end).expect("opens").is_empty());
    store.open_sites(&page).expect("opens").pop().expect("there")
}

pub(super) async fn a_page_whose_columns_are_not_its_rows_is_none(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    domain(store, &customer, "www.court.test").await;
    certified(store, &claim(store, "w", START).await, "one", b"key", START).await;
    let page = async || store.open_sites(&store.sites(&SiteRange::default(), 10).await.expect("reads"));
    assert_eq!(page().await.expect("opens").len(), 1);
    // Eleven columns more, and they would be another row.
    kit.meddle(&format!("update certificates set fingerprint_sha256 = '{}'", "\u{1f}".repeat(11))).await;
    page().await.expect_err("is no page");
}

pub(super) async fn every_name_is_in_one_range(kit: Kit) {
    let store = &kit.store;
    assert_eq!(store.site_ranges().await.expect("reads"), [SiteRange::default()], "of no names");
    let customer = customer(store, "Court").await;
    let names = ["a.court.test", "b.court.test", "c.court.test", "d.court.test", "e.court.test"];
    for name in names {
        domain(store, &customer, name).await;
        certified(store, &claim(store, "w", START).await, name, b"key", START).await;
    }
    kit.meddle("analyze domains").await;
    let mut found = Vec::new();
    for range in store.site_ranges().await.expect("reads") {
        let pages: Vec<_> = store.site_pages(range, 2).try_collect().await.expect("reads");
        let sites = pages.iter().flat_map(|page| store.open_sites(page).expect("opens"));
        found.push(sites.map(|site| site.hostname.to_string()).collect::<Vec<_>>());
    }
    assert_eq!(found.len(), if kit.folder().is_some() { 1 } else { 2 });
    assert!(found.iter().all(|names| names.len() >= 2));
    let mut found = found.concat();
    found.sort();
    assert_eq!(found, names);
}

pub(super) async fn removal_ends_everything(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    let id = domain(store, &customer, "www.court.test").await.setup.id;
    let claimed = claim(store, "w", START).await;
    let lease = &claimed.lease;
    certified(store, &claimed, "one", b"key", START).await;
    let mut stored = store.domain(&Scope::All, &id).await.expect("reads").expect("there");
    let order = OrderId::new("o");
    let planned = Event::OrderPlanned {
        order: order.clone(),
        ca: "ca".into(),
        key: KeyId::new("key-one"),
        validation: SslValidation::Dns,
        authorities: vec!["ca".into()],
    };
    let begun = Extra::OrderBegun {
        id: order.clone(),
        ca: "ca".into(),
        registrable: "court.test".into(),
        renewal: true,
        terms: Terms::default(),
    };
    let shown = Event::ProofShown { order: order.clone(), values: vec!["v".into()] };
    for (event, extras) in [(planned, vec![begun]), (shown, vec![])] {
        let change = Change { then: Then::Keep, ..change(&stored, &event, START, extras) };
        given::record(store, lease, &mut stored, change, START).await;
    }
    let mut heard = store.changes();
    assert!(store.remove_domain(&Scope::All, &id, Some(entry("removed")), START).await.expect("removed"));
    let notice = heard.recv().await.expect("told");
    assert_eq!((notice.what, notice.challenges, notice.installed), (What::Removed, true, true));
    assert!(store.shown_challenges().await.expect("reads").is_empty());
    assert!(store.site(&id).await.expect("reads").expect("there").installable.is_none());
    assert!(store.open_sites(&store.sites(&SiteRange::default(), 10).await.expect("reads")).expect("opens").is_empty());
    assert!(store.domain(&Scope::All, &id).await.expect("reads").is_none());
    assert_eq!(store.timeline(&Scope::All, &id, None, 10).await.expect("reads").items[0].kind, "removed");
    // The worker in flight is cut off, and the order that was dropped counts as live no more.
    assert!(matches!(store.reload(&mut lease.clone()).await, Err(RecordProblem::LeaseLost)));
    assert!(matches!(store.release(lease, START.plus(1), START).await, Err(RecordProblem::LeaseLost)));
    domain(store, &customer, "www.court.test").await;
    let again = claim(store, "w", START).await;
    certified(store, &again, "two", b"key", START).await;
}

pub(super) async fn a_refused_write_leaves_nothing(kit: Kit) {
    let store = &kit.store;
    let customer = customer(store, "Court").await;
    let id = domain(store, &customer, "www.court.test").await.setup.id;
    let claimed = claim(store, "w", START).await;
    let setup = &claimed.stored.setup;
    let orphan = certificate(setup, "c", &KeyId::new("no such key"), START);
    let extras = vec![
        Extra::NewKey { id: KeyId::new("k"), pkcs8: Zeroizing::new(vec![1]), csr_der: vec![2] },
        Extra::NewCertificate { certificate: orphan, chain_pem: "chain".into() },
    ];
    let mut heard = store.changes();
    let refused = change(&claimed.stored, &green(setup, START), START, extras);
    let refused = store.record(&claimed.lease, setup, refused, START).await;
    assert!(matches!(refused, Err(RecordProblem::Store(_))), "{refused:?}");
    assert_eq!(store.domain(&Scope::All, &id).await.expect("reads").expect("there"), given::read(&claimed.stored));
    assert!(store.signing_key(&KeyId::new("k")).await.expect("reads").is_none());
    assert!(heard.try_recv().is_err(), "nobody is told of what did not happen");
}

pub(super) async fn settings_reach_the_worker(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    let id = domain(store, &court, "www.court.test").await.setup.id;
    let agency = store.add_agency(&court, "Clerk", START).await.expect("added").id;
    let foreign = store.add_agency(&county, "Clerk", START).await.expect("added").id;
    let mut claimed = claim(store, "w", START).await;
    let settings = Settings {
        name: Some("Über".into()),
        agency: Some(Some(agency.clone())),
        ssl_validation: Some(SslValidation::Http),
        ..Settings::default()
    };
    let set = store.update_settings(&Scope::All, &id, settings, None, START).await.expect("set").expect("there");
    assert_eq!((set.setup.name.as_str(), &set.setup.agency, set.revision), ("Über", &Some(agency), 2));
    assert_eq!((set.setup.alias.as_str(), &set.setup.token), ("portal", &claimed.stored.setup.token));
    let reloaded = store.reload(&mut claimed.lease).await.expect("the lease is left alone");
    assert_eq!(given::read(&reloaded), set);
    let settings = Settings { agency: Some(Some(foreign.clone())), ..Settings::default() };
    let refused = store.update_settings(&Scope::All, &id, settings, None, START).await;
    assert!(matches!(refused, Err(AddProblem::UnknownAgency)), "{refused:?}");
    let mut new = new_domain(&court, "pay.court.test");
    new.agency = Some(foreign);
    let refused = store.add_domain(&Scope::All, new, None, START).await;
    assert!(matches!(refused, Err(AddProblem::UnknownAgency)), "{refused:?}");
    let found = store.list(&Scope::All, &Filter { q: Some("ÜBER".into()), limit: 10, ..Filter::default() }).await;
    assert_eq!(found.expect("lists").items, [set]);
}

pub(super) async fn listeners_hear_of_every_commit(kit: Kit) {
    let store = &kit.store;
    let mut heard = store.changes();
    let customer = customer(store, "Court").await;
    let id = domain(store, &customer, "www.court.test").await.setup.id;
    let claimed = claim(store, "w", START).await;
    certified(store, &claimed, "one", b"key", START).await;
    store.ask_refresh(&Scope::All, &id, START).await.expect("asked");
    let mut told = Vec::new();
    while let Ok(Changed { revision, what, installed, .. }) = heard.try_recv() {
        told.push((revision, what, installed));
    }
    let recorded = |revision, installed| (revision, What::Recorded, installed);
    assert_eq!(
        told,
        [(1, What::Added, false), recorded(2, true), recorded(3, false), recorded(4, true), (4, What::Asked, false)]
    );
    let active = Filter { domain_status: Some(DomainStatus::Active), limit: 10, ..Filter::default() };
    let listed = store.list(&Scope::All, &active).await;
    assert_eq!(listed.expect("lists").items.len(), 1, "the index columns moved with the facts");
}

pub(super) async fn other_processes_are_heard_once(kit: Kit) {
    let (here, there) = (&kit.store, kit.another().await);
    let mut tail = here.tail(START).await.expect("reads");
    let customer = customer(here, "Court").await;
    domain(here, &customer, "own.court.test").await;
    let mut heard = here.changes();
    let theirs = domain(&there, &customer, "their.court.test").await.setup.id;
    assert_eq!(here.relay(&mut tail, START.plus(1)).await.expect("relays"), Relayed::Told(1));
    assert_eq!(heard.recv().await.expect("told").domain, theirs);
    assert_eq!(here.relay(&mut tail, START.plus(2)).await.expect("relays"), Relayed::Told(0), "told once");
    // Whatever the time on it.
    for at in [START.plus(-2 * HOUR_MS), START.plus(2 * HOUR_MS)] {
        there.ask_refresh(&Scope::All, &theirs, at).await.expect("asked");
        assert_eq!(here.relay(&mut tail, START.plus(3)).await.expect("relays"), Relayed::Told(1));
    }
    let anew = here.tail(START).await.expect("reads");
    here.prune(START.plus(4 * HOUR_MS)).await.expect("prunes");
    assert_eq!(here.relay(&mut tail, START.plus(4)).await.expect("relays"), Relayed::Told(0));
    // Positions go on where they were, though no row is left.
    there.ask_refresh(&Scope::All, &theirs, START.plus(5 * HOUR_MS)).await.expect("asked");
    for mut tail in [tail, anew] {
        assert_eq!(here.relay(&mut tail, START.plus(5)).await.expect("relays"), Relayed::Told(1));
    }
    // Whoever was away for longer than notices are kept has to read everything again.
    let mut old = here.tail(START).await.expect("reads");
    assert_eq!(here.relay(&mut old, START.plus(HOUR_MS)).await.expect("relays"), Relayed::Missed);
}

pub(super) async fn postgres_calls_other_processes(kit: Kit) {
    const SOON: Duration = Duration::from_secs(10);
    const MOMENT: Duration = Duration::from_millis(50);
    let (here, there) = (&kit.store, kit.another().await);
    let customer = customer(here, "Court").await;
    let Some(mut calls) = here.calls().await.expect("listens") else {
        assert!(kit.folder().is_some(), "only SQLite calls nobody");
        return;
    };
    domain(here, &customer, "own.court.test").await;
    domain(&there, &customer, "their.court.test").await;
    timeout(SOON, here.call()).await.expect("something was written").expect("calls");
    assert!(timeout(MOMENT, calls.next()).await.is_err(), "nobody is called by themselves");
    timeout(SOON, there.call()).await.expect("something was written").expect("calls");
    timeout(SOON, calls.next()).await.expect("called").expect("the connection stands");
    assert!(timeout(MOMENT, there.call()).await.is_err(), "nothing was written since");
    kit.meddle("select pg_terminate_backend(pid) from pg_stat_activity where query like 'LISTEN%' and datname = current_database()").await;
    assert!(timeout(SOON, calls.next()).await.expect("told").is_err(), "a lost connection is told");
}
