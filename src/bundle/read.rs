//! What the handed-in files hold, whichever way they were put together.

use super::cipher::Purse;
use super::flaw::{BYTES, CERTIFICATES, Flaw};
use super::{pem, pfx};
use crate::acme::chain;
use rustls::pki_types::CertificateDer;
use zeroize::Zeroizing;

/// The files as they came, each empty when it did not.
#[derive(Default)]
pub struct Handed {
    /// Public Certificate File; the others may be in it.
    pub certificate: Zeroizing<Vec<u8>>,
    /// Intermediate Certificate File.
    pub intermediate: Zeroizing<Vec<u8>>,
    /// CA Bundle File.
    pub ca_bundle: Zeroizing<Vec<u8>>,
    /// Private Key File.
    pub private_key: Zeroizing<Vec<u8>>,
    /// Certificate PFX File.
    pub pfx: Zeroizing<Vec<u8>>,
    /// Certificate Password.
    pub password: Zeroizing<String>,
}

/// Everything that was found, in the files' order.
#[derive(Default)]
pub struct Material {
    pub(super) certificates: Vec<CertificateDer<'static>>,
    /// PKCS #8, DER.
    pub(super) keys: Vec<Zeroizing<Vec<u8>>>,
}

impl Material {
    /// Who issued what was found, as text: under these names missing issuers may be known.
    #[must_use]
    pub fn issuers(&self) -> Vec<String> {
        let mut issuers: Vec<String> =
            self.certificates.iter().filter_map(|der| chain::leaf_of(der).ok()).map(|leaf| leaf.issuer).collect();
        issuers.sort();
        issuers.dedup();
        issuers
    }

    pub(super) fn add_certificate(&mut self, certificate: CertificateDer<'static>) -> Result<(), Flaw> {
        if !self.certificates.contains(&certificate) {
            self.certificates.push(certificate);
        }
        if self.certificates.len() > CERTIFICATES { Err(Flaw::TooMany) } else { Ok(()) }
    }

    pub(super) fn add_key(&mut self, key: Zeroizing<Vec<u8>>) -> Result<(), Flaw> {
        if !self.keys.contains(&key) {
            self.keys.push(key);
        }
        if self.keys.len() > CERTIFICATES { Err(Flaw::TooMany) } else { Ok(()) }
    }
}

/// Reads what was handed in; takes as long as the files' protection asks for, at most a second or two.
///
/// # Errors
/// The first [`Flaw`].
pub fn read(handed: &Handed) -> Result<Material, Flaw> {
    let files = [
        ("Public Certificate File", &handed.certificate),
        ("Intermediate Certificate File", &handed.intermediate),
        ("CA Bundle File", &handed.ca_bundle),
        ("Private Key File", &handed.private_key),
        ("Certificate PFX File", &handed.pfx),
    ];
    if files.iter().all(|(_, file)| file.is_empty()) {
        return Err(Flaw::Nothing);
    }
    if files.iter().map(|(_, file)| file.len()).sum::<usize>() > BYTES {
        return Err(Flaw::TooLarge);
    }
    let (mut material, mut purse) = (Material::default(), Purse::default());
    let password = handed.password.as_str();
    for (what, file) in files.into_iter().filter(|(_, file)| !file.is_empty()) {
        if is_der(file) {
            binary(file, what, password, &mut material)?;
        } else if !pem::read(file, what, password, &mut purse, &mut material)? {
            return Err(Flaw::Unreadable(what));
        }
    }
    Ok(material)
}

/// Whether it begins as every DER document of ours does: with a sequence. Text never does, its first byte being a dash, a
/// letter or a byte order mark.
fn is_der(file: &[u8]) -> bool {
    file.first() == Some(&0x30) && file.get(1).is_some_and(|length| *length >= 0x80)
}

/// A file that is no text: a PFX file, or one certificate, in whichever field it came.
fn binary(file: &[u8], what: &'static str, password: &str, material: &mut Material) -> Result<(), Flaw> {
    let certificate = CertificateDer::from(file.to_vec());
    if what != "Certificate PFX File" && chain::is_certificate(&certificate) {
        return material.add_certificate(certificate);
    }
    match pfx::read(file, password, material) {
        Err(Flaw::Unreadable(_)) => Err(Flaw::Unreadable(what)),
        read => read,
    }
}
