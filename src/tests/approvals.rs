//! Approval by e-mail: what its link must do once, and what nothing may do in its place.

use crate::kit::post::Post;
use crate::kit::stage::Stage;
use padlock::console::Console;
use padlock::console::caller::Caller;
use padlock::console::desk::Desk;
use padlock::console::domains::NewWebDomain;
use padlock::domain::record::Purpose;
use padlock::domain::status::DomainStatus;
use padlock::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use padlock::wire::domain::DomainView;

struct Scene {
    stage: Stage,
    post: Post,
    console: Console,
    desk: Desk,
    added: DomainView,
}

impl Scene {
    async fn new() -> Self {
        let (stage, post) = (Stage::new().await, Post::open().await);
        let console = Console { mailer: Some(post.mailer()), ..stage.console() };
        let desk = Desk::new(console.clone(), Caller::command_line());
        let typed = NewWebDomain {
            domain: "pay.court.test".into(),
            customer: Some("County".into()),
            verification_method: Some("email".into()),
            ..NewWebDomain::default()
        };
        let added = desk.add_domain(&typed).await.unwrap();
        stage.validates(&added);
        Self { stage, post, console, desk, added }
    }

    /// Asks for approval; gives the secret in the mail's link.
    async fn ask(&self, address: &str) -> String {
        self.desk.ask_approval(&self.added.id, address).await.unwrap();
        let mail = self.post.newest().await;
        assert!(mail.contains(&format!("To: {address}")), "{mail}");
        let text = mail.replace("=\r\n", "");
        let (_, link) = text.split_once("/approve/").unwrap();
        link.split_whitespace().next().unwrap().to_owned()
    }

    async fn answer(&self, token: &str, typed: &str, answer: &str) -> Result<bool, String> {
        self.console.answer_approval(token, typed, answer, None).await.map_err(|refusal| refusal.code)
    }

    async fn status(&self) -> DomainStatus {
        self.stage.view(&self.added.id).await.domain_status
    }
}

#[tokio::test]
async fn an_approver_approves_once_and_the_domain_goes_on() {
    let scene = Scene::new().await;
    scene.stage.pass().await;
    let offered = scene.desk.approvers(&scene.added.id).await.unwrap();
    assert!(offered.addresses.contains(&"hostmaster@court.test".to_owned()), "{offered:?}");
    assert!(!offered.addresses.iter().any(|address| address.ends_with("@test")), "{offered:?}");
    let token = scene.ask("hostmaster@court.test").await;
    let shown = scene.console.approval_asked(&token).await.unwrap();
    assert_eq!((shown.domain.as_str(), shown.customer.as_str()), ("pay.court.test", "County"));
    assert_eq!(scene.answer(&token, "court.test", "approve").await, Err("not_confirmed".into()));
    assert_eq!(scene.answer(&token, "pay.court.test", "").await, Err("bad_value".into()));
    let view = scene.stage.view(&scene.added.id).await;
    assert!(view.findings.iter().any(|finding| finding.code == "approval_pending"), "{:#?}", view.findings);
    assert_eq!(scene.status().await, DomainStatus::VerificationPending);
    assert_eq!(scene.answer(&token, " Pay.Court.Test", "approve").await, Ok(true));
    assert_eq!(scene.answer(&token, "pay.court.test", "approve").await, Err("not_found".into()), "single use");
    assert_eq!(scene.status().await, DomainStatus::VerifiedNotRouted);
    scene.stage.publish(&scene.added, &Purpose::ALL);
    scene.stage.later(2 * MINUTE_MS).await;
    assert!(scene.stage.view(&scene.added.id).await.ready);
    let refused = scene.desk.ask_approval(&scene.added.id, "hostmaster@court.test").await.unwrap_err();
    assert_eq!(refused.code, "approved");
}

#[tokio::test]
async fn a_decline_ends_the_request_and_another_may_follow() {
    let scene = Scene::new().await;
    scene.stage.pass().await;
    let token = scene.ask("admin@pay.court.test").await;
    assert_eq!(scene.answer(&token, "pay.court.test", "decline").await, Ok(false));
    assert_eq!(scene.answer(&token, "pay.court.test", "approve").await, Err("not_found".into()));
    let view = scene.stage.view(&scene.added.id).await;
    assert_eq!(view.domain_status, DomainStatus::VerificationPending);
    assert!(view.findings.iter().any(|finding| finding.code == "approval_declined"), "{:#?}", view.findings);
    let request = scene.desk.approvers(&scene.added.id).await.unwrap().request.unwrap();
    assert_eq!(request.state, "declined");
    scene.stage.clock.turn(MINUTE_MS);
    let again = scene.ask("postmaster@court.test").await;
    assert_eq!(scene.answer(&again, "pay.court.test", "approve").await, Ok(true));
}

#[tokio::test]
async fn links_end_when_replaced_and_after_72_hours_and_mails_are_few() {
    let scene = Scene::new().await;
    let first = scene.ask("admin@court.test").await;
    let refused = scene.desk.ask_approval(&scene.added.id, "admin@court.test").await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.retry_after_s), ("too_soon", Some(60)));
    scene.stage.clock.turn(MINUTE_MS);
    let second = scene.ask("admin@court.test").await;
    assert_ne!(first, second);
    assert_eq!(scene.answer(&first, "pay.court.test", "approve").await, Err("not_found".into()));
    for _ in 0..3 {
        scene.stage.clock.turn(MINUTE_MS);
        scene.ask("admin@court.test").await;
    }
    scene.stage.clock.turn(HOUR_MS);
    let refused = scene.desk.ask_approval(&scene.added.id, "admin@court.test").await.unwrap_err();
    assert_eq!(refused.code, "too_soon", "five in a day");
    scene.stage.clock.turn(DAY_MS);
    let last = scene.ask("admin@court.test").await;
    scene.stage.clock.turn(72 * HOUR_MS - 1);
    scene.console.approval_asked(&last).await.unwrap();
    scene.stage.clock.turn(1);
    assert_eq!(scene.answer(&last, "pay.court.test", "approve").await, Err("not_found".into()));
}

#[tokio::test]
async fn only_addresses_of_the_domains_administrators_can_be_asked() {
    let scene = Scene::new().await;
    for other in [
        "ana@court.test",
        "hostmaster@test",
        "hostmaster@other.test",
        "hostmaster@court.test\r\nBcc: x@y.test",
        "hostmaster@court.test, x@y.test",
        "",
    ] {
        let refused = scene.desk.ask_approval(&scene.added.id, other).await.unwrap_err();
        assert_eq!(refused.code, "unknown_approver", "{other:?}");
    }
    assert_eq!(scene.post.count(), 0);
}
