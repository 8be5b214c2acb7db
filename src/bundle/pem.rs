//! PEM files (RFC 7468): certificates and keys in any order, among whatever text tools write around them.

use super::cipher::{Purse, Scheme};
use super::flaw::Flaw;
use super::read::Material;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
};
use pkcs8::der::Decode;
use pkcs12::pbe_params::EncryptedPrivateKeyInfo;
use rustls::pki_types::CertificateDer;
use zeroize::Zeroizing;

/// Reads every block of a text; false when there is none.
pub(super) fn read(
    text: &[u8],
    what: &'static str,
    password: &str,
    purse: &mut Purse,
    material: &mut Material,
) -> Result<bool, Flaw> {
    let blocks = pem::parse_many(text).map_err(|_| Flaw::Unreadable(what))?;
    let found = !blocks.is_empty();
    for block in blocks {
        let encrypted = block.headers().get("Proc-Type").is_some_and(|value| value.contains("ENCRYPTED"));
        let tag = block.tag().to_owned();
        let der = Zeroizing::new(block.into_contents());
        match tag.as_str() {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                material.add_certificate(CertificateDer::from(der.to_vec()))?;
            }
            // OpenSSL's own way before PKCS #8, which hashes the password once with MD5.
            _ if encrypted => return Err(Flaw::Legacy),
            "PRIVATE KEY" => material.add_key(der)?,
            "RSA PRIVATE KEY" => material.add_key(rsa_key(&der)?)?,
            "EC PRIVATE KEY" => material.add_key(ec_key(&der)?)?,
            "ENCRYPTED PRIVATE KEY" => material.add_key(opened(&der, what, password, purse)?)?,
            // Parameters, requests and revocation lists come along and mean nothing here.
            _ => {}
        }
    }
    Ok(found)
}

/// PKCS #1 (RFC 8017 appendix A.1.2) as PKCS #8.
fn rsa_key(der: &[u8]) -> Result<Zeroizing<Vec<u8>>, Flaw> {
    let key = rsa::KeyPair::from_der(der).map_err(|_| unusable())?;
    let pkcs8 = AsDer::<Pkcs8V1Der<'_>>::as_der(&key).map_err(|_| unusable())?;
    Ok(Zeroizing::new(pkcs8.as_ref().to_vec()))
}

/// SEC 1 (RFC 5915) as PKCS #8.
fn ec_key(der: &[u8]) -> Result<Zeroizing<Vec<u8>>, Flaw> {
    let curves = [&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1_SIGNING, &ECDSA_P521_SHA512_ASN1_SIGNING];
    let key = curves.iter().find_map(|curve| EcdsaKeyPair::from_private_key_der(curve, der).ok());
    let pkcs8 = key.and_then(|key| key.to_pkcs8v1().ok()).ok_or_else(unusable)?;
    Ok(Zeroizing::new(pkcs8.as_ref().to_vec()))
}

fn opened(der: &[u8], what: &'static str, password: &str, purse: &mut Purse) -> Result<Zeroizing<Vec<u8>>, Flaw> {
    let sealed = EncryptedPrivateKeyInfo::from_der(der).map_err(|_| Flaw::Unreadable(what))?;
    let scheme = Scheme::of(&sealed.encryption_algorithm, purse)?;
    if password.is_empty() {
        return Err(Flaw::Password { typed: false });
    }
    scheme.open(password, sealed.encrypted_data.as_bytes())
}

fn unusable() -> Flaw {
    Flaw::Weak("its private key is damaged, shorter than 2,048 bits or of a kind that browsers do not use".into())
}
