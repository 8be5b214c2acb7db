//! A CA of our own, for what Pebble can't do: written from RFC 8555, RFC 9773 and the CA's documentation.
//!
//! It listens on loopback over HTTPS, verifies every signature, nonce and URL, signs real certificates and validates over DNS
//! where it is told to. What it shall do wrong, and how often, is scripted by endpoint. The real client, and the real process,
//! speak to it as to any other CA.

mod habits;
mod issuer;
mod jws;
mod proofs;
mod protocol;
mod script;
mod server;
mod state;

use crate::listener::Identity;
pub(crate) use habits::Habits;
pub(crate) use issuer::Flaw;
use issuer::Signer;
use padlock::acme::account::AccountKey;
use padlock::acme::client::{AcmeCa, CaSettings};
use padlock::worker::clock::Clock;
pub(crate) use proofs::Proofs;
pub(crate) use script::{Endpoint, Fault};
use state::State;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// What goes wrong every time.
pub(crate) const ALWAYS: usize = usize::MAX;

/// A running one; it ends with the test.
#[derive(Clone)]
pub(crate) struct FakeCa(Arc<Inner>);

struct Inner {
    name: String,
    home: String,
    clock: Clock,
    signer: Signer,
    listener_root: String,
    folder: TempDir,
    habits: Mutex<Habits>,
    state: Mutex<State>,
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds this")
    }

    fn habits(&self) -> Habits {
        self.habits.lock().expect("no test panics while it holds this").clone()
    }
}

impl FakeCa {
    /// One that takes every proof for granted, by the machine's clock.
    pub(crate) async fn start() -> Self {
        Self::with("fake", Clock::system(), Habits::default()).await
    }

    pub(crate) async fn with(name: &str, clock: Clock, habits: Habits) -> Self {
        let identity = Identity::new();
        let acceptor = server::acceptor(&identity);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let inner = Arc::new(Inner {
            name: name.to_owned(),
            home: format!("https://{}", listener.local_addr().expect("an address")),
            clock,
            signer: Signer::new(name),
            listener_root: identity.root,
            folder: TempDir::new().expect("a temporary folder"),
            habits: Mutex::new(habits),
            state: Mutex::default(),
        });
        tokio::spawn(server::serve(inner.clone(), listener, acceptor));
        Self(inner)
    }

    // ---- what it does

    /// The next `times` requests for this endpoint go wrong like this, after those that are to go wrong already.
    pub(crate) fn fails(&self, endpoint: Endpoint, fault: Fault, times: usize) {
        self.0.state().script.add(endpoint, fault, times);
    }

    /// Nothing goes wrong any more.
    pub(crate) fn recovers(&self) {
        self.0.state().script.clear();
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Habits)) {
        change(&mut self.0.habits.lock().expect("no test panics while it holds this"));
    }

    /// Of a hundred good nonces, so many are refused from now on.
    pub(crate) fn refuse_nonces(&self, percent: u64) {
        self.0.state().refused_nonces = percent;
    }

    /// From now on the directory names other URLs, and the old ones are gone.
    pub(crate) fn move_endpoints(&self) {
        self.0.state().generation += 1;
    }

    /// It loses its database.
    pub(crate) fn forget_accounts(&self) {
        self.0.state().forget_accounts();
    }

    pub(crate) fn deactivate_accounts(&self) {
        self.0.state().accounts.iter_mut().for_each(|account| account.status = "deactivated");
    }

    // ---- what it saw

    pub(crate) fn times_asked(&self, endpoint: Endpoint) -> usize {
        self.0.asked(endpoint)
    }

    /// Requests of every kind.
    pub(crate) fn requests(&self) -> usize {
        self.0.state().asked.len()
    }

    /// Orders that it opened.
    pub(crate) fn orders(&self) -> usize {
        self.0.state().orders.len()
    }

    /// Times that the last order was finalized.
    pub(crate) fn finalized(&self) -> usize {
        self.0.state().orders.last().map_or(0, |order| order.finalized)
    }

    /// What the last order said that it replaces, and its profile.
    pub(crate) fn last_wish(&self) -> (Option<String>, Option<String>) {
        self.0.state().orders.last().map(|order| (order.replaces.clone(), order.profile.clone())).unwrap_or_default()
    }

    pub(crate) fn accounts(&self) -> usize {
        self.0.state().accounts.len()
    }

    // ---- how it is reached

    pub(crate) fn settings(&self) -> CaSettings {
        CaSettings {
            name: self.0.name.clone(),
            directory_url: self.directory_url(),
            roots_pem: Some(self.0.listener_root.clone().into_bytes()),
            ..CaSettings::default()
        }
    }

    pub(crate) fn directory_url(&self) -> String {
        format!("{}/dir", self.0.home)
    }

    /// A client with an account key of its own.
    pub(crate) fn client(&self) -> AcmeCa {
        AcmeCa::new(self.settings(), AccountKey::generate().expect("randomness")).expect("roots")
    }

    /// A file with the root of its listener's certificate.
    pub(crate) fn listener_root(&self) -> PathBuf {
        let file = self.0.folder.path().join("root.pem");
        std::fs::write(&file, &self.0.listener_root).expect("a file");
        file
    }

    /// The root of what it issues.
    pub(crate) fn root_pem(&self) -> String {
        self.0.signer.root_pem()
    }
}
