//! No door without an act: the tests that walk every door know all of them.

use crate::kit::doors::every_door;

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
