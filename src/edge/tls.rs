//! The TLS server: versions, ALPN, tickets, and the certificate for a server name.
//!
//! TLS 1.3 and 1.2 only. The provider's key exchanges include X25519MLKEM768; rustls takes the first one that the visitor
//! prefers, so current browsers get it and older ones do not pay for it. Without a site for the name the answer is a
//! fatal alert (rustls sends `access_denied`): a default certificate would be a lie about whose page this is.
//!
//! A resumed session shows no certificate, so a ticket is bound to the one it was given under: once that is replaced, the
//! ticket is as good as none, and the visitor shakes hands in full and sees the new one. That it is good for its own
//! server name only is rustls' doing (RFC 6066 §3). For this the site is looked up between hello and answer, and each
//! handshake has its own settings: a copy of a few pointers.

use std::io;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs::{Ticketer, default_provider};
use rustls::server::{Acceptor, NoServerSessionStorage, ProducesTickets, ResolvesServerCertUsingSni};
use rustls::sign::SingleCertAndKey;
use rustls::{ServerConfig, version};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::certified::{Certified, Fingerprint};
use super::sites::Sites;

/// HTTP/2 as ALPN spells it.
pub(super) const H2: &[u8] = b"h2";

/// The server's side of every handshake, over one table of sites.
pub(super) struct Tls {
    sites: Sites,
    /// What handshakes have in common; as it stands it knows no name, and refuses all.
    common: Arc<ServerConfig>,
}

impl Tls {
    pub(super) fn new(sites: Sites) -> Result<Self, rustls::Error> {
        let mut common = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(ResolvesServerCertUsingSni::new()));
        common.alpn_protocols = vec![H2.to_vec(), b"http/1.1".to_vec()];
        common.ticketer = Ticketer::new()?;
        // Tickets carry the session; a store beside them would only hold memory.
        common.session_storage = Arc::new(NoServerSessionStorage {});
        Ok(Self { sites, common: Arc::new(common) })
    }

    /// Shakes hands under the certificate that is installed at this moment for the name in the visitor's hello.
    pub(super) async fn accept<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let hello = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        // rustls hands the name over in lower case.
        let site = hello.client_hello().server_name().and_then(|name| self.sites.secured(name));
        let config = site.and_then(|site| self.under(site.certified.as_deref()?));
        hello.into_stream(config.unwrap_or_else(|| Arc::clone(&self.common))).await
    }

    fn under(&self, certified: &Certified) -> Option<Arc<ServerConfig>> {
        let mut config = ServerConfig::clone(&self.common);
        config.cert_resolver = Arc::new(SingleCertAndKey::from(certified.assemble()?));
        config.ticketer =
            Arc::new(Bound { tickets: Arc::clone(&self.common.ticketer), certificate: certified.fingerprint });
        Some(Arc::new(config))
    }
}

/// Tickets that only open under the certificate they were made under.
#[derive(Debug)]
struct Bound {
    tickets: Arc<dyn ProducesTickets>,
    certificate: Fingerprint,
}

impl ProducesTickets for Bound {
    fn enabled(&self) -> bool {
        self.tickets.enabled()
    }

    fn lifetime(&self) -> u32 {
        self.tickets.lifetime()
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.tickets.encrypt(&[&self.certificate, plain].concat())
    }

    fn decrypt(&self, ticket: &[u8]) -> Option<Vec<u8>> {
        Some(self.tickets.decrypt(ticket)?.strip_prefix(&self.certificate)?.to_vec())
    }
}
