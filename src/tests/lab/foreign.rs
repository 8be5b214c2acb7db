//! What belongs to another customer: at every page, in the form that is answered by a page, and by ids that stand beside the
//! first one.

use crate::kit::asker::{Asker, BOROUGH, PASSWORD};
use crate::kit::doors::other_doors;
use crate::kit::node::{Database, Node};
use crate::kit::pages::{Page, every_page};
use crate::kit::rest::Answer;
use crate::kit::theirs::{AGENCY, CLERK, Theirs};
use padlock::domain::role::{Act, Role};
use padlock::wire::domain::{DomainView, EventView};
use serde_json::{Value, json};

/// The id of nothing.
const NOBODY: &str = "0";

/// A page's own part, without what differs each time.
fn main_part(answer: &Answer) -> String {
    let text = answer.text();
    let main = text.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>")).map_or("", |(main, _)| main);
    if answer.nonce().is_empty() { main.to_owned() } else { main.replace(answer.nonce(), "") }
}

/// A page about nothing is not found, or is no page for this role; one that is about no one thing opens.
fn keeps_the_table(what: &str, role: Role, page: &Page, about_nothing: &Answer) {
    let (status, title): (u16, &str) = match page.act {
        Some(act) if !role.may(act) => (403, "You cannot open this page"),
        _ if page.thing().is_some() => (404, "Page not found"),
        Some(_) => (200, "<h1"),
        None => return,
    };
    let told = main_part(about_nothing);
    assert!(about_nothing.status == status && told.contains(title), "{what}: {} {told}", about_nothing.status);
}

#[tokio::test]
async fn every_page_keeps_the_table_and_tells_nothing_of_another_customer() {
    let Some(node) = Node::start(Database::Postgres).await else { return };
    let theirs = Theirs::made(&node).await;
    node.customer(BOROUGH);
    for role in Role::ALL {
        let asker = Asker::with(&node, role).await;
        for page in every_page().unwrap() {
            let what = format!("{} at {}", role.word(), page.route);
            let nothing = asker.open(&node, &page.at(NOBODY)).await;
            assert!(nothing.status.as_u16() < 500 && nothing.status != 401, "{what}: {nothing:?}");
            keeps_the_table(&what, role, &page, &nothing);
            if role.sees_all_customers() {
                continue;
            }
            theirs.stay_hidden(&what, &nothing.text());
            // Lists are narrowed by ids in the address as well.
            let id = theirs.id(page.thing().unwrap_or("customer"));
            let asked = format!("{}?customer={}&agency={}", page.at(id), theirs.customer, theirs.agency);
            let foreign = asker.open(&node, &asked).await;
            assert!(foreign.status.as_u16() < 500, "{what}: {foreign:?}");
            let brought = [id, theirs.customer.as_str(), theirs.agency.as_str()];
            let told = |text: String| brought.iter().fold(text, |text, id| text.replace(*id, NOBODY));
            theirs.stay_hidden(&what, &told(foreign.text()));
            if page.thing().is_some() {
                let (one, other) = ((foreign.status, told(main_part(&foreign))), (nothing.status, main_part(&nothing)));
                assert_eq!(one, other, "{what}: told apart from what is not there");
            }
        }
    }
    // The same addresses tell whoever may know.
    let support = node.sign_in("support@people.test", PASSWORD).await;
    for page in ["/domains/:id", "/domains/:id/diagnosis", "/certificates/:id"] {
        let page = every_page().unwrap().into_iter().find(|known| known.route == page).unwrap();
        let at = page.at(theirs.id(page.thing().unwrap()));
        let shown = node.ask("GET", &at, &[("cookie", &support), ("accept", "text/html")], "").await.expect(200);
        assert!(shown.text().contains(&theirs.domain.domain), "{at}: {}", shown.text());
    }
}

#[tokio::test]
async fn strangers_are_led_to_the_sign_in_page_from_every_page() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let kept = node.add(&node.name("kept", "court.test")).await;
    for page in every_page().unwrap().iter().filter(|page| page.act.is_some()) {
        let at = page.at(if page.thing() == Some("domain") { &kept.id } else { NOBODY });
        let answer = node.ask("GET", &at, &[("accept", "text/html")], "").await;
        let led = answer.status == 302 && answer.header("location").starts_with("/sign-in?next=");
        assert!(led, "{at}: {answer:?}");
        assert!(!answer.text().contains(&kept.domain), "{at}: {}", answer.text());
    }
}

/// The Console's own form is answered by a page, so that it stands beside the doors that scripts read.
#[tokio::test]
async fn a_table_is_looked_at_for_whoever_manages_its_customer_and_adds_nothing() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let customers = node.api("GET", "/customers", Value::Null).await.json();
    let county = customers["items"][0]["id"].as_str().unwrap().to_owned();
    node.customer(BOROUGH);
    let door = other_doors().unwrap().into_iter().find(|door| door.path == "/domains/import").unwrap();
    for role in Role::ALL {
        let asker = Asker::with(&node, role).await;
        let theirs = asker.submit(&node, &door, &county).await;
        let nothing = asker.submit(&node, &door, NOBODY).await;
        let what = format!("{}: {}", role.word(), theirs.text());
        assert_eq!(theirs.status == 403, !role.may(Act::Manage), "{what}");
        if role.may(Act::Manage) {
            let refused = main_part(&theirs).contains("There is no customer");
            assert_eq!((theirs.status.as_u16(), refused), (200, !role.sees_all_customers()), "{what}");
        }
        if !role.sees_all_customers() {
            assert_eq!(main_part(&theirs).replace(&county, NOBODY), main_part(&nothing), "{what}");
            assert!(!theirs.text().contains("County"), "{what}");
        }
    }
    let (path, body) = door.call(&county);
    let own = node.setting("PADLOCK_PUBLIC_URL");
    let headers = [("accept", "text/html"), ("origin", own), ("content-type", door.kind())];
    let stranger = node.ask("POST", &path, &headers, &body).await.expect(302);
    assert!(stranger.header("location").starts_with("/sign-in"), "{stranger:?}");
    let list = node.api("GET", "/domains", Value::Null).await.json();
    assert_eq!(list["items"], json!([]));
}

/// What was done to a domain, and by whom.
async fn actors(node: &Node, id: &str) -> Vec<String> {
    let page = node.api("GET", &format!("/domains/{id}/events?limit=200"), Value::Null).await.expect(200).json();
    let events: Vec<EventView> = serde_json::from_value(page["items"].clone()).unwrap();
    events.into_iter().map(|event| event.actor).collect()
}

/// Every way to name an agency of another customer, by scripts and by forms.
async fn name_their_agency(node: &Node, asker: &Asker, own: &DomainView, named: &str) {
    let (page, new) = (format!("/domains/{}", own.id), node.name("new", "court.test"));
    for (method, path, body) in [
        ("PATCH", &*page, json!({ "agency": named })),
        ("PATCH", &*page, json!({ "enabled_agencies": [named] })),
        ("POST", "/domains", json!({ "domain": new, "agency": named })),
    ] {
        let told = node.api_as(&asker.token, method, path, body).await.expect_problem(422, "unknown_agency");
        assert!(!told.to_string().contains("County") || named == AGENCY, "{told}");
    }
    let typed = named.replace(' ', "+");
    let forms = [
        ("add", format!("domain={new}&name=&customer=&agency={typed}&alias=")),
        ("change", format!("id={}&name=Own&alias={}&agency={typed}&state=on", own.id, own.alias)),
        ("share", format!("id={}&enabled_agencies[]={typed}&monitoring_reports=&every=never", own.id)),
    ];
    for (door, form) in forms {
        let told = asker.send(node, &format!("/api/domains/{door}"), &form).await.expect(422).json();
        assert_eq!(told["code"], "unknown_agency", "{door}: {told}");
    }
    for list in ["/domains", "/domains/export", "/certificates"] {
        let asked = format!("{list}?agency={typed}");
        node.api_as(&asker.token, "GET", &asked, Value::Null).await.expect_problem(422, "unknown_agency");
    }
    let table = json!({ "csv": format!("domain,agency\n{new},{named}") });
    let came = node.api_as(&asker.token, "POST", "/domains/import", table).await.expect(200).json();
    assert_eq!((&came["added"], &came["wrong"]), (&json!(0), &json!(1)), "{came}");
}

#[tokio::test]
async fn ids_beside_the_first_one_reach_no_other_customer() {
    let Some(node) = Node::start(Database::Postgres).await else { return };
    let theirs = Theirs::made(&node).await;
    let fresh = node.add(&node.name("fresh", "court.test")).await;
    node.customer(BOROUGH);
    let asker = Asker::with(&node, Role::Manager).await;
    let name = json!({ "domain": node.name("own", "court.test") });
    let own: DomainView = node.api_as(&asker.token, "POST", "/domains", name).await.expect(201).read();
    let agencies = node.api("GET", "/agencies", Value::Null).await.json();

    // Theirs are counted as not there, and among one's own they change nothing.
    let refresh = "/api/domains/refresh-many";
    for (ids, told) in [(vec![&fresh.id, &theirs.domain.id], "0-0-2-0"), (vec![&own.id, &fresh.id], "1-0-1-0")] {
        let ids: Vec<String> = ids.into_iter().map(|id| format!("ids[]={id}")).collect();
        let answer = asker.send(&node, refresh, &format!("{}&which=ticked", ids.join("&"))).await;
        assert_eq!(answer.header("location"), format!("/domains?refreshed={told}"), "{answer:?}");
    }
    // Had anybody asked for a look at it by then, this would be too soon.
    node.api("POST", &format!("/domains/{}/refresh", fresh.id), Value::Null).await.expect(202);

    for named in [theirs.agency.as_str(), AGENCY] {
        name_their_agency(&node, &asker, &own, named).await;
    }
    let (person, customer) = (&theirs.person, &theirs.customer);
    for (door, form) in [
        ("people/show", format!("id={person}&customer={customer}")),
        ("people/change-role", format!("id={person}&customer={customer}&role=viewer")),
        ("people/remove", format!("id={person}&customer={customer}")),
        ("session/switch", format!("customer={customer}")),
    ] {
        let told = asker.send(&node, &format!("/api/{door}"), &form).await.expect(404).json();
        assert_eq!(told["code"], "not_found", "{door}");
    }

    assert_eq!(node.api("GET", "/agencies", Value::Null).await.json(), agencies);
    let now = node.domain(&theirs.domain.id).await;
    assert_eq!((now.name, now.agency, now.enabled_agencies, now.ready), (theirs.domain.name, None, Vec::new(), true));
    for id in [&theirs.domain.id, &fresh.id] {
        let actors = actors(&node, id).await;
        assert!(!actors.iter().any(|actor| actor.contains("manager")), "{actors:?}");
    }
    let own = node.domain(&own.id).await;
    assert_eq!((own.agency, own.enabled_agencies), (None, Vec::new()));
    let list = node.api_as(&asker.token, "GET", "/domains", Value::Null).await.json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    let clerk = Asker { token: String::new(), cookie: node.sign_in(CLERK, PASSWORD).await };
    assert_eq!(clerk.send(&node, "/api/session/viewer", "").await.expect(200).json()["role"], "manager");
}
