//! Real handshakes with the edge.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http_body_util::Full;
use rustls::version::{TLS12, TLS13};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::testing::*;
use super::*;

#[tokio::test]
async fn each_name_gets_its_own_certificate_over_both_versions() {
    let edge = edge(Services::it_works(), Limits::default()).await;
    let (exact, wild) = (made("portal.court.test"), made("*.agency.test"));
    let fingerprint = edge.sites.install("Portal.court.test", "app", &exact.pem, &exact.key).unwrap();
    edge.sites.install("*.agency.test", "app", &wild.pem, &wild.key).unwrap();
    assert_eq!(edge.sites.fingerprint("portal.court.test"), Some(fingerprint));
    for (name, made) in [("portal.court.test", &exact), ("PORTAL.court.TEST", &exact), ("any.agency.test", &wild)] {
        for version in [&TLS12, &TLS13] {
            let stream = visit(edge.https, name, &[made], &[version], &[b"h2", b"http/1.1"]).await.unwrap();
            let (_, session) = stream.get_ref();
            assert_eq!(session.peer_certificates().unwrap(), std::slice::from_ref(&made.der));
            assert_eq!(session.protocol_version(), Some(version.version));
            assert_eq!(session.alpn_protocol(), Some(&b"h2"[..]));
        }
    }
}

#[tokio::test]
async fn unknown_names_and_no_name_are_refused() {
    let edge = edge(Services::it_works(), Limits::default()).await;
    let made = made("portal.court.test");
    edge.sites.install("portal.court.test", "app", &made.pem, &made.key).unwrap();
    edge.sites.route("waiting.court.test", "app");
    let refused = |name: &'static str| {
        let made = &made;
        async move { visit(edge.https, name, &[made], &[&TLS13, &TLS12], &[]).await.unwrap_err().to_string() }
    };
    for name in ["other.court.test", "a.portal.court.test", "waiting.court.test", "127.0.0.1"] {
        let problem = refused(name).await;
        assert!(problem.contains("AccessDenied"), "{name}: {problem}");
    }
    edge.sites.remove("portal.court.test");
    assert!(refused("portal.court.test").await.contains("AccessDenied"));
}

#[tokio::test]
async fn a_key_of_another_certificate_is_refused_and_the_old_one_stays() {
    let sites = Sites::default();
    let (first, second) = (made("portal.court.test"), made("portal.court.test"));
    let fingerprint = sites.install("portal.court.test", "app", &first.pem, &first.key).unwrap();
    let install = |pem: &str, key: &[u8]| sites.install("portal.court.test", "app", pem, key).unwrap_err();
    assert!(matches!(install(&second.pem, &first.key), InstallProblem::KeyMismatch(_)));
    assert!(matches!(install(&second.pem, b"no key"), InstallProblem::UnusableKey(_)));
    assert!(matches!(install("", &first.key), InstallProblem::Empty));
    assert!(matches!(install("-----BEGIN CERTIFICATE-----\n!", &first.key), InstallProblem::NotPem(_)));
    assert!(matches!(install(&second.pem.repeat(11), &second.key), InstallProblem::TooLong));
    assert_eq!(sites.fingerprint("portal.court.test"), Some(fingerprint));
    sites.route("portal.court.test", "other");
    assert_eq!(sites.fingerprint("portal.court.test"), Some(fingerprint), "moving a site keeps its certificate");
}

#[tokio::test]
async fn a_restored_pair_is_checked_for_its_first_visitor_and_replaces_nothing_unchecked() {
    let edge = edge(Services::it_works(), Limits::default()).await;
    let (first, second, other) = (made("portal.court.test"), made("portal.court.test"), made("other.court.test"));
    let restore = |made: &Made, key: &[u8]| edge.sites.restore("portal.court.test", "app", &made.pem, key);
    let shown = async |made: &Made| visit(edge.https, "portal.court.test", &[made], &[&TLS13], &[]).await;
    let fingerprint = restore(&first, &other.key).unwrap();
    for _ in 0..2 {
        assert!(shown(&first).await.unwrap_err().to_string().contains("AccessDenied"));
    }
    edge.sites.remove("portal.court.test");
    assert_eq!(restore(&first, &first.key).unwrap(), fingerprint);
    shown(&first).await.unwrap();
    assert!(matches!(restore(&second, &first.key), Err(InstallProblem::KeyMismatch(_))));
    assert_eq!(restore(&first, &other.key).unwrap(), fingerprint);
    shown(&first).await.unwrap();
    restore(&second, &second.key).unwrap();
    shown(&second).await.unwrap();
}

#[tokio::test]
async fn hundreds_of_swaps_under_load_drop_nothing_and_each_shows_in_the_next_handshake() {
    const HOSTS: [&str; 4] = ["portal.court.test", "records.court.test", "jury.court.test", "*.agency.test"];
    const SWAPS: usize = 300;
    let edge = edge(Services::it_works(), Limits::default()).await;
    let made = Arc::new(HOSTS.map(|host| [made(host), made(host)]));
    let install = |host: usize, which: usize| {
        let Made { pem, key, .. } = &made[host][which];
        edge.sites.install(HOSTS[host], "app", pem, key).unwrap();
    };
    (0..HOSTS.len()).for_each(|host| install(host, 0));
    let (stop, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let comers = (0..HOSTS.len()).map(|host| {
        let (stop, served, made, to) = (stop.clone(), served.clone(), made.clone(), edge.https);
        tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let [first, second] = &made[host];
                visit(to, &HOSTS[host].replace('*', "any"), &[first, second], &[&TLS13], &[]).await.unwrap();
                served.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    let mut visitors = comers.collect::<Vec<_>>();
    let mut kept = h1(&edge, &made[0][0]).await;
    let (until, requests) = (stop.clone(), served.clone());
    visitors.push(tokio::spawn(async move {
        while !until.load(Ordering::Relaxed) {
            kept.ready().await.unwrap();
            let answer = kept.send_request(get("/").body(Full::default()).unwrap()).await.unwrap();
            assert_eq!(answer.status(), 200);
            text(answer).await;
            requests.fetch_add(1, Ordering::Relaxed);
        }
    }));
    for swap in 0..SWAPS {
        let (host, which) = (swap % HOSTS.len(), (swap / HOSTS.len() + 1) % 2);
        install(host, which);
        let now = &made[host][which];
        let stream = visit(edge.https, &HOSTS[host].replace('*', "any"), &[now], &[&TLS13], &[]).await.unwrap();
        assert_eq!(stream.get_ref().1.peer_certificates().unwrap(), std::slice::from_ref(&now.der));
    }
    stop.store(true, Ordering::Relaxed);
    for visitor in visitors {
        visitor.await.unwrap();
    }
    assert!(served.load(Ordering::Relaxed) > SWAPS, "there was no load");
}

#[tokio::test]
async fn a_silent_visitor_loses_its_place() {
    let limits = Limits { connections: 1, ..impatient() };
    let edge = edge(Services::it_works(), limits).await;
    let made = made("portal.court.test");
    edge.sites.install("portal.court.test", "app", &made.pem, &made.key).unwrap();
    let mut silent = TcpStream::connect(edge.https).await.unwrap();
    let hang_up = async { silent.read_u8().await.unwrap_err() };
    let next = async { visit(edge.https, "portal.court.test", &[&made], &[&TLS13], &[]).await };
    let (_, next) = tokio::join!(hang_up, next);
    next.unwrap();
}

#[tokio::test]
async fn shutdown_drains() {
    let edge = edge(Services::it_works(), Limits::default()).await;
    let made = made("portal.court.test");
    edge.sites.install("portal.court.test", "app", &made.pem, &made.key).unwrap();
    let _idle = (h1(&edge, &made).await, h2(&edge, "portal.court.test", &made).await);
    edge.shutdown.cancel();
    edge.done.await.unwrap().unwrap();
    assert!(TcpStream::connect(edge.https).await.is_err());
}
