//! PFX files (PKCS #12, RFC 7292): what is in them, once it is known that opening them is affordable.
//!
//! p12-keystore opens and checks them; its own limits are higher than ours, and it derives a key for each bag that it finds. So
//! the bags are looked at first, those that are encrypted included.

use super::cipher::{Purse, Scheme};
use super::flaw::Flaw;
use super::read::Material;
use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error;
use pkcs8::ObjectIdentifier;
use pkcs8::der::asn1::{ContextSpecific, OctetString};
use pkcs8::der::{Decode, Encode};
use pkcs12::cms::content_info::ContentInfo;
use pkcs12::cms::encrypted_data::EncryptedData;
use pkcs12::pbe_params::EncryptedPrivateKeyInfo;
use pkcs12::safe_bag::SafeContents;
use pkcs12::{AuthenticatedSafe, PKCS_12_CERT_BAG_OID, PKCS_12_KEY_BAG_OID, PKCS_12_PKCS8_KEY_BAG_OID, Pfx};
use rustls::pki_types::CertificateDer;
use zeroize::Zeroizing;

/// Content types (RFC 5652 §4 and §8).
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");

/// Bags of all kinds.
const BAGS: usize = 40;

const UNREADABLE: Flaw = Flaw::Unreadable("Certificate PFX File");

/// Opens a PFX file.
pub(super) fn read(file: &[u8], password: &str, material: &mut Material) -> Result<(), Flaw> {
    afford(file, password)?;
    let archive = Pkcs12Archive::from_pkcs12(file, password).map_err(|error| match error {
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) => Flaw::Password { typed: !password.is_empty() },
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => Flaw::Legacy,
        _ => UNREADABLE,
    })?;
    for bag in archive.certs {
        material.add_certificate(CertificateDer::from(bag.cert.as_der().to_vec()))?;
    }
    for bag in archive.keys {
        material.add_key(Zeroizing::new(bag.key.as_der().to_vec()))?;
    }
    Ok(())
}

/// Refuses what would cost too much to open.
fn afford(file: &[u8], password: &str) -> Result<(), Flaw> {
    let (mut purse, mut bags) = (Purse::default(), 0);
    let pfx = Pfx::from_der(file).map_err(|_| UNREADABLE)?;
    if let Some(mac) = &pfx.mac_data {
        purse.spend(u64::try_from(mac.iterations).map_err(|_| Flaw::Costly)?)?;
    }
    let safes = AuthenticatedSafe::from_der(&data(&pfx.auth_safe)?).map_err(|_| UNREADABLE)?;
    for safe in &safes {
        let contents = match safe.content_type {
            DATA => Zeroizing::new(data(safe)?),
            // What does not open is not looked into: p12-keystore will say why.
            ENCRYPTED_DATA => match open(safe, password, &mut purse) {
                Err(Flaw::Password { .. }) => continue,
                opened => opened?,
            },
            _ => return Err(Flaw::Legacy),
        };
        let is_plain = safe.content_type == DATA;
        let Ok(found) = SafeContents::from_der(&contents) else {
            if is_plain { return Err(UNREADABLE) } else { continue }
        };
        bags += found.len();
        if bags > BAGS {
            return Err(Flaw::TooMany);
        }
        for bag in &found {
            match bag.bag_id {
                PKCS_12_CERT_BAG_OID | PKCS_12_KEY_BAG_OID => {}
                PKCS_12_PKCS8_KEY_BAG_OID => {
                    let shrouded = ContextSpecific::<EncryptedPrivateKeyInfo>::from_der(&bag.bag_value);
                    Scheme::of(&shrouded.map_err(|_| UNREADABLE)?.value.encryption_algorithm, &mut purse)?;
                }
                _ => return Err(UNREADABLE),
            }
        }
    }
    Ok(())
}

fn data(content: &ContentInfo) -> Result<Vec<u8>, Flaw> {
    let der = content.content.to_der().map_err(|_| UNREADABLE)?;
    Ok(OctetString::from_der(&der).map_err(|_| UNREADABLE)?.into_bytes().into())
}

/// Opens encrypted bags; paid for twice, since p12-keystore will do it again.
fn open(content: &ContentInfo, password: &str, purse: &mut Purse) -> Result<Zeroizing<Vec<u8>>, Flaw> {
    let der = content.content.to_der().map_err(|_| UNREADABLE)?;
    let sealed = EncryptedData::from_der(&der).map_err(|_| UNREADABLE)?.enc_content_info;
    Scheme::of(&sealed.content_enc_alg, purse)?;
    let scheme = Scheme::of(&sealed.content_enc_alg, purse)?;
    let bytes = sealed.encrypted_content.as_ref().ok_or(UNREADABLE)?;
    scheme.open(password, bytes.as_bytes())
}
