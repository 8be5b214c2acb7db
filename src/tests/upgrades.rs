//! Upgrades: a database as a released version left it, opened by this one. Nothing is lost, and nothing is ordered anew.
//!
//! Each file of `released/` was written by the code of that version, and is never edited.

use crate::kit::stage::{Left, Stage};
use padlock::domain::record::Purpose;
use padlock::domain::time::{HOUR_MS, MINUTE_MS, Millis};
use padlock::wire::domain::DomainView;
use std::collections::HashMap;

/// What ordered nothing while the old version ran, and has no reason to do so now.
const SETTLED: [&str; 5] =
    ["live.court.test", "renewed.court.test", "moved.court.test", "unrouted.court.test", "disabled.court.test"];
/// Another customer's claim of a name that is held.
const RIVAL: &str = "live.court.test, of somebody else";
/// What was about to order: one refused a minute ago, one whose order was planned and not yet opened.
const IN_HAND: [&str; 2] = ["ordered.court.test", "refused.court.test"];
/// Through the first day after the upgrade in steps of this.
const STEP_MS: i64 = HOUR_MS / 2;
const STEPS: usize = 48;

#[tokio::test]
async fn an_upgrade_orders_nothing_that_the_old_version_would_not_have() {
    let left = Left {
        sql: include_str!("released/0001.sql"),
        master_key_hex: include_str!("released/0001.key"),
        at: Millis(1_796_932_519_511),
    };
    let stage = Stage::left(&left).await;
    let before = views(&stage).await;
    assert_eq!(before.len(), 9, "the domains of the old version are all there, but the removed one");
    for (name, view) in &before {
        publish_as_it_was(&stage, name, view);
    }
    for _ in 0..STEPS {
        stage.later(STEP_MS).await;
    }
    stage.later(MINUTE_MS).await;

    let after = views(&stage).await;
    for name in SETTLED {
        let (old, new) = (&before[name], &after[name]);
        assert_eq!(
            (old.domain_status, old.ssl_status, old.ready),
            (new.domain_status, new.ssl_status, new.ready),
            "{name}"
        );
        assert_eq!(old.certificates[0].fingerprint_sha256, new.certificates[0].fingerprint_sha256, "{name}");
        assert_eq!(old.certificates.len(), new.certificates.len(), "{name}");
        let values = |view: &DomainView| view.dns_records.iter().map(|record| record.value.clone()).collect::<Vec<_>>();
        assert_eq!(values(old), values(new), "{name}: tokens and labels never change");
    }
    let mut ordered = stage.ca.ordered_names();
    ordered.sort();
    assert_eq!(ordered, IN_HAND, "one order each, and nobody else's");
    for name in IN_HAND {
        assert!(after[name].ready, "{name}: {:#?}", after[name]);
    }
    stage.assert_tidy();
}

/// By name; of the two claims of one name, the holder's.
async fn views(stage: &Stage) -> HashMap<String, DomainView> {
    let mut found = HashMap::new();
    for view in stage.all().await {
        let is_rival = view.domain == "live.court.test" && view.certificates.is_empty();
        found.insert(if is_rival { RIVAL.to_owned() } else { view.domain.clone() }, view);
    }
    found
}

/// DNS says what it said to the old version.
fn publish_as_it_was(stage: &Stage, name: &str, view: &DomainView) {
    match name {
        RIVAL | "waiting.court.test" => {}
        "moved.court.test" | "unrouted.court.test" => stage.publish(view, &[Purpose::Validation, Purpose::Dcv]),
        _ => stage.publish(view, &Purpose::ALL),
    }
}
