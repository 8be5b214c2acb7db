//! ACME renewal information (RFC 9773): by what name a CA knows a certificate that it issued.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use x509_parser::prelude::{ParsedExtension, X509Certificate};

/// Serial numbers have 20 octets at most (RFC 5280 §4.1.2.2); key identifiers are hashes.
const PART_BYTES: usize = 64;

/// The issuer's key identifier and the serial number as it is encoded, a leading zero octet included (RFC 9773 §4.1).
pub(super) fn identifier(certificate: &X509Certificate<'_>) -> Option<String> {
    let issuer_key = certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(authority) => authority.key_identifier.as_ref(),
        _ => None,
    })?;
    let (issuer_key, serial) = (issuer_key.0, certificate.raw_serial());
    (issuer_key.len() <= PART_BYTES && serial.len() <= PART_BYTES)
        .then(|| format!("{}.{}", URL_SAFE_NO_PAD.encode(issuer_key), URL_SAFE_NO_PAD.encode(serial)))
}

#[cfg(test)]
mod tests {
    use crate::acme::chain;
    use rcgen::{CertificateParams, KeyPair};

    /// The certificate of RFC 9773, appendix A.
    const EXAMPLE: &str = "-----BEGIN CERTIFICATE-----
MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
-----END CERTIFICATE-----
";

    #[test]
    fn the_identifier_is_the_rfcs_own() {
        let leaf = chain::read(EXAMPLE).expect("a certificate");
        assert_eq!(leaf.ari_id.as_deref(), Some("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"));
    }

    #[test]
    fn a_certificate_that_names_no_issuers_key_has_none() {
        let key = KeyPair::generate().expect("a key");
        let alone = CertificateParams::new(["portal.court.gov".to_owned()]).expect("names");
        let pem = alone.self_signed(&key).expect("a certificate").pem();
        assert_eq!(chain::read(&pem).expect("a certificate").ari_id, None);
    }
}
