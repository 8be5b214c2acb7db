//! Export Certificate: who may take a key away, on what condition, and who hears of it.

use crate::kit::post::Post;
use crate::kit::stage::Stage;
use p12_keystore::Pkcs12Archive;
use padlock::console::caller::Caller;
use padlock::console::desk::Desk;
use padlock::console::exports::Export;
use padlock::console::{Console, House};
use padlock::domain::id::CustomerId;
use padlock::domain::record::Purpose;
use padlock::domain::role::Role;
use padlock::domain::time::MINUTE_MS;
use padlock::mail::Mailer;
use padlock::store::{NewUser, User, Way};
use padlock::wire::certificate::CHAIN_PASSWORD;
use std::sync::Arc;
use zeroize::Zeroizing;

const PASSWORD: &str = "correct horse battery";

struct Scene {
    stage: Stage,
    post: Post,
    console: Console,
    customer: CustomerId,
    certificate: String,
}

impl Scene {
    async fn new() -> Self {
        let (stage, post) = (Stage::new().await, Post::open().await);
        let console = stage.console();
        let house = Arc::new(House { export_keys: true, ..(*console.house).clone() });
        let console = Console { mailer: Some(post.mailer()), house, ..console };
        let added = stage.add("portal.court.test").await;
        stage.publish(&added, &Purpose::ALL);
        stage.pass().await;
        let certificate = stage.view(&added.id).await.certificates[0].id.clone();
        let customer = console.customer("County").await.unwrap().id;
        Self { stage, post, console, customer, certificate }
    }

    async fn person(&self, email: &str, role: Role, customer: Option<&str>) -> User {
        self.console.add_user(email, role, customer, PASSWORD.into()).await.unwrap()
    }

    /// The desk of somebody who has just signed in.
    fn desk(&self, user: &User, role: Role, customer: Option<&CustomerId>) -> Desk {
        let signed_in_at = Some(self.stage.clock.now());
        let (name, user, customer) = (user.email.clone(), Some(user.id.clone()), customer.cloned());
        let caller = Caller { name, role, customer, user, signed_in_at, ..Caller::command_line() };
        Desk::new(self.console.clone(), caller)
    }

    async fn code(&self, desk: &Desk, own_password: &str) -> Option<String> {
        desk.export_certificate(&self.certificate, wanted(own_password)).await.err().map(|refusal| refusal.code)
    }
}

fn wanted(own_password: &str) -> Export {
    let (format, reason) = ("pem".into(), "The old balancer needs it".into());
    Export { format, reason, own_password: Zeroizing::new(own_password.into()), ..Export::default() }
}

#[tokio::test]
async fn a_manager_types_the_password_once_more_and_the_owners_hear_of_it() {
    let scene = Scene::new().await;
    let ana = scene.person("ana@county.test", Role::Manager, Some("County")).await;
    scene.person("viewer@county.test", Role::Viewer, Some("County")).await;
    let desk = scene.desk(&ana, Role::Manager, Some(&scene.customer));
    assert!(desk.exportable(&scene.certificate).await.unwrap().has_password);
    assert_eq!(scene.code(&desk, "not it").await.as_deref(), Some("wrong_password"));
    assert_eq!(scene.post.count(), 0);

    let file = desk.export_certificate(&scene.certificate, wanted(PASSWORD)).await.unwrap();
    // A mail server that is away keeps nobody's file, and gets the mail later.
    let away = Mailer::new("smtp://127.0.0.1:1", "padlock@platform.test").unwrap();
    scene.stage.postman(Some(away)).pass(Way::Mail).await.unwrap();
    scene.stage.send_mails(&scene.stage.postman(Some(scene.post.mailer()))).await;
    let text = String::from_utf8(file.content.to_vec()).unwrap();
    assert!(text.contains("BEGIN CERTIFICATE") && text.contains("BEGIN PRIVATE KEY"));
    assert_eq!(scene.post.count(), 1, "the manager and nobody else");
    let mail = scene.post.newest().await.replace("=\r\n", "");
    assert!(mail.contains("To: ana@county.test") && mail.contains("The old balancer needs it"), "{mail}");
    assert!(mail.contains("Subject: A private key of portal.court.test was exported"), "{mail}");
    assert!(!mail.contains("PRIVATE KEY"), "{mail}");
    let acts = scene.stage.desk().audit(&Default::default()).await.unwrap().items;
    let act = acts.iter().find(|act| act.act == "certificate.exported").unwrap_or_else(|| panic!("{acts:#?}"));
    assert!(act.actor == "ana@county.test" && act.summary.ends_with("The old balancer needs it"), "{act:#?}");
}

#[tokio::test]
async fn support_viewers_and_other_customers_get_no_key() {
    let scene = Scene::new().await;
    scene.stage.add_for("Harbor", "pay.harbor.test").await;
    let harbor = scene.console.customer("Harbor").await.unwrap().id;
    let support = scene.person("sue@platform.test", Role::Support, None).await;
    let viewer = scene.person("viewer@county.test", Role::Viewer, Some("County")).await;
    let other = scene.person("hal@harbor.test", Role::Manager, Some("Harbor")).await;
    for (desk, code) in [
        (scene.desk(&support, Role::Support, None), "forbidden"),
        (scene.desk(&viewer, Role::Viewer, Some(&scene.customer)), "forbidden"),
        (scene.desk(&other, Role::Manager, Some(&harbor)), "not_found"),
    ] {
        assert_eq!(scene.code(&desk, PASSWORD).await.as_deref(), Some(code));
    }
    assert_eq!(scene.post.count(), 0);
}

#[tokio::test]
async fn the_chain_without_its_key_is_for_everybody_who_sees_the_certificate() {
    let scene = Scene::new().await;
    scene.stage.add_for("Harbor", "pay.harbor.test").await;
    let harbor = scene.console.customer("Harbor").await.unwrap().id;
    let viewer = scene.person("viewer@county.test", Role::Viewer, Some("County")).await;
    let other = scene.person("hal@harbor.test", Role::Manager, Some("Harbor")).await;
    let desk = scene.desk(&viewer, Role::Viewer, Some(&scene.customer));
    let archive = Pkcs12Archive::from_pkcs12(&desk.chain_pfx(&scene.certificate).await.unwrap(), CHAIN_PASSWORD);
    let (archive, chain) = (archive.unwrap(), desk.chain(&scene.certificate).await.unwrap());
    assert_eq!(archive.certs.len(), chain.matches("BEGIN CERTIFICATE").count());
    assert!(!archive.certs.is_empty() && archive.keys.is_empty() && archive.secrets.is_empty());
    assert_eq!(archive.certs[0].friendly_name.as_deref(), Some("portal.court.test 01"));
    let foreign = scene.desk(&other, Role::Manager, Some(&harbor)).chain_pfx(&scene.certificate).await;
    assert_eq!(foreign.err().map(|refusal| refusal.code).as_deref(), Some("not_found"));
    assert_eq!(scene.post.count(), 0, "no key left");
}

#[tokio::test]
async fn who_has_no_password_here_has_just_signed_in() {
    let scene = Scene::new().await;
    let customer = Some(scene.customer.clone());
    let new = NewUser { email: "ann@county.test".into(), password_hash: String::new(), role: Role::Manager, customer };
    let ann = scene.console.store.add_user(new, scene.stage.clock.now()).await.unwrap();
    let desk = scene.desk(&ann, Role::Manager, Some(&scene.customer));
    assert!(!desk.exportable(&scene.certificate).await.unwrap().has_password);
    assert_eq!(scene.code(&desk, "").await, None);
    scene.stage.clock.turn(11 * MINUTE_MS);
    assert_eq!(scene.code(&desk, "").await.as_deref(), Some("sign_in_again"));
}
