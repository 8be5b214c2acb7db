//! The HTTP listener as a browser and a CA see it.

use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use std::collections::HashMap;
use tokio::net::TcpStream;

use super::testing::*;
use super::*;

async fn ask(edge: &Running, method: Method, host: &str, path: &str) -> Response<Incoming> {
    let stream = TcpStream::connect(edge.http).await.unwrap();
    let (mut send, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::builder().method(method).uri(path).header("host", host);
    send.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn http01_answers_exact_pairs_to_the_byte() {
    let edge = edge(Services::it_works(), Limits::default()).await;
    let challenges = vec!["token.thumbprint".to_owned()];
    edge.sites.answer("new.court.test", Answers { challenges, ..Answers::default() });
    let path = "/.well-known/acme-challenge/token";
    let answer = ask(&edge, Method::GET, "new.court.test:80", path).await;
    assert_eq!((answer.status().as_u16(), text(answer).await.as_str()), (200, "token.thumbprint"));
    for (method, host, path) in [
        (Method::GET, "other.court.test", path),
        (Method::POST, "new.court.test", path),
        (Method::GET, "new.court.test", "/.well-known/acme-challenge/"),
        (Method::GET, "new.court.test", "/.well-known/acme-challenge/token/"),
        (Method::GET, "new.court.test", "/.well-known/acme-challenge/toke"),
    ] {
        assert_eq!(ask(&edge, method, host, path).await.status(), 404, "{host} {path}");
    }
    edge.sites.answer_only(HashMap::new());
    assert_eq!(ask(&edge, Method::GET, "new.court.test", path).await.status(), 404);
}

#[tokio::test]
async fn known_names_are_redirected_and_others_never() {
    let limits = Limits { public_https_port: 8443, ..Limits::default() };
    let edge = edge(Services::it_works(), limits).await;
    let made = made("portal.court.test");
    edge.sites.install("portal.court.test", "app", &made.pem, &made.key).unwrap();
    edge.sites.route("waiting.court.test", "app");
    let answer = ask(&edge, Method::POST, "Portal.Court.test:80", "/a/../b?c=%20d").await;
    assert_eq!(answer.status(), 308);
    assert_eq!(answer.headers()["location"], "https://portal.court.test:8443/a/../b?c=%20d");
    let absolute = ask(&edge, Method::GET, "portal.court.test", "http://portal.court.test/x").await;
    assert_eq!(absolute.headers()["location"], "https://portal.court.test:8443/x");
    let slashes = ask(&edge, Method::GET, "portal.court.test", "//evil.test/").await;
    assert_eq!(slashes.headers()["location"], "https://portal.court.test:8443//evil.test/");
    let waiting = ask(&edge, Method::GET, "waiting.court.test", "/").await;
    assert_eq!((waiting.status().as_u16(), waiting.headers()["retry-after"].to_str().unwrap()), (503, "60"));
    for (host, path, status) in [
        ("evil.test", "/", 421),
        ("portal.court.test", "http://evil.test/", 400),
        ("portal.court.test", "*", 400),
        ("portal.court.test@evil.test", "/", 400),
    ] {
        let method = if path == "*" { Method::OPTIONS } else { Method::GET };
        let answer = ask(&edge, method, host, path).await;
        assert_eq!((answer.status().as_u16(), answer.headers().get("location")), (status, None), "{host} {path}");
    }
}

#[tokio::test]
async fn the_default_port_is_left_out() {
    let edge = edge(Services::it_works(), Limits::default()).await;
    let made = made("*.agency.test");
    edge.sites.install("*.agency.test", "app", &made.pem, &made.key).unwrap();
    let answer = ask(&edge, Method::GET, "any.agency.test", "/").await;
    assert_eq!(answer.headers()["location"], "https://any.agency.test/");
}
