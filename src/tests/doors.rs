//! No door and no page without an act: the tests that walk all of them know each.

use crate::kit::doors::{every_door, other_doors};
use crate::kit::pages::every_page;

#[test]
fn every_door_says_what_it_asks_for() {
    let doors = every_door().unwrap_or_else(|complaint| panic!("{complaint}"));
    assert!(doors.len() > 25, "the doors were not found: {}", doors.len());
    let open = doors.iter().filter(|door| door.act.is_none());
    for door in open {
        // What these show or do is settled by a secret in a mail or a link.
        let by_secret = ["/api/v1/shared/", "/api/links/shared", "/api/approvals/", "/api/notices/unsubscrib"];
        let is_shared = by_secret.iter().any(|start| door.path.starts_with(start));
        let sound = is_shared || door.path.starts_with("/api/session/") || door.path == "/api/v1/openapi.json";
        assert!(sound, "{} is open to strangers", door.path);
    }
}

#[test]
fn every_door_of_the_routers_says_what_it_asks_for() {
    let doors = other_doors().unwrap_or_else(|complaint| panic!("{complaint}"));
    for door in doors.iter().filter(|door| door.act.is_none()) {
        let sound = door.is_one_click() || door.path.starts_with("/sign-in/openid");
        assert!(sound, "{} is open to strangers", door.path);
    }
}

#[test]
fn every_page_says_what_it_asks_for() {
    let pages = every_page().unwrap_or_else(|complaint| panic!("{complaint}"));
    assert!(pages.len() > 30, "the pages were not found: {}", pages.len());
    for page in pages.iter().filter(|page| page.act.is_none()) {
        // These show nothing of anybody's, or what a secret in a mail or a link opens.
        let plain = ["/", "/sign-in", "/help", "/answered", "/unsubscribed"].contains(&page.route.as_str());
        let secret = page.route.ends_with("/:token") || page.route.ends_with("/:secret");
        assert!(plain || secret, "{} is open to strangers", page.route);
    }
}
