//! Who delivers a stage's notices, and who receives them.

use super::stage::Stage;
use padlock::domain::role::Role;
use padlock::domain::time::MINUTE_MS;
use padlock::mail::Mailer;
use padlock::mail::notice::House;
use padlock::store::{NewUser, Way};
use padlock::webhook::Webhooks;
use padlock::worker::post::Post;
use std::sync::Arc;

/// Reaches this machine alone, over plain HTTP.
pub(crate) fn webhooks() -> Webhooks {
    Webhooks::new(Arc::new(|address| address.is_loopback()), true).unwrap()
}

impl Stage {
    /// Delivers notices as a worker does.
    pub(crate) fn postman(&self, mailer: Option<Mailer>) -> Post {
        let (brand, edge) = ("Padlock".into(), "edge.test".into());
        let house = House { brand, public_url: "https://console.test".into(), edge };
        let (store, clock) = (self.store.clone(), self.clock.clone());
        Post { store, clock, mailer, webhooks: webhooks(), house: Arc::new(house) }
    }

    /// Sends mails until none is due, as long as an hour of tries may take.
    pub(crate) async fn send_mails(&self, postman: &Post) {
        for _ in 0..40 {
            postman.pass(Way::Mail).await.unwrap();
            self.clock.turn(2 * MINUTE_MS);
        }
    }

    /// What a domain's timeline says of mails, oldest first.
    pub(crate) async fn mails_told(&self, id: &str) -> Vec<String> {
        let told = self.desk().timeline(id, "", Some(200)).await.unwrap().items;
        told.into_iter().rev().filter(|event| event.kind == "mail.sent").map(|event| event.summary).collect()
    }

    /// Somebody of the customer that the stage's domains are of.
    pub(crate) async fn person(&self, email: &str, role: Role) {
        let customer = self.store.customer("County").await.unwrap().unwrap();
        let new = NewUser { email: email.into(), password_hash: "x".into(), role, customer: Some(customer.id) };
        self.store.add_user(new, self.clock.now()).await.unwrap();
    }
}
