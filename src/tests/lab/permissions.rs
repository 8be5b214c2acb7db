//! Every door, for every role, about things that exist, don't exist, and are another customer's; and ten forgeries each.

use crate::kit::asker::{Asker, BOROUGH, PASSWORD};
use crate::kit::doors::{Door, every_door, other_doors};
use crate::kit::node::{Database, Node};
use crate::kit::rest::{self, Answer};
use crate::kit::theirs::Theirs;
use padlock::domain::role::Role;
use padlock::domain::status::DomainStatus;
use serde_json::Value;
use std::time::Duration;

/// The id of nothing.
const NOBODY: &str = "0";
const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn every_door_keeps_the_table_and_leaks_nothing() {
    let Some(node) = Node::start(Database::Postgres).await else { return };
    let theirs = Theirs::made(&node).await;
    node.customer(BOROUGH);
    let doors = every_door().unwrap();
    for role in Role::ALL {
        let asker = Asker::with(&node, role).await;
        for door in &doors {
            let Some(act) = door.act else { continue };
            let what = format!("{} at {} {}", role.word(), door.method, door.path);
            let nothing = asker.ask(&node, door, NOBODY).await;
            assert_eq!(nothing.status == 403, !role.may(act), "{what}: {}", nothing.text());
            assert!(!nothing.text().contains("bad_input"), "{what}: the call is not one: {}", nothing.text());
            assert!(nothing.status.as_u16() < 500 && nothing.status != 401, "{what}: {nothing:?}");
            if role.sees_all_customers() {
                continue;
            }
            if role.may(act) && door.names_something() {
                found_nothing(&what, door, &nothing);
            }
            indistinguishable(&what, &nothing, &asker.ask(&node, door, theirs.id(door.thing)).await, &theirs, door);
        }
    }
    let now = node.domain(&theirs.domain.id).await;
    assert_eq!((now.name, now.domain_status), (theirs.domain.name, DomainStatus::Active));
}

/// The answer says that there is no such thing, and not that something else is wrong with the call: the same answer about
/// another's thing would prove nothing then.
fn found_nothing(what: &str, door: &Door, answer: &Answer) {
    let told = answer.json();
    match (answer.status.as_u16(), told["code"].as_str()) {
        (404, Some("not_found")) => {}
        // A customer is named in a field, and the answer points at it.
        (422, Some("unknown_customer")) if door.thing == "customer" => {}
        _ => panic!("{what}: something else is said than that it is not there: {told}"),
    }
}

/// What is another's is answered like what does not exist, but for the id, which the asker brought.
fn indistinguishable(what: &str, nothing: &Answer, foreign: &Answer, theirs: &Theirs, door: &Door) {
    let told = foreign.text().replace(theirs.id(door.thing), NOBODY);
    assert_eq!((foreign.status, &told), (nothing.status, &nothing.text()), "{what}: told apart from what is not there");
    theirs.stay_hidden(what, &told);
}

#[tokio::test]
async fn strangers_are_asked_to_sign_in_at_every_door() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let own = node.setting("PADLOCK_PUBLIC_URL");
    for door in every_door().unwrap().iter().filter(|door| door.act.is_some()) {
        let (path, body) = door.call(NOBODY);
        let headers = [("origin", own), ("accept", "application/json"), ("content-type", door.kind())];
        let answer = node.ask(&door.method, &path, &headers, &body).await;
        assert_eq!(answer.status, 401, "{} {}: {}", door.method, door.path, answer.text());
    }
}

/// What a browser says of a request that another site made it send, and what one says that hides where it comes from.
fn forgeries(own: &str) -> [Vec<(&'static str, String)>; 10] {
    let evil = || ("origin", "https://evil.example".to_owned());
    [
        vec![],
        vec![evil()],
        vec![evil(), ("sec-fetch-site", "cross-site".into())],
        vec![("sec-fetch-site", "cross-site".into())],
        vec![("sec-fetch-site", "same-site".into())],
        vec![("origin", "null".into())],
        vec![("origin", format!("{own}.evil.example"))],
        vec![("origin", own.replace(":3000", ":3001"))],
        vec![("origin", own.replace("://", "://sub."))],
        vec![evil(), ("x-http-method-override", "GET".into()), ("x-forwarded-host", "evil.example".into())],
    ]
}

#[tokio::test]
async fn forgeries_are_refused_at_every_door_that_mutates() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let own = node.setting("PADLOCK_PUBLIC_URL").to_owned();
    node.user("ana@county.test", "operator", None, PASSWORD);
    let cookie = node.sign_in("ana@county.test", PASSWORD).await;
    let kept = node.add(&node.name("kept", "court.test")).await;
    let doors = every_door().unwrap().into_iter().chain(other_doors().unwrap());
    // A mail program's one click comes from elsewhere by its nature: see below.
    for door in doors.filter(|door| door.mutates() && !door.is_one_click()) {
        let (path, body) = door.call(if door.thing == "domain" { &kept.id } else { "County" });
        for forgery in forgeries(&own) {
            for kind in [door.kind(), "text/plain"] {
                let mut headers = vec![("cookie", cookie.as_str()), ("content-type", kind), ("accept", "text/html")];
                headers.extend(forgery.iter().map(|(name, value)| (*name, value.as_str())));
                let refused = node.ask(&door.method, &path, &headers, &body).await;
                assert_eq!(refused.status, 403, "{} {path} {forgery:?}: {}", door.method, refused.text());
                assert!(refused.headers.get("set-cookie").is_none(), "{} {path} {forgery:?}", door.method);
            }
        }
    }
    let list = node.api("GET", "/domains", Value::Null).await.json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!(node.domain(&kept.id).await.name, kept.name);
    // The same call from the Console's own pages is the one that works.
    let mine = [("cookie", cookie.as_str()), ("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
    node.ask("DELETE", &format!("/api/v1/domains/{}", kept.id), &mine, "").await.expect(204);
}

/// What a person chose to be written about: topics that are wanted.
async fn wanted(node: &Node, cookie: &str) -> Vec<String> {
    let own = node.setting("PADLOCK_PUBLIC_URL");
    let headers = [("cookie", cookie), ("origin", own), ("accept", "application/json"), ("content-type", FORM)];
    let choices = node.ask("POST", "/api/notices/choices", &headers, "").await.expect(200).json();
    let wanted = choices.as_array().unwrap().iter().filter(|choice| choice["wanted"] == true);
    wanted.map(|choice| choice["topic"].as_str().unwrap().to_owned()).collect()
}

/// The token of the links in the first mail to an address.
async fn mail_token(node: &Node, email: &str) -> String {
    let url = format!("{}/api/mails?to={}", node.sandbox.line("LAB_MAILBOX_URL"), email.replace('@', "%40"));
    for _ in 0..300 {
        let mails: Value = rest::ask("GET", &url, &[], "").await.expect(200).json();
        let text = mails[0]["text"].as_str().unwrap_or_default();
        if let Some((_, rest)) = text.split_once("/unsubscribe/") {
            return rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no mail to {email}")
}

/// RFC 8058 §3.1: whoever reads mail posts from elsewhere, without a cookie. So the token is all that it needs, and that one
/// person's choice about that one topic all that it sets, whoever sends it and whatever they say of themselves.
#[tokio::test]
async fn one_click_needs_its_token_alone_and_sets_nothing_else() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let own = node.setting("PADLOCK_PUBLIC_URL").to_owned();
    let [ana, bob] = ["ana", "bob"].map(|name| node.name(name, "county.test").replacen('-', "@", 1));
    let bobs_id = node.user(&bob, "viewer", Some("County"), PASSWORD);
    node.user(&ana, "manager", Some("County"), PASSWORD);
    let (anas, bobs) = (node.sign_in(&ana, PASSWORD).await, node.sign_in(&bob, PASSWORD).await);
    node.ready(&node.name("told", "court.test")).await;
    let token = mail_token(&node, &ana).await;
    let (all, none) = (wanted(&node, &anas).await, wanted(&node, &bobs).await);
    assert!(all.contains(&"renewed".to_owned()) && none.is_empty(), "{all:?} {none:?}");

    let path = format!("/one-click/{token}?topic=renewed");
    for other in ["0", bobs_id.as_str(), &token[1..]] {
        let headers = [("content-type", FORM), ("cookie", anas.as_str()), ("origin", own.as_str())];
        let asked = format!("/one-click/{other}?topic=renewed");
        node.ask("POST", &asked, &headers, "List-Unsubscribe=One-Click").await.expect(404);
    }
    node.ask("GET", &path, &[("cookie", &bobs), ("accept", "text/html")], "").await.expect(303);
    let bare = node.ask("POST", &path, &[("content-type", FORM), ("cookie", &anas)], "").await;
    assert_eq!(bare.status, 403, "a cookie that does not say where it comes from: {}", bare.text());
    assert_eq!(wanted(&node, &anas).await, all, "nothing of that was one click");

    for forgery in forgeries(&own) {
        let from = forgery.iter().map(|(name, value)| (*name, value.as_str()));
        let headers: Vec<_> = from.chain([("content-type", FORM)]).collect();
        let answer = node.ask("POST", &path, &headers, "List-Unsubscribe=One-Click").await;
        assert_eq!(answer.status, 200, "{forgery:?}: {}", answer.text());
        assert!(answer.body.is_empty() && answer.headers.get("set-cookie").is_none(), "{forgery:?}: {answer:?}");
    }
    let left: Vec<String> = all.into_iter().filter(|topic| topic != "renewed").collect();
    assert_eq!((wanted(&node, &anas).await, wanted(&node, &bobs).await), (left, none));
}
