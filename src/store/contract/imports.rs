//! Domains that come from elsewhere, many at once.

use super::given::{START, certified, claim, customer, domain, new_domain};
use super::kit::Kit;
use crate::domain::id::DomainId;
use crate::store::{AddProblem, Filter, Import, Scope, Store};

/// What another store keeps of a served domain, under another name and with a label of its own.
async fn taken_along(from: &Store, host: &str) -> Import {
    let claimed = claim(from, "w", START).await;
    let facts = certified(from, &claimed, host, b"the private key", START).await;
    let key = from.signing_key(&facts.certificate.as_ref().expect("issued").key).await.expect("opens").expect("there");
    Import { setup: claimed.stored.setup, facts, secret: Some((key, "the chain".into())) }
}

pub(super) async fn what_comes_from_elsewhere_is_kept_as_it_was(kit: Kit) {
    let elsewhere = Kit::sqlite().await;
    let from = &elsewhere.store;
    let owner = customer(from, "Court").await;
    domain(from, &owner, "www.court.test").await;
    let mut first = taken_along(from, "www.court.test").await;
    let second = domain(from, &owner, "jury.court.test").await;
    let mut second = Import { setup: second.setup, facts: second.facts, secret: None };

    let store = &kit.store;
    let refused = store.import(std::slice::from_ref(&first), START).await;
    assert!(matches!(refused, Err(AddProblem::UnknownCustomer)), "{refused:?}");
    let ours = customer(store, "Court").await;
    for import in [&mut first, &mut second] {
        import.setup.customer = ours.clone();
    }
    let (setup, facts) = (first.setup.clone(), first.facts.clone());
    let both = [first, second];
    store.import(&both, START).await.expect("imported");
    let read = store.domain(&Scope::All, &setup.id).await.expect("reads").expect("there");
    assert_eq!((&read.setup, &read.facts), (&setup, &facts));
    let site = store.site(&setup.id).await.expect("opens").expect("there");
    let served = site.installable.expect("is served");
    assert_eq!((served.pkcs8.as_slice(), served.chain_pem.as_str()), (&b"the private key"[..], "the chain"));
    // Added again after its removal it would get the same token; its label is spent.
    assert!(store.remove_domain(&Scope::All, &setup.id, None, START).await.expect("removed"));
    let again = store.add_domain(&Scope::All, new_domain(&ours, "www.court.test"), None, START).await.expect("added");
    assert_eq!(again.setup.token, setup.token);
    assert_ne!(again.setup.dcv_label, setup.dcv_label);

    // All or none.
    let [_, there] = both;
    let mut new = Import { setup: there.setup.clone(), facts: there.facts.clone(), secret: None };
    new.setup.id = DomainId::new("new");
    new.setup.hostname = new_domain(&ours, "new.court.test").hostname;
    let refused = store.import(&[new, there], START).await;
    assert!(matches!(refused, Err(AddProblem::AlreadyYours | AddProblem::Store(_))), "{refused:?}");
    let page = store.list(&Scope::All, &Filter { q: Some("new".into()), limit: 1, ..Filter::default() }).await;
    assert_eq!(page.expect("lists").items, []);
}
