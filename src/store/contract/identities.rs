//! Who people are at an OpenID provider.

use super::given::{START, customer};
use super::kit::Kit;
use crate::domain::role::Role;
use crate::store::{Identity, Known, NewInvitation, NewUser, Scope, Store, User};

fn identity(issuer: &str, subject: &str) -> Identity {
    Identity { issuer: issuer.into(), subject: subject.into() }
}

async fn linked(store: &Store, identity: &Identity, email: &str) -> User {
    match store.link_identity(identity, email, START).await.expect("writes") {
        Known::Linked(user) => user,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn a_person_is_known_once_by_address_and_then_by_name(kit: Kit) {
    let store = &kit.store;
    let court = customer(store, "Court").await;
    let clerk = NewUser {
        email: "Clerk@court.test".into(),
        password_hash: "$argon2id$".into(),
        role: Role::Manager,
        customer: Some(court),
    };
    let clerk = store.add_user(clerk, START).await.expect("added").id;
    let first = identity("https://id.test", "1");
    assert!(store.user_of_identity(&first).await.expect("reads").is_none());
    assert_eq!(linked(store, &first, "clerk@court.test").await.id, clerk);
    assert_eq!(store.user_of_identity(&first).await.expect("reads").expect("is there").id, clerk);
    assert_eq!(linked(store, &identity("https://other.test", "1"), "clerk@court.test").await.id, clerk);

    // The address went to somebody else there, or a name there turns up with another address.
    for again in [identity("https://id.test", "2"), first] {
        let known = store.link_identity(&again, "clerk@court.test", START).await.expect("reads");
        assert!(matches!(known, Known::Another), "{known:?}");
    }
    let nobody = store.link_identity(&identity("https://id.test", "3"), "nobody@court.test", START).await;
    assert!(matches!(nobody.expect("reads"), Known::Nobody));
    assert!(store.user_by_email("nobody@court.test").await.expect("reads").is_none(), "nobody gets an account by it");
}

pub(super) async fn who_was_invited_comes_in_with_every_role_that_was_offered(kit: Kit) {
    let store = &kit.store;
    for (n, name) in ["Court", "County"].into_iter().enumerate() {
        let new = NewInvitation {
            email: "New@court.test".into(),
            customer: Some(customer(store, name).await),
            role: Role::Viewer,
            token_sha256: [n as u8; 32],
            invited_by: "ana@court.test".into(),
            expires_at: START.plus(1_000),
        };
        store.add_invitation(new, START).await.expect("writes").expect("has room");
    }
    let user = linked(store, &identity("https://id.test", "1"), "new@court.test").await;
    assert_eq!(user.password_hash, "", "no password has this hash");
    let places: Vec<Role> = store.memberships(&user.id).await.expect("reads").iter().map(|one| one.role).collect();
    assert_eq!(places, [Role::Viewer, Role::Viewer]);
    assert_eq!(store.invitations(&Scope::All, START).await.expect("reads"), [], "each is used up");
    // One whose time is over is none.
    let late = store.link_identity(&identity("https://id.test", "2"), "late@court.test", START).await;
    assert!(matches!(late.expect("reads"), Known::Nobody));
}
