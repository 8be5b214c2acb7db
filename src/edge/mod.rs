//! The edge: TLS by server name from memory, HTTP-01 answers, the redirect to HTTPS, the reverse proxy.
//!
//! Why a proxy of our own on hyper: `axum-reverse-proxy` 2.4 was read first. It appends to the `X-Forwarded-For` and
//! `Forwarded` that a visitor sent instead of replacing them, times a slow upload out as if the upstream were slow, and
//! brings a second WebSocket stack; what is left of it is the same `hyper-util` client that is used here directly.
//!
//! This folder never touches SQL, never asks a CA, and never serves a certificate for a name that it was not given:
//! a visitor with an unknown name, or none, gets a TLS alert. It does not issue on demand.
//!
//! Left out on purpose: HTTP/2 and extended CONNECT (RFC 8441) towards upstreams; browsers open an HTTP/1.1 connection
//! for their WebSockets when a server does not announce it.

mod accept;
mod body;
mod certified;
mod connector;
mod front;
mod headers;
mod host;
mod limits;
mod pages;
mod patience;
mod plain;
mod proxy;
mod serve;
mod services;
mod sites;
mod tls;
mod tunnel;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests_http;
#[cfg(test)]
mod tests_proxy;
#[cfg(test)]
mod tests_resumption;
#[cfg(test)]
mod tests_tls;

pub use certified::{Fingerprint, InstallProblem};
pub use limits::Limits;
pub use serve::{EdgeListeners, ServeProblem, serve};
pub use services::{Remote, ServiceProblem, Services, Upstream};
pub use sites::{Answers, Sites};
