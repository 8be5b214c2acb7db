//! The TLS server: versions, ALPN, tickets, and the certificate for a server name.
//!
//! TLS 1.3 and 1.2 only. The provider's key exchanges include X25519MLKEM768; rustls takes the first one that the visitor
//! prefers, so current browsers get it and older ones do not pay for it. Without a site for the name the answer is a
//! fatal alert (rustls sends `access_denied`): a default certificate would be a lie about whose page this is.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs::{Ticketer, default_provider};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};

use super::sites::Sites;

/// HTTP/2 as ALPN spells it.
pub(super) const H2: &[u8] = b"h2";

/// The server's side of every handshake, over this table.
pub(super) fn server_config(sites: Sites) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(ByName(sites)));
    config.alpn_protocols = vec![H2.to_vec(), b"http/1.1".to_vec()];
    config.ticketer = Ticketer::new()?;
    // Tickets carry the session; a store beside them would only hold memory.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(Arc::new(config))
}

/// Also asked when a session is resumed, so a removed site is refused then, too.
#[derive(Debug)]
struct ByName(Sites);

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // rustls hands the name over in lower case.
        let site = self.0.secured(hello.server_name()?)?;
        Some(Arc::new(site.certified.as_ref()?.assemble()))
    }
}
