//! The public while something is broken: visits a domain and asks its DNS again and again, and counts who was let down.

use super::node::Node;
use super::visitor::Visitor;
use hickory_proto::op::{Edns, Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Below what one network is answered in a second.
const EVERY: Duration = Duration::from_millis(25);
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) visits: usize,
    pub(crate) failed_visits: usize,
    pub(crate) questions: usize,
    pub(crate) failed_questions: usize,
}

pub(crate) struct Public {
    stop: CancellationToken,
    counting: JoinHandle<Count>,
}

impl Public {
    /// Begins to visit `domain` on this node and to ask for its DCV zone.
    pub(crate) fn of(node: &Node, visitor: &Visitor, domain: &str) -> Self {
        let (visitor, domain, edge) = (visitor.clone(), domain.to_owned(), node.edge());
        let (zone, dns) = (node.setting("PADLOCK_DCV_ZONE").to_owned(), node.address("PADLOCK_DCV_ADDR"));
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let counting = tokio::spawn(async move {
            let mut count = Count::default();
            while !stopped.is_cancelled() {
                count.visits += 1;
                let page = visitor.get(edge, &domain, "/").await;
                count.failed_visits += usize::from(!page.is_ok_and(|page| page.status == 200));
                count.questions += 1;
                count.failed_questions += usize::from(!is_answered(dns, &zone).await);
                tokio::time::sleep(EVERY).await;
            }
            count
        });
        Self { stop, counting }
    }

    /// Ends it.
    pub(crate) async fn count(self) -> Count {
        self.stop.cancel();
        self.counting.await.unwrap()
    }
}

async fn is_answered(server: SocketAddr, zone: &str) -> bool {
    let mut request = Message::query();
    request.add_query(Query::query(Name::from_ascii(format!("{zone}.")).unwrap(), RecordType::SOA));
    request.set_edns(Edns::new());
    let asked = async {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        socket.connect(server).await?;
        socket.send(&request.to_vec().unwrap()).await?;
        let mut buffer = [0; 1_500];
        let length = socket.recv(&mut buffer).await?;
        Ok::<_, std::io::Error>(Message::from_vec(&buffer[..length]))
    };
    let answer = tokio::time::timeout(PATIENCE, asked).await;
    matches!(answer, Ok(Ok(Ok(answer))) if answer.metadata.response_code == ResponseCode::NoError && answer.answers.len() == 1)
}
