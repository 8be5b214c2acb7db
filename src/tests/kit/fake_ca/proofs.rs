//! How a fake CA looks for a proof: in DNS as a real one, or by what the test tells it.

use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{Name, RData, RecordType};
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;

/// A resolver on loopback that is this slow has no answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longer answers than these would be none of ours.
const ANSWER_BYTES: usize = 4_096;

/// Whether a name shows a value, as the test says.
type Says = dyn Fn(&str, &str) -> bool + Send + Sync;

/// Who says that a TXT value is on show.
#[derive(Clone)]
pub(crate) enum Proofs {
    /// Every proof is taken to be there.
    Trusted,
    /// The test, by name and value.
    Told(Arc<Says>),
    /// A resolver, asked over UDP, which follows the CNAME.
    Asked(SocketAddr),
}

impl Proofs {
    pub(super) async fn show(&self, name: &str, value: &str) -> bool {
        match self {
            Self::Trusted => true,
            Self::Told(told) => told(name, value),
            Self::Asked(resolver) => {
                let texts = tokio::time::timeout(PATIENCE, texts(*resolver, name)).await.unwrap_or_default();
                texts.iter().any(|text| text == value)
            }
        }
    }
}

async fn texts(resolver: SocketAddr, name: &str) -> Vec<String> {
    let mut question = Message::query();
    question.metadata.recursion_desired = true;
    question.add_query(Query::query(Name::from_str(&format!("{name}.")).unwrap(), RecordType::TXT));
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    socket.connect(resolver).await.unwrap();
    socket.send(&question.to_vec().unwrap()).await.unwrap();
    let mut bytes = vec![0; ANSWER_BYTES];
    let Ok(length) = socket.recv(&mut bytes).await else { return Vec::new() };
    let Ok(answer) = Message::from_vec(&bytes[..length]) else { return Vec::new() };
    let text = |data: &RData| match data {
        RData::TXT(text) => Some(text.to_string()),
        _ => None,
    };
    answer.answers.iter().filter_map(|record| text(&record.data)).collect()
}
