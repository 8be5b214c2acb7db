//! Connections to addresses that the guard lets through: it is asked about each one that is then connected to, so that a name
//! which answers differently the second time leads nowhere else.

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::{BoxError, Service};

/// Whether an address may be reached.
pub(super) type Allowed = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// The name has no address that may be reached.
#[derive(Debug, thiserror::Error)]
#[error("{0} has no address that may be reached")]
pub(super) struct NotAllowed(pub(super) String);

/// The system's resolver behind the guard.
#[derive(Clone)]
pub(super) struct Guarded {
    pub(super) resolver: GaiResolver,
    pub(super) allowed: Allowed,
}

impl Service<Name> for Guarded {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.resolver.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (text, allowed) = (name.as_str().to_owned(), Arc::clone(&self.allowed));
        let asked = self.resolver.call(name);
        Box::pin(async move {
            let found: Vec<SocketAddr> = asked.await?.filter(|address| allowed(address.ip())).collect();
            if found.is_empty() { Err(NotAllowed(text).into()) } else { Ok(found.into_iter()) }
        })
    }
}
