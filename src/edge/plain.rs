//! The HTTP listener: answers of HTTP-01 and token files, the redirect to HTTPS, and short pages for everything else.
//!
//! The redirect is a 308: it keeps method and body of a form or an API call where a 301 may turn POST into GET
//! (RFC 9110 §15.4). A name without a certificate gets a 503 instead, since HTTPS would only refuse it. A name that is
//! not ours is never redirected, or the edge would send visitors wherever a `Host` header says.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{HeaderValue, LOCATION, RETRY_AFTER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;

use super::accept::{Place, Tasks};
use super::host::Named;
use super::limits::{HEADER_BYTES, Limits};
use super::pages;
use super::patience::Patient;
use super::sites::Sites;
use crate::domain::token_file::FILES;

const CHALLENGES: &str = "/.well-known/acme-challenge/";
/// Seconds; about what an order takes from start to installation.
const CERTIFICATE_RETRY_AFTER: HeaderValue = HeaderValue::from_static("60");

/// What the HTTP listener needs.
pub(super) struct Plain {
    sites: Sites,
    limits: Limits,
    tasks: Tasks,
    http1: http1::Builder,
}

impl Plain {
    pub(super) fn new(sites: Sites, limits: Limits, tasks: Tasks) -> Self {
        let http1 = http1_server(&limits);
        Self { sites, limits, tasks, http1 }
    }

    pub(super) async fn connection(self: Arc<Self>, stream: TcpStream, _place: Place) {
        let io = TokioIo::new(Patient::new(stream, self.limits.idle));
        let answers = Arc::clone(&self);
        let service = service_fn(move |request| {
            let answer = answers.answer(&request);
            async move { Ok::<_, Infallible>(answer) }
        });
        self.tasks.drive(self.http1.serve_connection(io, service), |connection| connection.graceful_shutdown()).await;
    }

    fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        let Ok(named) = Named::of(request) else { return pages::bad_host() };
        let path = request.uri().path();
        if let Some(token) = path.strip_prefix(CHALLENGES) {
            return self.challenge(request.method(), token, named.host());
        }
        // Other files of the folder are the site's own affair.
        if let Some(text) = path.strip_prefix(FILES).and_then(|name| self.sites.file(name, named.host())) {
            return pages::text(StatusCode::OK, text);
        }
        if self.sites.secured(named.host()).is_some() {
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            return self.redirect(named.host(), path);
        }
        if self.sites.known(named.host()).is_some() {
            let mut page = pages::plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "This site's certificate is being prepared. Please try again in a few minutes.",
            );
            page.headers_mut().insert(RETRY_AFTER, CERTIFICATE_RETRY_AFTER);
            return page;
        }
        pages::not_here()
    }

    fn challenge(&self, method: &Method, token: &str, host: &str) -> Response<Full<Bytes>> {
        match self.sites.http01(token, host) {
            Some(answer) if matches!(*method, Method::GET | Method::HEAD) => pages::text(StatusCode::OK, answer),
            _ => pages::plain(StatusCode::NOT_FOUND, "There is no such challenge here."),
        }
    }

    fn redirect(&self, host: &str, path: &str) -> Response<Full<Bytes>> {
        let target = match self.limits.public_https_port {
            443 => format!("https://{host}{path}"),
            port => format!("https://{host}:{port}{path}"),
        };
        // `OPTIONS *` has a path that is none.
        let Some(location) = path.starts_with('/').then(|| HeaderValue::try_from(target).ok()).flatten() else {
            return pages::plain(StatusCode::BAD_REQUEST, "The request does not name a page.");
        };
        let mut page = pages::plain(StatusCode::PERMANENT_REDIRECT, "This site is served over HTTPS.");
        page.headers_mut().insert(LOCATION, location);
        page
    }
}

/// HTTP/1.1 with our limits, for both listeners.
pub(super) fn http1_server(limits: &Limits) -> http1::Builder {
    let mut http1 = http1::Builder::new();
    http1.timer(TokioTimer::new()).header_read_timeout(limits.header).max_header_size(HEADER_BYTES);
    http1
}
