//! The names that all servers serve: a CA of ours, and for each name a key and a certificate, in every form that a server
//! wants. They are made once and kept under `target/bench-edge`.

use std::fs;
use std::path::{Path, PathBuf};

use padlock::domain::time::Millis;
use padlock::store::{MasterKey, Store};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::fill::{self, Given, Trouble};

/// Certificates written to the database at once.
const BATCH: usize = 1_000;

/// Names with their certificates, on disk.
pub(crate) struct Names {
    /// PEM files by name (leaf, CA, key), the database and its master key.
    pub(crate) folder: PathBuf,
    /// The SHA-256 of each name's leaf, by number.
    pub(crate) fingerprints: Vec<[u8; 32]>,
}

impl Names {
    /// Makes them, unless an earlier run has.
    pub(crate) fn ready(count: usize) -> Result<Self, Trouble> {
        let folder = std::env::current_dir()?.join(format!("target/bench-edge/{count}"));
        let list = folder.join("fingerprints");
        if !list.exists() {
            make(count, &folder, &list)?;
        }
        let fingerprints = fs::read(&list)?.as_chunks().0.to_vec();
        Ok(Self { folder, fingerprints })
    }

    pub(crate) fn len(&self) -> usize {
        self.fingerprints.len()
    }

    /// Where the PEM files lie.
    pub(crate) fn pem(&self) -> PathBuf {
        self.folder.join("pem")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("padlock.db")
    }

    pub(crate) fn master_key(&self) -> PathBuf {
        self.folder.join("master.key")
    }
}

/// The host of a number.
pub(crate) fn host(number: usize) -> String {
    format!("portal-{number:06}.court.test")
}

/// A CA that lives as long as this value.
pub(crate) struct Ca {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Ca {
    pub(crate) fn new() -> Result<Self, Trouble> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Bench CA");
        let key = KeyPair::generate()?;
        Ok(Self { pem: params.self_signed(&key)?.pem(), issuer: Issuer::new(params, key) })
    }

    /// A certificate for a host, with a fresh key.
    pub(crate) fn issue(&self, host: &str) -> Result<Given, Trouble> {
        let key = KeyPair::generate()?;
        let leaf = CertificateParams::new(vec![host.to_owned()])?.signed_by(&key, &self.issuer)?;
        let chain_pem = format!("{}{}", leaf.pem(), self.pem);
        Ok(Given { host: host.to_owned(), chain_pem, pkcs8: key.serialize_der(), fingerprint: sha256(leaf.der()) })
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref());
    out
}

fn make(count: usize, folder: &Path, list: &Path) -> Result<(), Trouble> {
    eprintln!("making {count} certificates, once");
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder.join("pem"))?;
    let (ca, mut fingerprints) = (Ca::new()?, Vec::with_capacity(count * 32));
    let runtime = tokio::runtime::Runtime::new()?;
    let url = format!("sqlite://{}", folder.join("padlock.db").display());
    let store = runtime.block_on(Store::open(&url, MasterKey::load_or_create(&folder.join("master.key"))?))?;
    runtime.block_on(store.migrate())?;
    let customer = runtime.block_on(store.add_customer("Bench", Millis(0)))?.id;
    for first in (0..count).step_by(BATCH) {
        let batch = (first..count.min(first + BATCH)).map(|number| ca.issue(&host(number)));
        let batch = batch.collect::<Result<Vec<_>, _>>()?;
        for given in &batch {
            let key = pem("PRIVATE KEY", &given.pkcs8);
            fs::write(folder.join("pem").join(&given.host), format!("{}{key}", given.chain_pem))?;
            fingerprints.extend_from_slice(&given.fingerprint);
        }
        runtime.block_on(fill::fill(&store, &customer, batch))?;
    }
    Ok(fs::write(list, fingerprints)?)
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}
