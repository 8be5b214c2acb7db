//! A TLS handshake with one address under one name, and the certificate that was served.
//!
//! The verifier here accepts any certificate, on purpose: the question is *what* is served, and the answer is compared by
//! its fingerprint afterwards. It still checks the handshake's signature, so a server can't show a certificate whose key it
//! does not have. Nothing is sent over the connection. Sessions are never resumed: a resumed one shows no certificate.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{AlertDescription, ClientConfig, DigitallySignedStruct, Error, SignatureScheme, version};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// For connecting and shaking hands together: three round trips half around the world, with one packet lost.
const HANDSHAKE_SECONDS: u64 = 5;
/// A name under a wildcard that nobody has, for asking what the wildcard serves.
const LABEL_UNDER_WILDCARD: &str = "padlock-check";

/// What a server showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// SHA-256 of the leaf's DER.
    pub fingerprint_sha256: [u8; 32],
    /// The leaf certificate.
    pub leaf_der: Vec<u8>,
    /// Certificates sent, the leaf included.
    pub chain_len: usize,
}

/// Why no certificate was seen.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeProblem {
    /// It cannot be a server name: an address, or not a host name at all.
    #[error("{0:?} cannot be asked for in a TLS handshake")]
    NotAName(String),
    /// Nothing listens there.
    #[error("the connection was refused")]
    Refused,
    /// Too slow in connecting or in shaking hands.
    #[error("no answer within {HANDSHAKE_SECONDS} seconds")]
    TimedOut,
    /// The server refused the handshake: for our edge that is a name it does not serve.
    #[error("the server answered with the TLS alert {0:?}")]
    Alert(AlertDescription),
    /// The handshake ended without a certificate.
    #[error("the server showed no certificate")]
    NoCertificate,
    /// What came back is no usable TLS.
    #[error("the TLS handshake failed")]
    Tls(#[source] Error),
    /// The network said otherwise: unreachable, reset.
    #[error("the connection failed")]
    Network(#[source] io::Error),
}

/// Shakes hands with `address` as a visitor of `host` would; for `*.agency.test` as one of a name under it.
///
/// The caller has asked [`super::guard::reachable`] about the address, unless it is our own edge.
pub async fn served(address: SocketAddr, host: &str) -> Result<Served, HandshakeProblem> {
    let Ok(ServerName::DnsName(name)) = ServerName::try_from(asked_name(host)) else {
        return Err(HandshakeProblem::NotAName(host.to_owned()));
    };
    let connector = TlsConnector::from(Arc::new(config().map_err(HandshakeProblem::Tls)?));
    let handshake = async {
        let stream = TcpStream::connect(address).await?;
        connector.connect(ServerName::DnsName(name), stream).await
    };
    let stream = timeout(Duration::from_secs(HANDSHAKE_SECONDS), handshake)
        .await
        .map_err(|_| HandshakeProblem::TimedOut)?
        .map_err(told_apart)?;
    let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let leaf_der = chain.first().ok_or(HandshakeProblem::NoCertificate)?.to_vec();
    let mut fingerprint_sha256 = [0; 32];
    // SHA-256 gives 32 bytes.
    fingerprint_sha256.copy_from_slice(digest(&SHA256, &leaf_der).as_ref());
    Ok(Served { fingerprint_sha256, leaf_der, chain_len: chain.len() })
}

/// The name that a visitor of `host` asks for.
pub(super) fn asked_name(host: &str) -> String {
    host.strip_prefix("*.").map_or_else(|| host.to_owned(), |parent| format!("{LABEL_UNDER_WILDCARD}.{parent}"))
}

/// A TLS connection over `stream` that accepts any certificate, for reading what the other side says.
pub(super) async fn connect(stream: TcpStream, host: &str) -> io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    TlsConnector::from(Arc::new(config().map_err(io::Error::other)?)).connect(name, stream).await
}

fn told_apart(problem: io::Error) -> HandshakeProblem {
    match problem.kind() {
        io::ErrorKind::ConnectionRefused => return HandshakeProblem::Refused,
        io::ErrorKind::TimedOut => return HandshakeProblem::TimedOut,
        _ => {}
    }
    match problem.downcast::<Error>() {
        Ok(Error::AlertReceived(alert)) => HandshakeProblem::Alert(alert),
        Ok(Error::NoCertificatesPresented) => HandshakeProblem::NoCertificate,
        Ok(tls) => HandshakeProblem::Tls(tls),
        Err(network) => HandshakeProblem::Network(network),
    }
}

fn config() -> Result<ClientConfig, Error> {
    let provider = default_provider();
    let verifier = Arc::new(AnyCertificate(provider.signature_verification_algorithms));
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(config)
}

#[derive(Debug)]
struct AnyCertificate(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, leaf, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, leaf, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use rustls::ServerConfig;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    async fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[tokio::test]
    async fn an_untrusted_certificate_is_reported_as_it_is() {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["other.test".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&version::TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let (listener, address) = listener().await;
        let accept = async {
            let (stream, _) = listener.accept().await.unwrap();
            let stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await.unwrap();
            stream.get_ref().1.server_name().map(str::to_owned)
        };
        let (seen, asked) = tokio::join!(served(address, "*.court.test"), accept);
        let seen = seen.unwrap();
        assert_eq!(asked.as_deref(), Some("padlock-check.court.test"));
        assert_eq!(seen.leaf_der, cert.der().to_vec());
        assert_eq!(seen.fingerprint_sha256, digest(&SHA256, cert.der()).as_ref());
        assert_eq!(seen.chain_len, 1);
    }

    #[tokio::test]
    async fn failures_are_told_apart() {
        let (listener, address) = listener().await;
        let gibberish = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
            stream
        };
        let (seen, _open) = tokio::join!(served(address, "a.test"), gibberish);
        assert!(matches!(seen, Err(HandshakeProblem::Tls(_))), "{seen:?}");

        let alert = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            // An alert record: fatal (2), unrecognized_name (112).
            stream.write_all(&[21, 3, 3, 0, 2, 2, 112]).await.unwrap();
            stream
        };
        let (seen, _open) = tokio::join!(served(address, "a.test"), alert);
        assert!(matches!(seen, Err(HandshakeProblem::Alert(AlertDescription::UnrecognisedName))), "{seen:?}");

        let hang_up = async { drop(listener.accept().await.unwrap()) };
        let (seen, ()) = tokio::join!(served(address, "a.test"), hang_up);
        assert!(matches!(seen, Err(HandshakeProblem::Network(_))), "{seen:?}");

        drop(listener);
        let seen = served(address, "a.test").await;
        assert!(matches!(seen, Err(HandshakeProblem::Refused)), "{seen:?}");
        for no_name in ["192.0.2.1", "", "not a name"] {
            let seen = served(address, no_name).await;
            assert!(matches!(seen, Err(HandshakeProblem::NotAName(_))), "{seen:?}");
        }
    }
}
