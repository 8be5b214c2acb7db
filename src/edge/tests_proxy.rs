//! The reverse proxy between a visitor and a real upstream.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;

use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame};
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::version::TLS13;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, mpsc};

use super::testing::*;
use super::*;

fn empty() -> Full<Bytes> {
    Full::default()
}

#[tokio::test]
async fn headers_are_clean_in_both_directions() {
    let (edge, made) = edge_before(mirror().await, Limits::default()).await;
    let request = get("/path?q=1")
        .header("connection", "x-secret-hop")
        .header("x-secret-hop", "1")
        .header("x-forwarded-for", "10.9.8.7")
        .header("forwarded", "for=10.9.8.7")
        .header("te", "trailers")
        .header("upgrade", "h2c")
        .header("x-kept", "1");
    let answer = h1(&edge, &made).await.send_request(request.body(empty()).unwrap()).await.unwrap();
    assert_eq!(answer.headers()["x-end"], "kept");
    assert_eq!(answer.headers()["via"], "1.1 padlock");
    assert!(!answer.headers().contains_key("x-hop") && !answer.headers().contains_key("connection"));
    let seen = text(answer).await;
    let mut lines = seen.trim().lines().collect::<Vec<_>>();
    lines.sort_unstable();
    let expected = [
        "GET /path?q=1 HTTP/1.1",
        "connection: te",
        "forwarded: for=127.0.0.1;host=\"portal.court.test\";proto=https",
        "host: portal.court.test",
        "te: trailers",
        "via: 1.1 padlock",
        "x-forwarded-for: 127.0.0.1",
        "x-forwarded-host: portal.court.test",
        "x-forwarded-proto: https",
        "x-kept: 1",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_browsers_question_whether_it_reached_us_is_answered_by_the_edge() {
    let (edge, made) = edge_before(mirror().await, Limits::default()).await;
    let ask = async |path: &str| h1(&edge, &made).await.send_request(get(path).body(empty()).unwrap()).await.unwrap();
    let answer = ask("/.well-known/padlock-reached/abc123").await;
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert_eq!((answer.status().as_u16(), text(answer).await.as_str()), (200, "abc123"));
    // Whatever is no question is the site's own affair.
    for path in ["/.well-known/padlock-reached/", "/.well-known/padlock-reached/a%3Cb", "/.well-known/padlock-reached"]
    {
        let answer = ask(path).await;
        assert!(!answer.headers().contains_key("access-control-allow-origin"), "{path}");
        assert!(text(answer).await.starts_with(&format!("GET {path} ")), "{path}");
    }
}

#[tokio::test]
async fn http2_reaches_an_http1_upstream() {
    let (edge, made) = edge_before(mirror().await, Limits::default()).await;
    let request = Request::post("https://portal.court.test:8443/form").header("cookie", "a=1").header("cookie", "b=2");
    let mut send = h2(&edge, "portal.court.test", &made).await;
    let answer = send.send_request(request.body(Full::from("field=value")).unwrap()).await.unwrap();
    let seen = text(answer).await;
    assert!(seen.starts_with("POST /form HTTP/1.1\n"), "{seen}");
    for line in ["host: portal.court.test:8443", "cookie: a=1; b=2", "via: 2.0 padlock", "content-length: 11"] {
        assert!(seen.contains(&format!("{line}\n")), "{line} in {seen}");
    }
    assert!(seen.ends_with("\n\nfield=value"));
}

#[tokio::test]
async fn a_host_of_another_site_is_misdirected_and_of_the_same_wildcard_is_not() {
    let edge = edge(Services::it_works(), Limits::default()).await;
    let (wild, own) = (made("*.agency.test"), made("own.agency.test"));
    edge.sites.install("*.agency.test", "app", &wild.pem, &wild.key).unwrap();
    edge.sites.install("own.agency.test", "app<b>", &own.pem, &own.key).unwrap();
    let mut send = h2(&edge, "a.agency.test", &wild).await;
    for (host, status) in [
        ("a.agency.test", 200),
        ("b.agency.test", 200),
        ("own.agency.test", 421),
        ("agency.test", 421),
        ("portal.court.test", 421),
    ] {
        let request = Request::get(format!("https://{host}/")).body(empty()).unwrap();
        assert_eq!(send.send_request(request).await.unwrap().status(), status, "{host}");
    }
    let mut send = h2(&edge, "own.agency.test", &own).await;
    let request = Request::get("https://own.agency.test/").body(empty()).unwrap();
    let page = text(send.send_request(request).await.unwrap()).await;
    assert!(
        page.contains("<strong>own.agency.test</strong>") && page.contains("<strong>app&lt;b&gt;</strong>"),
        "{page}"
    );
}

#[tokio::test]
async fn websockets_pass_and_other_upgrades_do_not() {
    let to = upstream(|mut request: Request<hyper::body::Incoming>| async move {
        assert_eq!(request.headers()["sec-websocket-key"], "x3JJHMbDL1EzLkh9GBhXDw==");
        assert_eq!(request.headers()["upgrade"], "websocket");
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let (mut read, mut write) = tokio::io::split(TokioIo::new(upgrade.await.unwrap()));
            tokio::io::copy(&mut read, &mut write).await.unwrap();
        });
        let answer = Response::builder().status(101).header("connection", "Upgrade").header("upgrade", "websocket");
        answer.header("sec-websocket-accept", "HSmrc0sMlYUkAGmm5OPpG2HaGWk=").body(Full::default()).unwrap()
    })
    .await;
    let (edge, made) = edge_before(to, Limits::default()).await;
    let request = get("/socket")
        .header("connection", "keep-alive, Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "x3JJHMbDL1EzLkh9GBhXDw==");
    let mut answer = h1(&edge, &made).await.send_request(request.body(empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 101);
    assert_eq!(answer.headers()["sec-websocket-accept"], "HSmrc0sMlYUkAGmm5OPpG2HaGWk=");
    let mut socket = TokioIo::new(hyper::upgrade::on(&mut answer).await.unwrap());
    for message in [&b"hello"[..], &[0, 255, 129]] {
        socket.write_all(message).await.unwrap();
        let mut echo = vec![0; message.len()];
        socket.read_exact(&mut echo).await.unwrap();
        assert_eq!(echo, message);
    }
    drop(socket);
    edge.shutdown.cancel();
    edge.done.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_upstream_that_upgrades_unasked_is_not_believed() {
    let to = upstream(|mut request: Request<hyper::body::Incoming>| async move {
        let _upgrade = hyper::upgrade::on(&mut request);
        let answer = Response::builder().status(101).header("connection", "upgrade").header("upgrade", "websocket");
        answer.body(Full::default()).unwrap()
    })
    .await;
    let (edge, made) = edge_before(to, Limits::default()).await;
    let answer = h1(&edge, &made).await.send_request(get("/").body(empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 502);
}

#[tokio::test]
async fn large_bodies_stream_both_ways_and_too_large_ones_stop() {
    const CHUNKS: usize = 256;
    const CHUNK: Bytes = Bytes::from_static(&[7; 64 * 1024]);
    let to = upstream(|request| async move {
        // Echoed, so that both directions carry all of it.
        Response::new(Full::from(request.into_body().collect().await.map(|all| all.to_bytes()).unwrap_or_default()))
    })
    .await;
    let send_chunks = |limits: Limits| async move {
        let (edge, made) = edge_before(to, limits).await;
        let stream = visit(edge.https, "portal.court.test", &[&made], &[&TLS13], &[b"http/1.1"]).await.unwrap();
        let (mut send, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let chunks = futures::stream::iter((0..CHUNKS).map(|_| Ok::<_, Infallible>(Frame::data(CHUNK))));
        let request = Request::post("/").header("host", "portal.court.test").body(StreamBody::new(chunks)).unwrap();
        let answer = send.send_request(request).await.unwrap();
        (answer.status().as_u16(), answer.into_body().collect().await.unwrap().to_bytes().len())
    };
    assert_eq!(send_chunks(Limits::default()).await, (200, CHUNKS * CHUNK.len()));
    let (status, _) = send_chunks(Limits { request_body_bytes: 1 << 20, ..Limits::default() }).await;
    assert_eq!(status, 413);
}

#[tokio::test]
async fn an_upstream_that_is_down_or_slow_gets_a_page_of_ours() {
    let gone = bound().await;
    let to = gone.local_addr().unwrap();
    drop(gone);
    let (edge, made) = edge_before(to, Limits::default()).await;
    let answer = h1(&edge, &made).await.send_request(get("/").body(empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 502);
    assert_eq!(answer.headers()["content-type"], "text/plain; charset=utf-8");

    let to = upstream(|_| pending()).await;
    let (edge, made) = edge_before(to, impatient()).await;
    let answer = h1(&edge, &made).await.send_request(get("/").body(empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 504);
}

#[tokio::test]
async fn an_https_upstream_is_verified_under_its_own_name() {
    let (localhost, other) = (made("localhost"), made("other.test"));
    for (shown, status) in [(&localhost, 200), (&other, 502)] {
        let to = format!("https://localhost:{}", tls_upstream(shown).await.port()).parse().unwrap();
        let services = Services::new([("app".to_owned(), to)]);
        let edge = edge_trusting(roots(&[shown]), services, Limits::default()).await;
        let made = made("portal.court.test");
        edge.sites.install("portal.court.test", "app", &made.pem, &made.key).unwrap();
        let answer = h1(&edge, &made).await.send_request(get("/").body(empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), status);
        if status == 200 {
            assert_eq!(text(answer).await, "localhost portal.court.test");
        }
    }
}

#[tokio::test]
async fn a_request_in_flight_survives_the_shutdown() {
    let (arrived, mut arrivals) = mpsc::channel(1);
    let go_on = Arc::new(Notify::new());
    let told = Arc::clone(&go_on);
    let to = upstream(move |_| {
        let (arrived, told) = (arrived.clone(), Arc::clone(&told));
        async move {
            arrived.send(()).await.unwrap();
            told.notified().await;
            Response::new(Full::from("finished"))
        }
    })
    .await;
    let (edge, made) = edge_before(to, Limits::default()).await;
    let mut send = h1(&edge, &made).await;
    let answer = tokio::spawn(send.send_request(get("/").body(empty()).unwrap()));
    arrivals.recv().await.unwrap();
    edge.shutdown.cancel();
    go_on.notify_one();
    assert_eq!(text(answer.await.unwrap().unwrap()).await, "finished");
    edge.done.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_unknown_alias_has_a_page_of_its_own() {
    let edge = edge(Services::new([]), Limits::default()).await;
    let made = made("portal.court.test");
    edge.sites.install("portal.court.test", "app", &made.pem, &made.key).unwrap();
    let answer = h1(&edge, &made).await.send_request(get("/").body(empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 503);
}

#[tokio::test]
async fn requests_that_two_parsers_could_cut_differently_do_not_pass_as_they_came() {
    let (edge, made) = edge_before(mirror().await, Limits::default()).await;
    let raw = |lines: &'static str| {
        let (to, made) = (edge.https, &made);
        async move {
            let mut stream = visit(to, "portal.court.test", &[made], &[&TLS13], &[]).await.unwrap();
            stream.write_all(lines.replace('\n', "\r\n").as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            // After bytes that are no HTTP, hyper hangs up without TLS's goodbye; what came before it still counts.
            let _ = stream.read_to_end(&mut answer).await;
            String::from_utf8(answer).unwrap()
        }
    };
    let both = "POST / HTTP/1.1\nHost: portal.court.test\nConnection: close\nContent-Length: 6\n\
                Transfer-Encoding: chunked\n\n3\nabc\n0\n\n";
    let answer = raw(both).await;
    assert!(answer.ends_with("\r\n\r\nabc") || answer.contains("\n\nabc"), "{answer}");
    assert!(answer.contains("transfer-encoding: chunked\n") && !answer.contains("content-length: 6\n"), "{answer}");
    for refused in [
        "POST / HTTP/1.1\nHost: portal.court.test\nContent-Length: 6\nContent-Length: 7\n\nabcdef",
        "POST / HTTP/1.1\nHost: portal.court.test\nTransfer-Encoding: chunked, identity\n\nabc",
        "POST / HTTP/1.1\nHost: portal.court.test\nContent-Length: +6\n\nabcdef",
        "GET / HTTP/1.1\nHost: portal.court.test\nHost: other.test\nConnection: close\n\n",
        "GET / HTTP/1.1\nConnection: close\n\n",
        "GET / HTTP/1.1\nHost : portal.court.test\n\n",
    ] {
        let answer = raw(refused).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{refused:?}: {answer}");
    }
    let loops = raw("GET / HTTP/1.1\nHost: portal.court.test\nVia: 1.1 padlock\nConnection: close\n\n").await;
    assert!(loops.starts_with("HTTP/1.1 508 "), "{loops}");
    let tunnel =
        raw("CONNECT portal.court.test:443 HTTP/1.1\nHost: portal.court.test:443\nConnection: close\n\n").await;
    assert!(tunnel.starts_with("HTTP/1.1 405 "), "{tunnel}");
}
