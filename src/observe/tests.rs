//! Redirects are the way out of the guard: none of them may lead to a place that was not asked about.

use super::{Observer, sites, survey};
use crate::domain::hostname::Hostname;
use crate::domain::observation::{
    Answer, Delegation, Kind, Message, Met, Observation, Record, Said, Subject, Survey, Transport, Who,
};
use crate::domain::record::Place;
use crate::domain::time::Millis;
use crate::resolve::{DnsSettings, Inquirer};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// The site that redirects: the only address that the guard lets through.
const SITE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// Loopback, private and metadata addresses, as people who want to reach them write them.
const HOSTS: &[&str] = &[
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0x7f.1",
    "localhost",
    "localhost.",
    "127.0.0.1.",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "0.0.0.0",
    "0",
    "255.255.255.255",
    "224.0.0.1",
    "192.0.2.1",
    "metadata.internal",
    "site.test@127.0.0.1",
    "127.0.0.1#site.test",
    "127.0.0.1\\site.test",
    "%31%32%37.0.0.1",
    "①②⑦.0.0.1",
];

fn observation(address: IpAddr) -> Observation {
    let record = Record { name: "site.test".into(), kind: Kind::A, ttl: 60, value: address.to_string() };
    let message = Message { rcode: "NOERROR".into(), authoritative: true, records: vec![record], ..Message::default() };
    Observation {
        at: Millis(0),
        took_ms: 0,
        subject: Subject {
            name: "site.test".into(),
            wildcard: false,
            registered: "site.test".into(),
            wanted: Vec::new(),
            validation: None,
            place: Place { record_label: "_p".into(), dcv_zone: "dcv.test".into(), edge_hostname: "edge.test".into() },
            issuers: Vec::new(),
            held: None,
            moved_since: None,
            before: None,
            setbacks: Vec::new(),
            random_label: "r".into(),
        },
        delegation: Delegation {
            zone: Ok("site.test".into()),
            servers: Vec::new(),
            below: Vec::new(),
            edge_addresses: Vec::new(),
        },
        answers: vec![Answer {
            who: Who::Resolver,
            address: SITE,
            transport: Transport::Udp,
            name: "site.test".into(),
            kind: Kind::A,
            at: Millis(0),
            said: Said::Message(message),
        }],
        visits: Vec::new(),
        handshakes: Vec::new(),
        registry: None,
    }
}

/// An observer whose resolvers are deaf, and whose guard lets the site alone through.
fn observer(port: u16) -> Observer {
    let settings = DnsSettings {
        resolvers: vec![SocketAddr::new(SITE, 9)],
        authority_port: 9,
        allowed: Arc::new(|address| address == SITE),
        registrable: Arc::new(|name: &Hostname| Some(name.to_string())),
    };
    Observer { inquirer: Inquirer::new(settings).unwrap(), http_port: port, https_port: 9, registries: None }
}

#[tokio::test]
async fn no_redirect_leads_past_the_guard() {
    // Both listen at one port: whatever host a vector names, the way to the canary would be open.
    let site = TcpListener::bind(SocketAddr::new(SITE, 0)).await.unwrap();
    let port = site.local_addr().unwrap().port();
    let Ok(canary) = TcpListener::bind(("127.0.0.1", port)).await else { return };
    let observer = observer(port);
    let mut tried = 0;
    for host in HOSTS {
        for form in ["http://{}/", "http://{}:PORT/", "//{}/x", "https://{}/", "ftp://{}/"] {
            let location = form.replace("{}", host).replace("PORT", &port.to_string());
            let serve = async {
                let (mut stream, _) = site.accept().await.unwrap();
                let mut request = [0; 1024];
                let _ = stream.read(&mut request).await.unwrap();
                let answer = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            };
            let mut seen = observation(SITE);
            let inquiry = observer.inquirer.begin(Millis(0), Duration::from_millis(400), 20);
            tokio::join!(sites::visit(&observer, &inquiry, &mut seen), serve);
            let met = &seen.visits.first().unwrap().met;
            assert!(matches!(met, Met::Astray { .. }), "{location}: {met:?}");
            tried += 1;
        }
    }
    assert!(tried >= 150, "{tried}");
    let reached = tokio::time::timeout(Duration::from_millis(20), canary.accept()).await;
    assert!(reached.is_err(), "somebody knocked at the canary");
}

#[tokio::test]
async fn an_address_that_the_guard_refuses_is_not_visited() {
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let canary = TcpListener::bind((address, 0)).await.unwrap();
    let observer = observer(canary.local_addr().unwrap().port());
    let mut seen = observation(address);
    let inquiry = observer.inquirer.begin(Millis(0), Duration::from_secs(2), 20);
    sites::visit(&observer, &inquiry, &mut seen).await;
    assert_eq!(seen.visits.first().unwrap().met, Met::Private);
    assert_eq!(survey::survey(&observer, &inquiry, &seen, &[]).await, Survey::default());
    assert!(tokio::time::timeout(Duration::from_millis(20), canary.accept()).await.is_err());
}
