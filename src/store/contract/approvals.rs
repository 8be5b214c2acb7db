//! Requests to approve a domain by e-mail: one is open, its link works once and not for ever.

use super::given::{START, customer, entry, new_domain};
use super::kit::Kit;
use crate::domain::setup::VerificationMethod;
use crate::domain::time::DAY_MS;
use crate::store::{ApprovalRequest, NewApproval, NewDomain, Scope};

pub(super) async fn a_request_is_answered_once(kit: Kit) {
    let store = &kit.store;
    let court = customer(store, "Court").await;
    let by_mail = NewDomain { verification_method: VerificationMethod::Email, ..new_domain(&court, "www.court.test") };
    let stored = store.add_domain(&Scope::All, by_mail, Some(entry("added")), START).await.expect("added");
    let (id, expires_at) = (&stored.setup.id, START.plus(3 * DAY_MS));
    for (n, address) in [(1, "admin@court.test"), (2, "webmaster@court.test")] {
        let new = NewApproval { address, token_sha256: [n; 32], expires_at };
        store.add_approval(&stored, new, &entry("approval.asked"), START.plus(i64::from(n))).await.expect("written");
    }
    let open = async |n: u8, now| store.open_approval(&[n; 32], now).await.expect("reads");
    assert_eq!(open(1, START).await, None, "the second took its place");
    assert_eq!(open(3, START).await, None, "nobody's link");
    assert_eq!(open(2, expires_at).await, None, "its time is over");
    let request = open(2, expires_at.plus(-1)).await.expect("open");
    assert_eq!((request.address.as_str(), &request.outcome), ("webmaster@court.test", &None));
    assert_eq!(store.approvals_since(id, START.plus(1)).await.expect("reads"), [START.plus(2)]);

    let answer = async |request: &ApprovalRequest, given| {
        store.answer_approval(request, given, &entry("approval.answered"), START.plus(9)).await.expect("written")
    };
    assert!(answer(&request, true).await);
    assert!(!answer(&request, false).await, "the link is used up");
    assert_eq!(open(2, START).await, None);
    let last = store.last_approval(id).await.expect("reads").expect("there");
    assert_eq!(last, ApprovalRequest { outcome: Some("approved".into()), ..request });
    let told = store.timeline(&Scope::All, id, None, 9).await.expect("reads").items;
    let kinds: Vec<&str> = told.iter().map(|line| line.kind.as_str()).collect();
    assert_eq!(kinds, ["approval.answered", "approval.asked", "approval.asked", "added"]);
}
