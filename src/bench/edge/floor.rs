//! The floor: what rustls alone costs. Two threads take connections, shake hands by a table of names, and wait for the end.

use std::collections::HashMap;
use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs::{Ticketer, default_provider, sign::any_ecdsa_type};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection, Stream, version};

use crate::fill::Trouble;

const THREADS: usize = 2;

/// Serves the PEM files of a folder on a port, both named behind `edge-floor` on the command line, until it is killed.
pub(crate) fn serve() -> Result<(), Trouble> {
    let mut words = std::env::args().skip_while(|word| word != "edge-floor").skip(1);
    let (folder, port) = words.next().zip(words.next()).ok_or("edge-floor FOLDER PORT")?;
    let config = Arc::new(config(Path::new(&folder))?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.parse::<u16>()?))?;
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for tcp in listener.incoming().flatten() {
                    // A visitor that breaks off is counted by the generator.
                    let _ = shake(&config, tcp);
                }
            });
        }
    });
    Ok(())
}

fn shake(config: &Arc<ServerConfig>, mut tcp: std::net::TcpStream) -> Result<(), Trouble> {
    tcp.set_nodelay(true)?;
    let mut session = ServerConnection::new(Arc::clone(config))?;
    Stream::new(&mut session, &mut tcp).read_to_end(&mut Vec::new())?;
    Ok(())
}

fn config(folder: &Path) -> Result<ServerConfig, Trouble> {
    let mut known = HashMap::new();
    for entry in std::fs::read_dir(folder)? {
        let (entry, mut chain) = (entry?, Vec::new());
        let text = std::fs::read(entry.path())?;
        for certificate in CertificateDer::pem_slice_iter(&text) {
            chain.push(certificate?);
        }
        let key = any_ecdsa_type(&PrivateKeyDer::from_pem_slice(&text)?)?;
        known.insert(entry.file_name().to_string_lossy().into_owned(), Arc::new(CertifiedKey::new(chain, key)));
    }
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&version::TLS13])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(ByName(known)));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.ticketer = Ticketer::new()?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(config)
}

#[derive(Debug)]
struct ByName(HashMap<String, Arc<CertifiedKey>>);

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.get(hello.server_name()?).cloned()
    }
}
