//! The responder on real sockets, asked the way resolvers ask.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Rate, Shown, Zone, bind, serve};

const PATIENCE: Duration = Duration::from_secs(10);

struct Responder {
    addr: SocketAddr,
    shown: Shown,
    shutdown: CancellationToken,
    served: JoinHandle<()>,
}

impl Responder {
    async fn start(rate: Rate) -> Self {
        let zone = Zone::new("dcv.example.net", ["ns1.dcv.example.net"], 1).unwrap();
        let shown = Shown::new(zone.with_address("ns1.dcv.example.net", Ipv4Addr::LOCALHOST.into()).unwrap());
        let bound = bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        let (addr, shutdown) = (bound.addr(), CancellationToken::new());
        let served = tokio::spawn(serve(bound, shown.clone(), rate, shutdown.clone()));
        Self { addr, shown, shutdown, served }
    }

    async fn udp(&self, request: &Message) -> Message {
        let socket = self.client().await;
        ask(&socket, &request.to_vec().unwrap()).await
    }

    async fn client(&self) -> UdpSocket {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        socket.connect(self.addr).await.unwrap();
        socket
    }

    async fn tcp(&self, requests: &[Message]) -> Vec<Message> {
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        for request in requests {
            send(&mut stream, &request.to_vec().unwrap()).await;
        }
        let mut answers = Vec::new();
        for _ in requests {
            let mut bytes = vec![0; usize::from(timeout(PATIENCE, stream.read_u16()).await.unwrap().unwrap())];
            stream.read_exact(&mut bytes).await.unwrap();
            answers.push(Message::from_vec(&bytes).unwrap());
        }
        answers
    }

    async fn stop(self) {
        self.shutdown.cancel();
        timeout(PATIENCE, self.served).await.unwrap().unwrap();
        bind(self.addr).await.expect("both sockets are free again");
    }
}

async fn ask(socket: &UdpSocket, request: &[u8]) -> Message {
    socket.send(request).await.unwrap();
    let mut buffer = [0; 4_096];
    let length = timeout(PATIENCE, socket.recv(&mut buffer)).await.unwrap().unwrap();
    Message::from_vec(&buffer[..length]).unwrap()
}

async fn send(stream: &mut TcpStream, request: &[u8]) {
    stream.write_u16(request.len().try_into().unwrap()).await.unwrap();
    stream.write_all(request).await.unwrap();
}

fn request(name: &str, kind: RecordType, edns_bytes: Option<u16>) -> Message {
    let mut request = Message::query();
    request.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    if let Some(bytes) = edns_bytes {
        let mut edns = Edns::new();
        edns.set_max_payload(bytes);
        request.set_edns(edns);
    }
    request
}

fn values(response: &Message) -> Vec<String> {
    let texts = response.answers.iter().filter_map(|record| match &record.data {
        RData::TXT(text) => Some(text.to_string()),
        _ => None,
    });
    texts.collect()
}

#[tokio::test]
async fn the_next_answer_has_what_was_shown_and_not_what_was_hidden() {
    let responder = Responder::start(Rate::Unlimited).await;
    let asked = request("label.dcv.example.net.", RecordType::TXT, Some(1_232));
    for round in 0..50 {
        let value = format!("value-{round}");
        responder.shown.show("label", &value).unwrap();
        let answer = responder.udp(&asked).await;
        assert_eq!((answer.id, values(&answer)), (asked.id, vec![value.clone()]));
        responder.shown.hide("label", &value);
        assert_eq!(responder.udp(&asked).await.response_code, ResponseCode::NXDomain);
    }
    responder.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_values_shown_side_by_side_are_all_told() {
    let responder = Responder::start(Rate::Unlimited).await;
    let writers = (0..20).map(|n| {
        let shown = responder.shown.clone();
        tokio::spawn(async move { shown.show("label", &format!("{n:0>43}")).unwrap() })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let expected: Vec<_> = (0..20).map(|n| format!("{n:0>43}")).collect();
    for edns in [None, Some(1_232)] {
        let asked = request("label.dcv.example.net.", RecordType::TXT, edns);
        let cut = responder.udp(&asked).await;
        assert!(cut.truncation && cut.answers.is_empty());
        let [answer] = responder.tcp(&[asked]).await.try_into().unwrap();
        assert!(!answer.truncation);
        assert_eq!(values(&answer), expected);
    }
    responder.stop().await;
}

#[tokio::test]
async fn five_hundred_random_cases_are_echoed() {
    let responder = Responder::start(Rate::Unlimited).await;
    responder.shown.show("abcdefghijklmnopqrstuvwxyz", "v").unwrap();
    let socket = responder.client().await;
    for _ in 0..500 {
        let mut name = Name::from_ascii("abcdefghijklmnopqrstuvwxyz.dcv.example.net.").unwrap();
        name.randomize_label_case();
        let mut asked = Message::query();
        asked.add_query(Query::query(name.clone(), RecordType::TXT));
        let answer = ask(&socket, &asked.to_vec().unwrap()).await;
        assert!(answer.queries[0].name().eq_case(&name));
        assert_eq!((answer.id, values(&answer)), (asked.id, vec!["v".to_owned()]));
    }
    responder.stop().await;
}

#[tokio::test]
async fn requests_in_a_row_on_one_connection_are_answered_in_order() {
    let responder = Responder::start(Rate::PerSecond(0)).await;
    let asked: Vec<_> = [RecordType::SOA, RecordType::NS, RecordType::AXFR]
        .map(|kind| request("dcv.example.net.", kind, None))
        .into_iter()
        .chain([request("ns1.dcv.example.net.", RecordType::A, None), request("example.net.", RecordType::A, None)])
        .collect();
    let answers = responder.tcp(&asked).await;
    let seen = answers.iter().map(|answer| (answer.response_code, answer.answers.len())).collect::<Vec<_>>();
    let (ok, refused) = (ResponseCode::NoError, ResponseCode::Refused);
    assert_eq!(seen, [(ok, 1), (ok, 1), (refused, 0), (ok, 1), (refused, 0)]);
    assert!(asked.iter().zip(&answers).all(|(asked, answer)| asked.id == answer.id));
    responder.stop().await;
}

#[tokio::test]
async fn noise_gets_nothing_and_stops_nothing() {
    let responder = Responder::start(Rate::Unlimited).await;
    let socket = responder.client().await;
    let asked = request("dcv.example.net.", RecordType::SOA, Some(1_232)).to_vec().unwrap();
    let mut a_response = asked.clone();
    a_response[2] |= 0x80;
    for noise in [&[][..], &[0; 11], &a_response, &[0xff; 1_400]] {
        socket.send(noise).await.unwrap();
    }
    assert_eq!(ask(&socket, &asked).await.answers.len(), 1, "the first thing heard is the answer");
    let mut stream = TcpStream::connect(responder.addr).await.unwrap();
    stream.write_all(&[0xff, 0xff, 1, 2, 3]).await.unwrap();
    let mut rest = Vec::new();
    let ended = timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap();
    assert!(ended.is_err() || rest.is_empty(), "closed without an answer");
    responder.stop().await;
}

#[tokio::test]
async fn one_network_cannot_take_every_connection() {
    let responder = Responder::start(Rate::Unlimited).await;
    let mut held = Vec::new();
    for _ in 0..super::tcp::CONNECTIONS_PER_PREFIX_MAX {
        held.push(TcpStream::connect(responder.addr).await.unwrap());
    }
    let mut refused = TcpStream::connect(responder.addr).await.unwrap();
    let seen = timeout(PATIENCE, refused.read_u16()).await.unwrap();
    assert!(seen.is_err());
    // The first ones are still open, so it was not for idling.
    let bytes = request("dcv.example.net.", RecordType::SOA, None).to_vec().unwrap();
    send(&mut held[0], &bytes).await;
    assert!(timeout(PATIENCE, held[0].read_u16()).await.unwrap().unwrap() > 12);
    let elsewhere = tokio::net::TcpSocket::new_v4().unwrap();
    elsewhere.bind((IpAddr::from([127, 0, 77, 1]), 0).into()).unwrap();
    let mut elsewhere = elsewhere.connect(responder.addr).await.unwrap();
    send(&mut elsewhere, &bytes).await;
    assert!(timeout(PATIENCE, elsewhere.read_u16()).await.unwrap().unwrap() > 12);
    drop(held);
    responder.stop().await;
}

#[tokio::test]
async fn above_its_rate_a_network_is_sent_to_tcp() {
    let responder = Responder::start(Rate::PerSecond(0)).await;
    let socket = responder.client().await;
    let asked = request("dcv.example.net.", RecordType::SOA, Some(1_232));
    let bytes = asked.to_vec().unwrap();
    // Enough for one slip even if a second ends in between.
    for _ in 2..2 * super::limiter::SLIP_EVERY {
        socket.send(&bytes).await.unwrap();
    }
    let slipped = ask(&socket, &bytes).await;
    assert!(slipped.truncation && slipped.answers.is_empty());
    let [answer] = responder.tcp(&[asked]).await.try_into().unwrap();
    assert_eq!(answer.answers.len(), 1);
    responder.stop().await;
}
