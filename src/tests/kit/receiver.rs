//! A program that receives webhooks, and checks each message with the specification's own library.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use standardwebhooks::Webhook;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

#[derive(Default)]
struct Kept {
    secret: String,
    answer: u16,
    /// Ids of all that came, with a signature that is good.
    ids: Vec<String>,
    /// What was answered by success.
    taken: Vec<Value>,
    refused: usize,
}

/// The receiver of one test.
pub(crate) struct Receiver {
    address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
    listens: AbortHandle,
}

impl Receiver {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let kept = Arc::new(Mutex::new(Kept { answer: 204, ..Kept::default() }));
        let app = Router::new().route("/hook", post(receive)).with_state(Arc::clone(&kept));
        let listening = async move { axum::serve(listener, app).await.unwrap() };
        Self { address, kept, listens: tokio::spawn(listening).abort_handle() }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Messages are signed with this secret.
    pub(crate) fn trust(&self, secret: &str) {
        secret.clone_into(&mut self.kept.lock().unwrap().secret);
    }

    /// Answers with this status from now on.
    pub(crate) fn answer(&self, status: u16) {
        self.kept.lock().unwrap().answer = status;
    }

    /// Bodies of the messages that were taken.
    pub(crate) fn taken(&self) -> Vec<Value> {
        self.kept.lock().unwrap().taken.clone()
    }

    /// Ids of all messages that came, taken or not.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.kept.lock().unwrap().ids.clone()
    }

    /// Messages whose signature was not good.
    pub(crate) fn refused(&self) -> usize {
        self.kept.lock().unwrap().refused
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.listens.abort();
    }
}

async fn receive(State(kept): State<Arc<Mutex<Kept>>>, headers: HeaderMap, body: String) -> StatusCode {
    let mut kept = kept.lock().unwrap();
    let header = |name: &str| headers[name].to_str().unwrap();
    let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp").parse().unwrap());
    // Not the library's `verify`: the clock of a test is turned by hand, and it refuses messages of another hour.
    let signed = Webhook::new(&kept.secret).unwrap().sign(id, timestamp, body.as_bytes()).unwrap();
    if signed != header("webhook-signature") {
        kept.refused += 1;
        return StatusCode::UNAUTHORIZED;
    }
    kept.ids.push(id.to_owned());
    let status = StatusCode::from_u16(kept.answer).unwrap();
    if status.is_success() {
        kept.taken.push(serde_json::from_str(&body).unwrap());
    }
    status
}
