//! Starts the edge on listeners that were bound before, and ends when shutdown has come and everything has drained.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::accept::{Tasks, accept};
use super::connector::{self, Upstreams};
use super::front::Front;
use super::limits::Limits;
use super::plain::Plain;
use super::proxy::Proxy;
use super::services::Services;
use super::sites::Sites;
use super::tls::Tls;

/// Bound beforehand, so that tests use port 0 and privileges can be dropped.
pub struct EdgeListeners {
    /// For HTTP-01 answers and redirects.
    pub http: TcpListener,
    /// For everything else.
    pub https: TcpListener,
}

/// Why the edge did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeProblem {
    /// rustls refused the settings, or there is no randomness for session tickets.
    #[error("the edge's TLS could not be set up")]
    Tls(#[from] rustls::Error),
    /// An upstream is HTTPS, and this machine has no usable root certificates.
    #[error("the root certificates for HTTPS upstreams could not be read")]
    Roots(#[source] rustls::Error),
}

/// Serves until `shutdown` is cancelled, then lets requests in flight finish within `limits.drain`.
pub async fn serve(
    listeners: EdgeListeners,
    sites: Sites,
    services: Services,
    limits: Limits,
    shutdown: CancellationToken,
) -> Result<(), ServeProblem> {
    let client = connector::client(&limits, connector::tls(services.has_https())?);
    serve_through(client, listeners, sites, services, limits, shutdown).await
}

/// The same with another client, which may trust other upstreams.
pub(super) async fn serve_through(
    client: Upstreams,
    listeners: EdgeListeners,
    sites: Sites,
    services: Services,
    limits: Limits,
    shutdown: CancellationToken,
) -> Result<(), ServeProblem> {
    let tasks = Tasks::new(shutdown, limits.drain);
    let tls = Tls::new(sites.clone())?;
    let proxy = Proxy::new(client, &limits, tasks.clone());
    let front = Arc::new(Front::new(tls, sites.clone(), services, proxy, limits.clone(), tasks.clone()));
    let plain = Arc::new(Plain::new(sites, limits.clone(), tasks.clone()));
    let https = accept(listeners.https, limits.connections, &tasks, |stream, peer, place| {
        Arc::clone(&front).connection(stream, peer, place)
    });
    let http = accept(listeners.http, limits.connections, &tasks, |stream, _, place| {
        Arc::clone(&plain).connection(stream, place)
    });
    tokio::join!(https, http);
    tasks.finished().await;
    Ok(())
}
