//! The ACME client and what only some CAs know: renewal information, replacing, profiles, external accounts.

use crate::acme_answers::{issue, names, wanted};
use crate::kit::fake_ca::{Endpoint, FakeCa, Fault};
use padlock::acme::account::AccountKey;
use padlock::acme::client::{AcmeCa, CaSettings};
use padlock::acme::{Ca, ExternalAccount, NewOrder, Renewal, chain};
use padlock::domain::problem::ProblemKind;
use padlock::domain::time::{DAY_MS, Millis};
use padlock::wire::when::When;
use padlock::worker::clock::Clock;
use zeroize::Zeroizing;

fn key() -> AccountKey {
    AccountKey::generate().expect("randomness")
}

fn client(settings: CaSettings) -> AcmeCa {
    AcmeCa::new(settings, key()).expect("roots")
}

/// A CA with a window for renewal from `start` to `end`, in days from now.
async fn with_window(start: i64, end: i64) -> (FakeCa, Millis) {
    let (ca, Millis(now)) = (FakeCa::start().await, Clock::system().now());
    let whole_seconds = Millis(now - now % 1_000);
    let at = |days: i64| When(whole_seconds.plus(days * DAY_MS)).rfc3339();
    ca.change(|habits| habits.window = Some((at(start), at(end))));
    (ca, whole_seconds)
}

fn ari_id(chain_pem: &str) -> String {
    chain::read(chain_pem).expect("a certificate").ari_id.expect("a certificate that names its issuer's key")
}

#[tokio::test]
async fn a_ca_says_when_to_renew() {
    let (ca, now) = with_window(60, 61).await;
    let client = ca.client();
    let held = ari_id(&issue(&client).await);
    let window = |retry_after_ms| Renewal {
        start: now.plus(60 * DAY_MS),
        end: now.plus(61 * DAY_MS),
        explanation_url: Some("https://ca.test/why".into()),
        retry_after_ms,
    };
    assert_eq!(client.renewal(&held).await, Ok(Some(window(None))), "without Retry-After as well");
    ca.change(|habits| habits.retry_after = Some("21600"));
    assert_eq!(client.renewal(&held).await, Ok(Some(window(Some(21_600_000)))));
    assert_eq!(client.renewal("another.one").await, Ok(None), "a certificate of another CA");
}

#[tokio::test]
async fn what_is_no_answer_about_renewal_ends_nothing() {
    let (ca, _) = with_window(60, 61).await;
    let client = ca.client();
    let held = ari_id(&issue(&client).await);
    for (fault, retry_after_ms) in [
        (Fault::unavailable(), None),
        (Fault::Refused { status: 429, word: "rateLimited", retry_after: Some("60") }, Some(60_000)),
        (Fault::junk("<html>"), None),
        (Fault::AnswerLost, None),
    ] {
        ca.fails(Endpoint::RenewalInfo, fault, 1);
        let got = client.renewal(&held).await.expect_err("no answer");
        assert_eq!((got.ends_order, got.retry_after_ms), (false, retry_after_ms), "{got:?}");
    }
    assert!(client.renewal(&held).await.is_ok());
    for (start, end) in [(61, 60), (2_000, 2_001)] {
        let (absurd, _) = with_window(start, end).await;
        let client = absurd.client();
        let held = ari_id(&issue(&client).await);
        assert_eq!(client.renewal(&held).await.expect_err("absurd").problem.name, "renewal_window");
    }
}

#[tokio::test]
async fn an_order_says_what_it_replaces_and_does_without_when_that_is_refused() {
    let (ca, _) = with_window(-1, 1).await;
    let (client, names) = (ca.client(), names());
    let held = ari_id(&issue(&client).await);
    let renewal = NewOrder { names: &names, replaces: Some(&held) };
    client.open(renewal).await.expect("an order");
    assert_eq!(ca.last_wish().0.as_deref(), Some(held.as_str()));

    // 409: another order replaced it already.
    client.open(renewal).await.expect("an order without it");
    assert_eq!((ca.last_wish().0, ca.orders()), (None, 3));
    // 404: the CA does not know it.
    client.open(NewOrder { names: &names, replaces: Some("of.another") }).await.expect("an order without it");
    assert_eq!((ca.last_wish().0, ca.orders()), (None, 4));
    // What has nothing to do with it is no reason to ask again.
    let asked = ca.times_asked(Endpoint::NewOrder);
    ca.fails(Endpoint::NewOrder, Fault::Refused { status: 429, word: "rateLimited", retry_after: None }, 1);
    client.open(renewal).await.expect_err("limited");
    assert_eq!(ca.times_asked(Endpoint::NewOrder), asked + 1);
}

#[tokio::test]
async fn a_ca_without_renewal_information_hears_nothing_of_it() {
    let ca = FakeCa::start().await;
    let client = ca.client();
    let held = ari_id(&issue(&client).await);
    assert_eq!(client.renewal(&held).await, Ok(None));
    client.open(NewOrder { names: &names(), replaces: Some(&held) }).await.expect("an order");
    assert_eq!(ca.last_wish().0, None);
    assert_eq!(ca.times_asked(Endpoint::RenewalInfo), 0);
}

#[tokio::test]
async fn a_profile_is_ordered_where_it_is_offered() {
    let ca = FakeCa::start().await;
    ca.change(|habits| habits.profiles = vec!["classic", "shortlived"]);
    let by = |profile: &str| client(CaSettings { profile: Some(profile.into()), ..ca.settings() });
    by("shortlived").open(wanted(&names())).await.expect("an order");
    assert_eq!(ca.last_wish().1.as_deref(), Some("shortlived"));
    ca.client().open(wanted(&names())).await.expect("an order");
    assert_eq!(ca.last_wish().1, None, "the CA's own choice");

    let got = by("tlsserver").open(wanted(&names())).await.expect_err("not offered");
    assert_eq!((got.problem.kind, got.problem.name.as_str()), (ProblemKind::Account, "profile_not_offered"));
    assert_eq!(got.problem.detail, "The CA does not offer the profile tlsserver; it offers: classic, shortlived.");
    assert_eq!(ca.orders(), 2, "the CA was not asked");
}

#[tokio::test]
async fn an_account_is_bound_to_one_that_people_have() {
    let ca = FakeCa::start().await;
    ca.change(|habits| habits.external_account = Some(("kid-1", b"secret-secret")));
    let bound = |kid: &str, secret: &str| {
        let external = ExternalAccount::new(kid.into(), secret).expect("a key");
        CaSettings { external_account: Some(external), ..ca.settings() }
    };
    for settings in [ca.settings(), bound("kid-1", "d3Jvbmc"), bound("kid-2", "c2VjcmV0LXNlY3JldA")] {
        let got = client(settings).open(wanted(&names())).await.expect_err("not bound, or not rightly");
        assert_eq!((got.problem.kind, got.ends_order, ca.accounts()), (ProblemKind::Account, true, 0), "{got:?}");
    }
    let account = key();
    let same = || AccountKey::from_pkcs8(Zeroizing::new(account.pkcs8_der().to_vec())).expect("a stored key");
    let first = AcmeCa::new(bound("kid-1", "c2VjcmV0LXNlY3JldA=="), same()).expect("roots");
    issue(&first).await;

    // The binding was good for one account. The next process finds it by its key.
    ca.change(|habits| habits.external_account = Some(("kid-1", b"spent")));
    let next = AcmeCa::new(bound("kid-1", "c2VjcmV0LXNlY3JldA=="), same()).expect("roots");
    issue(&next).await;
    assert_eq!((ca.accounts(), ca.orders()), (1, 2));
}
