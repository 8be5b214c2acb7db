//! A certificate's private key and the signing request for it: made by us, stored before the CA hears of the order.

use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256};
use zeroize::{Zeroize, Zeroizing};

/// A new P-256 key and a request for a certificate on it.
pub struct KeyAndCsr {
    /// The private key, PKCS#8 DER, for the store to seal.
    pub pkcs8_der: Zeroizing<Vec<u8>>,
    /// The signing request (RFC 2986), DER.
    pub csr_der: Vec<u8>,
}

impl std::fmt::Debug for KeyAndCsr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyAndCsr").field("pkcs8_der", &"…").field("csr_der_bytes", &self.csr_der.len()).finish()
    }
}

/// No key or request could be made: a name is not ASCII, or the system gives no randomness.
#[derive(Debug, thiserror::Error)]
#[error("no key and signing request could be made")]
pub struct KeyError(#[from] rcgen::Error);

/// Makes a key and a signing request for these names. They stand in the subject alternative name only: a common name
/// holds 64 characters and has no say any more.
///
/// # Errors
/// [`KeyError`].
pub fn new_key(names: &[String]) -> Result<KeyAndCsr, KeyError> {
    let mut pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let request = request(names, &pair);
    let pkcs8_der = Zeroizing::new(pair.serialize_der());
    pair.zeroize();
    Ok(KeyAndCsr { pkcs8_der, csr_der: request? })
}

fn request(names: &[String], pair: &KeyPair) -> Result<Vec<u8>, KeyError> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = DistinguishedName::new();
    Ok(params.serialize_request(pair)?.der().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use x509_parser::prelude::{FromDer, ParsedExtension, X509CertificationRequest};

    #[test]
    fn the_request_names_every_name_and_no_subject() {
        let made = new_key(&["portal.court.test".into(), "*.court.test".into()]).expect("a key");
        let (_, request) = X509CertificationRequest::from_der(&made.csr_der).expect("a signing request");
        assert_eq!(request.certification_request_info.subject.to_string(), "");
        request.verify_signature().expect("signed by its own key");
        let names: Vec<String> = request
            .requested_extensions()
            .expect("extensions")
            .filter_map(|extension| match extension {
                ParsedExtension::SubjectAlternativeName(san) => Some(format!("{:?}", san.general_names)),
                _ => None,
            })
            .collect();
        assert_eq!(names, [r#"[DNSName("portal.court.test"), DNSName("*.court.test")]"#]);
    }

    #[test]
    fn a_key_never_shows_itself() {
        let made = new_key(&["portal.court.test".into()]).expect("a key");
        let shown = format!("{made:?}");
        assert!(shown.starts_with("KeyAndCsr { pkcs8_der: \"…\""), "{shown}");
    }

    #[test]
    fn a_name_that_is_not_ascii_is_refused() {
        assert!(new_key(&["bücher.test".into()]).is_err());
    }
}
