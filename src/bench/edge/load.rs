//! The one generator that every server gets its visitors from: a single thread, so that the server has the other core.
//!
//! A visitor trusts everything, since checking signatures would only cost the generator time, but looks whether the leaf is
//! the one of the name it asked for. What fails ends the run: no figure stands beside a dropped handshake.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme, version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::names::{Names, host, sha256};
use super::process::Server;
use crate::fill::Trouble;

/// Visitors at once: enough to keep a server busy, few enough to keep queues short.
const VISITORS: usize = 16;
/// Nothing that works takes this long.
const LONGEST: Duration = Duration::from_secs(10);
/// Of an answer's head.
const HEAD_BYTES: usize = 4_096;

/// What visitors do.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    /// A connection, a full handshake for a random name, and an orderly end.
    Handshakes,
    /// One request after another on a kept connection.
    Requests,
}

/// A visitor's settings, made once.
pub(crate) fn connector() -> Result<TlsConnector, Trouble> {
    let provider = rustls::crypto::CryptoProvider { kx_groups: vec![kx_group::X25519], ..default_provider() };
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trusting))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = Resumption::disabled();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Shakes hands for a name; gives the stream and the leaf's SHA-256.
pub(crate) async fn shake(
    connector: &TlsConnector,
    to: SocketAddr,
    host: &str,
) -> Result<(TlsStream<TcpStream>, [u8; 32]), Trouble> {
    let tcp = TcpStream::connect(to).await?;
    tcp.set_nodelay(true)?;
    let stream = connector.connect(ServerName::try_from(host.to_owned())?, tcp).await?;
    let leaf = stream.get_ref().1.peer_certificates().and_then(<[_]>::first).ok_or("no certificate")?;
    let fingerprint = sha256(leaf);
    Ok((stream, fingerprint))
}

/// Says goodbye and waits for the server's end: only then has it finished the handshake, too.
pub(crate) async fn part(mut stream: TlsStream<TcpStream>) -> Result<(), Trouble> {
    stream.shutdown().await?;
    let mut rest = [0; 256];
    // Servers differ in whether they say goodbye before they hang up.
    while matches!(stream.read(&mut rest).await, Ok(1..)) {}
    Ok(())
}

/// One request on a kept connection; gives the status.
pub(crate) async fn request(stream: &mut TlsStream<TcpStream>, host: &str) -> Result<u16, Trouble> {
    let ask = format!("GET /page HTTP/1.1\r\nhost: {host}\r\naccept: */*\r\nuser-agent: bench\r\n\r\n");
    stream.write_all(ask.as_bytes()).await?;
    let (mut answer, mut filled) = ([0; HEAD_BYTES], 0);
    loop {
        match stream.read(&mut answer[filled..]).await? {
            0 => return Err("the server hung up in the middle of an answer".into()),
            more => filled += more,
        }
        let Some(head) = answer[..filled].windows(4).position(|end| end == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&answer[..head])?;
        if filled >= head + 4 + content_length(text)? {
            return Ok(text.split(' ').nth(1).ok_or("no status")?.parse()?);
        }
    }
}

fn content_length(head: &str) -> Result<usize, Trouble> {
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    Ok(lengths.next().ok_or("an answer without a length")?.1.trim().parse()?)
}

/// One handshake: the server has what it should serve.
pub(crate) fn once(server: &Server, names: &Names) -> Result<(), Trouble> {
    run(server.address, names, Work::Handshakes, Duration::ZERO).map(|_| ())
}

/// How often the visitors did it in this time.
pub(crate) fn run(to: SocketAddr, names: &Names, work: Work, time: Duration) -> Result<u32, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (connector, fingerprints) = (connector()?, Arc::new(names.fingerprints.clone()));
    runtime.block_on(async {
        let until = Instant::now() + time;
        let mut visitors = JoinSet::new();
        for number in 0..VISITORS {
            let visitor = Visitor { to, connector: connector.clone(), fingerprints: fingerprints.clone() };
            visitors.spawn(async move { visitor.work(work, Random::new(number), until).await });
        }
        let mut done = 0;
        while let Some(outcome) = tokio::time::timeout(time + LONGEST, visitors.join_next()).await? {
            done += outcome??;
        }
        Ok(done)
    })
}

struct Visitor {
    to: SocketAddr,
    connector: TlsConnector,
    fingerprints: Arc<Vec<[u8; 32]>>,
}

impl Visitor {
    async fn work(&self, work: Work, mut random: Random, until: Instant) -> Result<u32, Trouble> {
        let mut done = 0;
        if let Work::Requests = work {
            let number = random.below(self.fingerprints.len());
            let (host, mut stream) = (host(number), self.shaken(number).await?);
            while done == 0 || Instant::now() < until {
                match request(&mut stream, &host).await? {
                    200 => done += 1,
                    status => return Err(format!("{}: status {status}", self.to).into()),
                }
            }
            return Ok(done);
        }
        while done == 0 || Instant::now() < until {
            part(self.shaken(random.below(self.fingerprints.len())).await?).await?;
            done += 1;
        }
        Ok(done)
    }

    async fn shaken(&self, number: usize) -> Result<TlsStream<TcpStream>, Trouble> {
        let host = host(number);
        let (stream, fingerprint) = shake(&self.connector, self.to, &host).await?;
        if fingerprint != self.fingerprints[number] {
            return Err(format!("{} shows another certificate for {host}", self.to).into());
        }
        Ok(stream)
    }
}

/// The same numbers in every run (Knuth's MMIX constants).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: usize) -> Self {
        Self(seed as u64 + 1)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

#[derive(Debug)]
struct Trusting;

impl ServerCertVerifier for Trusting {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}
