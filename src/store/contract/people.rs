//! Customers, users, tokens and sessions.

use super::given::{START, customer, walked};
use super::kit::Kit;
use crate::domain::id::{CustomerId, TokenId};
use crate::domain::role::Role;
use crate::domain::time::MINUTE_MS;
use crate::store::{Membership, NewInvitation, NewToken, NewUser, PeopleProblem, Scope, StoreError, StoredSession};

pub(super) async fn names_are_unique_whatever_the_case(kit: Kit) {
    let store = &kit.store;
    let court = customer(store, "Court").await;
    let county = customer(store, "County").await;
    assert!(matches!(store.add_customer(" cOURT", START).await, Err(PeopleProblem::Taken)));
    for asked in [court.as_str(), "court", " COURT "] {
        assert_eq!(store.customer(asked).await.expect("reads").expect("there").id, court);
    }
    assert!(store.customer("nobody").await.expect("reads").is_none());
    let names: Vec<String> = store.customers().await.expect("reads").into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["County", "Court"]);
    store.add_agency(&court, "Clerk", START).await.expect("added");
    assert!(matches!(store.add_agency(&court, "clerk", START).await, Err(PeopleProblem::Taken)));
    store.add_agency(&county, "clerk", START).await.expect("another customer's may be called the same");
    let nobody = CustomerId::new("nobody");
    assert!(matches!(store.add_agency(&nobody, "x", START).await, Err(PeopleProblem::UnknownCustomer)));
    let new = |email: &str, role, customer: Option<&CustomerId>| NewUser {
        email: email.into(),
        password_hash: "$argon2id$".into(),
        role,
        customer: customer.cloned(),
    };
    let clerk = store.add_user(new("Clerk@Court.test", Role::Manager, Some(&court)), START).await.expect("added");
    let again = store.add_user(new("clerk@court.TEST", Role::Operator, None), START).await;
    assert!(matches!(again, Err(PeopleProblem::Taken)), "{again:?}");
    let found = store.user_by_email("CLERK@court.test ").await.expect("reads").expect("there");
    assert_eq!(found.id, clerk.id);
    assert_eq!(store.user(&clerk.id).await.expect("reads").expect("there").email, "Clerk@Court.test");
    for (role, of) in [(Role::Viewer, None), (Role::Operator, Some(&court)), (Role::Support, Some(&court))] {
        let refused = store.add_user(new("x@court.test", role, of), START).await;
        assert!(matches!(refused, Err(PeopleProblem::RoleAndCustomer)), "{role:?}");
    }
    let refused = store.add_user(new("x@court.test", Role::Viewer, Some(&nobody)), START).await;
    assert!(matches!(refused, Err(PeopleProblem::UnknownCustomer)), "{refused:?}");
}

pub(super) async fn a_person_belongs_to_several_customers(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    let new = |email: &str, role, customer: Option<&CustomerId>| NewUser {
        email: email.into(),
        password_hash: "$argon2id$".into(),
        role,
        customer: customer.cloned(),
    };
    let clerk = store.add_user(new("clerk@x", Role::Viewer, Some(&court)), START).await.expect("added").id;
    let boss = store.add_user(new("boss@x", Role::Operator, None), START).await.expect("added").id;
    let of = |user| async move { store.memberships(user).await.expect("reads") };
    let at =
        |customer: &CustomerId, name: &str, role| Membership { customer: Some((customer.clone(), name.into())), role };
    store.grant(&clerk, Some(&county), Role::Manager, START).await.expect("granted");
    store.grant(&clerk, Some(&county), Role::Viewer, START).await.expect("a role takes the place of another");
    assert!(store.change_role(&clerk, Some(&court), Role::Manager, START).await.expect("changed"));
    let both = [at(&county, "County", Role::Viewer), at(&court, "Court", Role::Manager)];
    assert_eq!(of(&clerk).await, both);
    assert_eq!(of(&boss).await, [Membership { customer: None, role: Role::Operator }]);
    assert!(!store.change_role(&boss, Some(&court), Role::Manager, START).await.expect("answers"), "no member there");
    let refused = store.grant(&boss, Some(&court), Role::Support, START).await;
    assert!(matches!(refused, Err(PeopleProblem::RoleAndCustomer)), "{refused:?}");
    let refused = store.grant(&clerk, Some(&CustomerId::new("nobody")), Role::Viewer, START).await;
    assert!(matches!(refused, Err(PeopleProblem::UnknownCustomer)), "{refused:?}");

    let listed = |scope: Scope, cursor: Option<String>| async move {
        let page = store.members(&scope, cursor.as_deref(), 2).await.expect("reads");
        let rows = page.items.into_iter().map(|one| (one.email, one.membership.role));
        (rows.collect::<Vec<_>>(), page.next_cursor)
    };
    let (first, next) = listed(Scope::All, None).await;
    assert_eq!(first[0], ("boss@x".into(), Role::Operator));
    let (rest, end) = listed(Scope::All, next).await;
    assert_eq!((first.len(), rest.len(), end), (2, 1, None));
    assert_eq!(listed(Scope::Customer(court.clone()), None).await, (vec![("clerk@x".into(), Role::Manager)], None));

    assert!(store.remove_member(&clerk, Some(&court), START).await.expect("removed"));
    assert!(!store.remove_member(&clerk, Some(&court), START).await.expect("answers"));
    assert!(store.remove_member(&boss, None, START).await.expect("removed"));
    assert_eq!((of(&clerk).await.len(), of(&boss).await.len()), (1, 0));
}

pub(super) async fn an_invitation_is_used_once(kit: Kit) {
    let store = &kit.store;
    let (court, county) = (customer(store, "Court").await, customer(store, "County").await);
    let end = START.plus(1_000);
    let new = |token: u8, customer: &CustomerId| NewInvitation {
        email: "New@x".into(),
        customer: Some(customer.clone()),
        role: Role::Viewer,
        token_sha256: [token; 32],
        invited_by: "boss@x".into(),
        expires_at: end,
    };
    let open = |token: u8, at| async move { store.invitation(&[token; 32], at).await.expect("reads") };
    store.add_invitation(new(1, &court), START).await.expect("added").expect("room");
    store.add_invitation(new(2, &court), START).await.expect("added").expect("room");
    assert_eq!(open(1, START).await, None, "the second takes the place of the first");
    assert_eq!(open(2, end).await, None, "it expired");
    let elsewhere = store.add_invitation(new(3, &county), START).await.expect("added").expect("room");
    let listed = |scope: Scope| async move { store.invitations(&scope, START).await.expect("reads").len() };
    assert_eq!((listed(Scope::All).await, listed(Scope::Customer(court.clone())).await), (2, 1));
    assert!(!store.withdraw_invitation(&Scope::Customer(court.clone()), &elsewhere, START).await.expect("answers"));

    let accept = |token: u8, hash: Option<&str>| {
        let hash = hash.map(str::to_owned);
        async move { store.accept_invitation(&[token; 32], hash, START).await.expect("answers") }
    };
    assert_eq!(accept(2, None).await, None, "an account needs a password, and the link is good for another try");
    assert!(accept(2, Some("$first")).await.is_some());
    assert_eq!(accept(2, Some("$first")).await, None, "used up");
    assert!(accept(3, Some("$second")).await.is_some());
    let user = store.user_by_email("new@X").await.expect("reads").expect("there");
    assert_eq!(user.password_hash, "$first", "an account keeps its password");
    assert_eq!(store.memberships(&user.id).await.expect("reads").len(), 2);

    store.add_invitation(new(4, &court), START).await.expect("added").expect("room");
    store.prune(end).await.expect("pruned");
    assert_eq!(open(4, START).await, None);
}

pub(super) async fn tokens_expire_and_are_revoked(kit: Kit) {
    let store = &kit.store;
    let court = customer(store, "Court").await;
    let until = START.plus(1_000);
    let new = NewToken {
        name: "script".into(),
        secret_sha256: [9; 32],
        role: Role::Viewer,
        customer: Some(court.clone()),
        expires_at: Some(until),
        read_only: true,
        made_by: None,
    };
    let id = store.add_token(new.clone(), START).await.expect("added");
    let read = || async { store.token_by_id(&id).await.expect("reads").expect("there") };
    let token = read().await;
    assert_eq!(
        (token.secret_sha256.as_slice(), token.role, &token.customer),
        (&[9; 32][..], Role::Viewer, &Some(court))
    );
    assert!(token.works(START) && !token.works(until) && token.read_only);
    store.touch_token(&token, START).await.expect("touched");
    store.touch_token(&read().await, START.plus(MINUTE_MS - 1)).await.expect("touched");
    assert_eq!(read().await.last_used_at, Some(START), "kept to the minute");
    store.touch_token(&read().await, START.plus(2 * MINUTE_MS)).await.expect("touched");
    assert_eq!(read().await.last_used_at, Some(START.plus(2 * MINUTE_MS)));
    let (all, foreign) = (Scope::All, Scope::Customer(CustomerId::new("another")));
    assert_eq!(store.tokens(&all).await.expect("reads"), [read().await]);
    assert!(store.tokens(&foreign).await.expect("reads").is_empty());
    assert!(!store.revoke_token(&foreign, &id, START).await.expect("answers"), "another customer's");
    assert!(store.revoke_token(&all, &id, START).await.expect("revoked"));
    assert!(!store.revoke_token(&all, &id, until).await.expect("answers"));
    assert!(store.tokens(&all).await.expect("reads").is_empty());
    assert!(!read().await.works(START));
    assert!(store.token_by_id(&TokenId::new("none")).await.expect("reads").is_none());
    let refused = store.add_token(NewToken { role: Role::Operator, ..new }, START).await;
    assert!(matches!(refused, Err(PeopleProblem::RoleAndCustomer)), "{refused:?}");
}

pub(super) async fn customers_agencies_and_tokens_are_listed_page_by_page(kit: Kit) {
    let store = &kit.store;
    let mut customers = Vec::new();
    for name in ["delta", "Alpha", "charlie", "Bravo", "echo"] {
        customers.push(customer(store, name).await);
    }
    let (all, own) = (Scope::All, Scope::Customer(customers[2].clone()));
    // One name at each customer, and two more at one of them.
    for customer in &customers {
        store.add_agency(customer, "Clerk", START).await.expect("added");
    }
    for name in ["Archive", "probation"] {
        store.add_agency(&customers[2], name, START).await.expect("added");
    }
    for (secret, customer) in [(1, 0), (2, 1), (3, 2), (4, 2), (5, 2)] {
        let new = NewToken {
            name: "script".into(),
            secret_sha256: [secret; 32],
            role: Role::Viewer,
            customer: Some(customers[customer].clone()),
            expires_at: None,
            read_only: true,
            made_by: None,
        };
        store.add_token(new, START).await.expect("added");
    }
    let of = |scope| {
        let page = move |cursor: Option<String>| async move {
            store.paged_customers(scope, cursor.as_deref(), 2).await.expect("reads")
        };
        async move { walked(page).await.concat() }
    };
    assert_eq!(of(&all).await, store.customers().await.expect("reads"), "each once, and by name");
    assert_eq!(of(&own).await.iter().map(|one| &one.id).collect::<Vec<_>>(), [&customers[2]], "nobody else's");
    for (scope, count) in [(&all, 7), (&own, 3)] {
        let page = |cursor: Option<String>| async move {
            store.paged_agencies(scope, cursor.as_deref(), 2).await.expect("reads")
        };
        let agencies = walked(page).await.concat();
        assert_eq!((agencies.len(), &agencies), (count, &store.agencies(scope).await.expect("reads")));
    }
    for (scope, count) in [(&all, 5), (&own, 3)] {
        let page = |cursor: Option<String>| async move {
            store.paged_tokens(scope, cursor.as_deref(), 2).await.expect("reads")
        };
        let tokens = walked(page).await.concat();
        assert_eq!((tokens.len(), &tokens), (count, &store.tokens(scope).await.expect("reads")));
    }
    let exact = store.paged_customers(&all, None, 5).await.expect("reads");
    assert_eq!((exact.items.len(), exact.next_cursor), (5, None), "a full page may be the last");
    for bad in ["", "zzz", "W10"] {
        assert!(matches!(store.paged_customers(&all, Some(bad), 2).await, Err(StoreError::BadCursor)), "{bad}");
        assert!(matches!(store.paged_agencies(&all, Some(bad), 2).await, Err(StoreError::BadCursor)), "{bad}");
        assert!(matches!(store.paged_tokens(&all, Some(bad), 2).await, Err(StoreError::BadCursor)), "{bad}");
    }
}

pub(super) async fn sessions_end(kit: Kit) {
    let store = &kit.store;
    let new = NewUser { email: "o@x".into(), password_hash: "$".into(), role: Role::Operator, customer: None };
    let user = store.add_user(new, START).await.expect("added").id;
    let session = |id: u8, user| StoredSession {
        id_hash: [id; 32],
        user,
        data: vec![0, id, 255],
        created_at: START,
        last_seen_at: START,
        expires_at: START.plus(1_000),
    };
    let load = |id: u8, ms| async move { store.load_session(&[id; 32], START.plus(ms)).await.expect("reads") };
    let first = session(1, None);
    assert!(store.create_session(&first).await.expect("created"));
    assert!(!store.create_session(&first).await.expect("answers"), "the id is taken");
    assert_eq!(load(1, 999).await, Some(first.clone()));
    assert_eq!(load(1, 1_000).await, None, "it expired");
    let signed_in = StoredSession { user: Some(user.clone()), last_seen_at: START.plus(5), ..first };
    assert!(store.save_session(&signed_in).await.expect("saved"));
    assert_eq!(load(1, 0).await, Some(signed_in.clone()));
    assert!(store.create_session(&session(2, Some(user.clone()))).await.expect("created"));
    assert!(store.create_session(&session(3, None)).await.expect("created"));
    let open = store.sessions_of(&user, START).await.expect("reads");
    assert_eq!(open.iter().map(|one| one.id_hash[0]).collect::<Vec<_>>(), [1, 2], "the last used first");
    assert!(store.sessions_of(&user, START.plus(1_000)).await.expect("reads").is_empty(), "they expired");
    assert_eq!(store.delete_sessions_of(&user, START).await.expect("deleted"), 2);
    assert!(!store.save_session(&signed_in).await.expect("answers"), "signed out stays signed out");
    assert_eq!(load(2, 0).await, None);
    store.delete_session(&[3; 32]).await.expect("deleted");
    assert_eq!(load(3, 0).await, None);
    assert!(store.create_session(&session(4, None)).await.expect("created"));
    store.prune(START.plus(1_000)).await.expect("pruned");
    assert_eq!(load(4, 0).await, None);
}

pub(super) async fn a_disabled_person_is_out_at_once_and_may_come_back(kit: Kit) {
    let store = &kit.store;
    let new = NewUser { email: "o@x".into(), password_hash: "$".into(), role: Role::Operator, customer: None };
    let user = store.add_user(new, START).await.expect("added");
    let token = NewToken {
        name: "script".into(),
        secret_sha256: [9; 32],
        role: Role::Operator,
        customer: None,
        expires_at: None,
        read_only: false,
        made_by: Some(user.id.clone()),
    };
    let id = store.add_token(token, START).await.expect("added");
    let session = StoredSession {
        id_hash: [1; 32],
        user: Some(user.id.clone()),
        data: Vec::new(),
        created_at: START,
        last_seen_at: START,
        expires_at: START.plus(1_000),
    };
    assert!(store.create_session(&session).await.expect("created"));
    let works = || async { store.token_by_id(&id).await.expect("reads").expect("there").works(START) };
    let disabled = || async { store.user(&user.id).await.expect("reads").expect("there").disabled_at };
    assert!(works().await && disabled().await.is_none());
    assert!(store.set_disabled(&user, true, START).await.expect("disabled"));
    assert!(!store.set_disabled(&user, true, START).await.expect("answers"), "already");
    assert_eq!((works().await, disabled().await), (false, Some(START)));
    assert_eq!(store.load_session(&[1; 32], START).await.expect("reads"), None);
    assert!(store.set_disabled(&user, false, START).await.expect("enabled"));
    assert_eq!((works().await, disabled().await), (true, None));
    assert_eq!(store.load_session(&[1; 32], START).await.expect("reads"), None, "they sign in anew");
}
