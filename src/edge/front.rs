//! The HTTPS listener: handshake, protocol by ALPN, and for each request the site that may answer it.
//!
//! A browser may use one HTTP/2 connection for every name that its certificate covers (RFC 9113 §9.1.1). So a request
//! is answered when its host belongs to the same site as the handshake's name, which a wildcard's names do, and gets
//! 421 otherwise: the browser then opens a connection of its own, and no request is answered under another's certificate.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http_body_util::Either;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

use super::accept::{Place, Tasks};
use super::body::Body;
use super::headers::Origin;
use super::host::Named;
use super::limits::{HEADER_BYTES, Limits, STREAMS};
use super::pages;
use super::patience::Patient;
use super::plain::http1_server;
use super::proxy::Proxy;
use super::services::{Services, Upstream};
use super::sites::{Site, Sites};
use super::tls::{H2, Tls};
use crate::domain::reach::asked;

/// What the HTTPS listener needs.
pub(super) struct Front {
    tls: Tls,
    sites: Sites,
    services: Services,
    proxy: Proxy,
    limits: Limits,
    tasks: Tasks,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

/// Who is at the other end of one connection.
pub(super) struct Visitor {
    pub(super) origin: Origin,
    pub(super) place: Place,
    server_name: Box<str>,
}

impl Front {
    pub(super) fn new(tls: Tls, sites: Sites, services: Services, proxy: Proxy, limits: Limits, tasks: Tasks) -> Self {
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2.timer(TokioTimer::new()).max_concurrent_streams(STREAMS);
        // 32 KB fits `u32`; hyper counts names, values and 32 bytes for each (RFC 9113 §6.5.2).
        http2.max_header_list_size(HEADER_BYTES as u32);
        let http1 = http1_server(&limits);
        Self { tls, sites, services, proxy, limits, tasks, http1, http2 }
    }

    pub(super) async fn connection(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, place: Place) {
        let stream = Patient::new(stream, self.limits.idle);
        let shaken = self.tasks.until_shutdown(timeout(self.limits.handshake, self.tls.accept(stream))).await;
        match shaken {
            Some(Ok(Ok(stream))) => self.requests(stream, peer.ip(), place).await,
            Some(Ok(Err(problem))) => tracing::debug!(error = %problem, "a handshake failed"),
            Some(Err(_)) => tracing::debug!("a handshake took too long"),
            None => {}
        }
    }

    async fn requests(self: Arc<Self>, stream: TlsStream<Patient<TcpStream>>, peer: IpAddr, place: Place) {
        let (_, session) = stream.get_ref();
        // The handshake would have been refused without a name.
        let server_name = session.server_name().unwrap_or_default().into();
        let is_http2 = session.alpn_protocol() == Some(H2);
        let visitor = Arc::new(Visitor { origin: Origin::new(peer), place, server_name });
        let front = Arc::clone(&self);
        let service = service_fn(move |request| {
            let (front, visitor) = (Arc::clone(&front), Arc::clone(&visitor));
            async move { Ok::<_, Infallible>(front.answer(request, &visitor).await) }
        });
        let io = TokioIo::new(stream);
        if is_http2 {
            let connection = self.http2.serve_connection(io, service);
            self.tasks.drive(connection, |connection| connection.graceful_shutdown()).await;
        } else {
            let connection = self.http1.serve_connection(io, service).with_upgrades();
            self.tasks.drive(connection, |connection| connection.graceful_shutdown()).await;
        }
    }

    async fn answer(&self, request: Request<Incoming>, visitor: &Visitor) -> Response<Body> {
        let Ok(named) = Named::of(&request) else { return pages::bad_host().map(Either::Right) };
        let Some(site) = self.site(&visitor.server_name, named.host()) else {
            return pages::not_here().map(Either::Right);
        };
        if let Some(question) = asked(request.uri().path()).filter(|_| request.method() == Method::GET) {
            return pages::reached(question).map(Either::Right);
        }
        match self.services.upstream(&site.alias) {
            Some(Upstream::Remote(remote)) => self.proxy.forward(request, remote, &named, visitor).await,
            Some(Upstream::ItWorks) => pages::it_works(named.host(), &site.alias).map(Either::Right),
            None => {
                tracing::warn!(domain.host = named.host(), service.alias = &*site.alias, "no such service");
                let sentence = "The service that answers for this site is not set up yet.";
                pages::plain(StatusCode::SERVICE_UNAVAILABLE, sentence).map(Either::Right)
            }
        }
    }

    fn site(&self, server_name: &str, host: &str) -> Option<Arc<Site>> {
        let site = self.sites.secured(host)?;
        let same = host == server_name || Arc::ptr_eq(&site, &self.sites.secured(server_name)?);
        same.then_some(site)
    }
}
