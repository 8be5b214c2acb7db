//! What is said of a name before it is added: the same as adding it would, and nothing of another customer's domains.

use crate::kit::stage::Stage;
use padlock::console::caller::Caller;
use padlock::console::desk::Desk;
use padlock::console::domains::NewWebDomain;
use padlock::domain::candidate::Candidate;
use padlock::domain::id::CustomerId;
use padlock::domain::role::Role;
use padlock::wire::error::Kind;

fn desk(stage: &Stage, role: Role, customer: &str) -> Desk {
    let customer = Some(CustomerId::new(customer));
    Desk::new(stage.console(), Caller { name: "ana".into(), role, customer, ..Caller::command_line() })
}

#[tokio::test]
async fn a_name_is_judged_as_adding_it_judges_it() {
    let stage = Stage::new().await;
    let there = stage.add("there.court.test").await;
    let desk = stage.desk();
    for typed in [
        "portal.court.test",
        "Portal.Two.Court.TEST ",
        "court.test",
        "*.court.test",
        "there.court.test",
        "co.uk",
        "test",
        "https://pay.court.test/",
        "dcv.platform.test",
        "x.edge.platform.test",
    ] {
        let said = desk.check_name(typed, "County").await.unwrap();
        let customer = Some("County".to_owned());
        let added = desk.add_domain(&NewWebDomain { domain: typed.into(), customer, ..NewWebDomain::default() }).await;
        match (&said, added) {
            (Candidate::Free | Candidate::Heed(_), Ok(_)) => {}
            (Candidate::Refused(words), Err(refusal)) => assert_eq!(*words, refusal.detail, "{typed}"),
            (Candidate::There { page }, Err(refusal)) => {
                assert_eq!((page, refusal.kind), (&format!("/domains/{}", there.id), Kind::Conflict), "{typed}");
            }
            (_, other) => panic!("{typed}: {said:?} before, then {other:?}"),
        }
        match (typed, &said) {
            ("portal.court.test" | "Portal.Two.Court.TEST ", Candidate::Free) => {}
            ("court.test", Candidate::Heed(words)) => assert!(words.contains("no CNAME can stand"), "{words}"),
            ("*.court.test", Candidate::Heed(words)) => assert!(words.contains("over DNS only"), "{words}"),
            ("there.court.test", Candidate::There { .. }) => {}
            ("co.uk" | "test", Candidate::Refused(words)) => assert!(words.contains("shared suffix"), "{words}"),
            ("https://pay.court.test/" | "dcv.platform.test" | "x.edge.platform.test", Candidate::Refused(_)) => {}
            (typed, said) => panic!("{typed}: {said:?}"),
        }
    }
    desk.remove(&there.id).await.unwrap();
    assert_eq!(desk.check_name("there.court.test", "County").await.unwrap(), Candidate::Free);
}

#[tokio::test]
async fn what_another_customer_has_reads_like_what_nobody_has() {
    let stage = Stage::new().await;
    let ours = stage.add("www.court.test").await;
    let theirs = stage.add_for("City", "portal.court.test").await;
    let county = desk(&stage, Role::Manager, &ours.customer);
    for name in ["portal.court.test", "nobody.court.test"] {
        assert_eq!(county.check_name(name, "").await.unwrap(), Candidate::Free, "{name}");
        assert_eq!(county.check_name(name, "County").await.unwrap(), Candidate::Free, "{name}");
    }
    let city = desk(&stage, Role::Manager, &theirs.customer);
    let there = |id: &str| Candidate::There { page: format!("/domains/{id}") };
    assert_eq!(city.check_name("portal.court.test", "").await.unwrap(), there(&theirs.id));
    assert_eq!(county.check_name("www.court.test", "").await.unwrap(), there(&ours.id));
    for customer in ["City", "Nowhere", theirs.customer.as_str()] {
        let refused = county.check_name("portal.court.test", customer).await.unwrap_err();
        assert_eq!(refused.code, "unknown_customer", "{customer}");
    }
}

#[tokio::test]
async fn only_who_may_add_a_domain_asks_about_names() {
    let stage = Stage::new().await;
    let ours = stage.add("www.court.test").await;
    let viewer = desk(&stage, Role::Viewer, &ours.customer);
    assert_eq!(viewer.check_name("www.court.test", "").await.unwrap_err().kind, Kind::Forbidden);
    let theirs = stage.add_for("City", "portal.court.test").await;
    // Who sees all customers says at which one.
    let operator = stage.desk();
    assert_eq!(operator.check_name("portal.court.test", "").await.unwrap_err().code, "customer_needed");
    assert_eq!(operator.check_name("portal.court.test", "County").await.unwrap(), Candidate::Free);
    let said = operator.check_name("portal.court.test", &theirs.customer).await.unwrap();
    assert!(matches!(said, Candidate::There { .. }), "{said:?}");
}
