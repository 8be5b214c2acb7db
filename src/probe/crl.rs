//! Certificate revocation lists (RFC 5280 §5): where a certificate's list is, and what the list says of it; and whether
//! visitors trust its chain.
//!
//! rustls judges the list's signature, dates and scope, as a client would that insists on revocation; it is given the issuer
//! as the one authority that it trusts, since whether visitors trust that one is another question. Nothing is fetched here.

use super::handshake::asked_name;
use super::roots::roots;
use crate::domain::time::Millis;
use crate::domain::validity::{Listed, Trust};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::{CertificateError, Error, RootCertStore};
use std::sync::Arc;
use std::time::Duration;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::prelude::{CertificateRevocationList, FromDer as _, X509Certificate};
use x509_parser::x509::ReasonCode;

/// Addresses of a list that are tried: they are meant to be of the same one.
const ADDRESSES: usize = 3;

/// Where a certificate's list is, as the certificate itself says.
#[must_use]
pub fn addresses(leaf: &CertificateDer<'_>) -> Vec<String> {
    let Ok((_, certificate)) = X509Certificate::from_der(leaf) else { return Vec::new() };
    let points = certificate.extensions().iter().filter_map(|extension| match extension.parsed_extension() {
        ParsedExtension::CRLDistributionPoints(points) => Some(points.points.iter()),
        _ => None,
    });
    let names = points.flatten().filter_map(|point| match &point.distribution_point {
        Some(DistributionPointName::FullName(names)) => Some(names.iter()),
        _ => None,
    });
    let url = |name: &GeneralName<'_>| match name {
        GeneralName::URI(url) => Some((*url).to_owned()),
        _ => None,
    };
    names.flatten().filter_map(url).take(ADDRESSES).collect()
}

/// When a list says that its successor is out; none for what is no list, or never ends.
#[must_use]
pub fn next_update(list_der: &[u8]) -> Option<Millis> {
    let (_, list) = CertificateRevocationList::from_der(list_der).ok()?;
    Some(Millis(list.next_update()?.timestamp().saturating_mul(1_000)))
}

/// What a list says of a certificate that this issuer signed.
#[must_use]
pub fn look_up(list_der: &[u8], leaf: &CertificateDer<'_>, issuer: &CertificateDer<'_>, now: Millis) -> Listed {
    match judged(list_der, leaf, issuer, now) {
        Ok(()) => Listed::No,
        Err(Error::InvalidCertificate(CertificateError::Revoked)) => revoked(list_der, leaf),
        Err(Error::InvalidCertificate(CertificateError::UnknownRevocationStatus)) => {
            Listed::Unknown("the list is of another authority, or of other certificates".into())
        }
        Err(Error::InvalidCertificate(
            CertificateError::ExpiredRevocationList | CertificateError::ExpiredRevocationListContext { .. },
        )) => Listed::Unknown("the list is out of date".into()),
        Err(problem) => Listed::Unknown(problem.to_string()),
    }
}

fn judged(list_der: &[u8], leaf: &CertificateDer<'_>, issuer: &CertificateDer<'_>, now: Millis) -> Result<(), Error> {
    let mut authority = RootCertStore::empty();
    authority.add(issuer.clone().into_owned())?;
    let list = CertificateRevocationListDer::from(list_der.to_vec());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(authority), Arc::new(default_provider()))
        .with_crls([list])
        .only_check_end_entity_revocation()
        .enforce_revocation_expiration()
        .build()
        .map_err(|problem| Error::General(problem.to_string()))?;
    let name = own_name(leaf).ok_or_else(|| Error::General("the certificate has no name".into()))?;
    verifier.verify_server_cert(leaf, &[], &name, &[], unix(now)).map(drop)
}

/// Whether visitors trust a chain, the leaf first. A leaf that has ended itself is another question.
#[must_use]
pub fn trust(chain: &[CertificateDer<'static>], now: Millis) -> Trust {
    let Some((leaf, issuers)) = chain.split_first() else { return Trust::Private };
    for issuer in issuers {
        let Ok((_, read)) = X509Certificate::from_der(issuer) else { return Trust::Private };
        if read.validity().not_after.timestamp().saturating_mul(1_000) <= now.0 {
            return Trust::Ended(read.subject().to_string());
        }
    }
    let mut known = RootCertStore::empty();
    known.add_parsable_certificates(roots().iter().cloned());
    let is_public = || {
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(known), Arc::new(default_provider()));
        verifier.build().ok()?.verify_server_cert(leaf, issuers, &own_name(leaf)?, &[], unix(now)).ok()
    };
    if is_public().is_some() { Trust::Public } else { Trust::Private }
}

fn unix(now: Millis) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_millis(u64::try_from(now.0).unwrap_or_default()))
}

/// A name that it is for: which one is not the question.
fn own_name(leaf: &CertificateDer<'_>) -> Option<ServerName<'static>> {
    let (_, certificate) = X509Certificate::from_der(leaf).ok()?;
    let names = certificate.subject_alternative_name().ok()??;
    names.value.general_names.iter().find_map(|name| match name {
        GeneralName::DNSName(name) => ServerName::try_from(asked_name(name)).ok(),
        _ => None,
    })
}

/// The list's own words for it.
fn revoked(list_der: &[u8], leaf: &CertificateDer<'_>) -> Listed {
    let entry = || {
        let (_, certificate) = X509Certificate::from_der(leaf).ok()?;
        let (_, list) = CertificateRevocationList::from_der(list_der).ok()?;
        let entry = list.iter_revoked_certificates().find(|one| one.raw_serial() == certificate.raw_serial())?;
        let reason = entry.reason_code().map(|(_, ReasonCode(code))| words(code));
        Some((Millis(entry.revocation_date.timestamp().saturating_mul(1_000)), reason))
    };
    let (since, reason) = entry().unzip();
    Listed::Yes { since, reason: reason.flatten() }
}

/// A reason in words (RFC 5280 §5.3.1).
fn words(code: u8) -> String {
    match code {
        0 => "no reason".into(),
        1 => "key compromise".into(),
        2 => "authority compromise".into(),
        3 => "affiliation changed".into(),
        4 => "superseded".into(),
        5 => "cessation of operation".into(),
        6 => "on hold".into(),
        9 => "privilege withdrawn".into(),
        other => format!("reason {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::DAY_MS;
    use rustls::pki_types::pem::PemObject as _;
    use std::path::Path;
    use std::process::Command;

    /// What `openssl ca` wants to read.
    const CONFIG: &str = "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\n\
        default_crl_days=7\nserial=serial\n";
    const LEAF: &str = "basicConstraints=CA:false\nsubjectAltName=DNS:*.court.test\n\
        crlDistributionPoints=URI:http://crl.court.test/list.crl,URI:ldap://dir/x\n";

    fn openssl(folder: &Path, words: &str) {
        let made = Command::new("openssl").args(words.split(' ')).current_dir(folder).output().unwrap();
        assert!(made.status.success(), "openssl {words}: {}", String::from_utf8_lossy(&made.stderr));
    }

    /// An authority of one's own with a certificate, in a folder.
    fn authority(folder: &Path) -> (CertificateDer<'static>, CertificateDer<'static>) {
        for (name, text) in [("ca.cnf", CONFIG), ("leaf.ext", LEAF), ("index.txt", ""), ("crlnumber", "01\n")] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        openssl(folder, &format!("req -x509 {key} -days 300 -subj /O=Court/CN=Root -keyout root.key -out root.pem"));
        openssl(folder, &format!("req {key} -subj /CN=court -keyout leaf.key -out leaf.csr"));
        let sign = "x509 -req -in leaf.csr -CA root.pem -CAkey root.key -CAcreateserial -extfile leaf.ext -days 90";
        openssl(folder, &format!("{sign} -out leaf.pem"));
        let read = |name: &str| CertificateDer::from_pem_file(folder.join(name)).unwrap();
        (read("leaf.pem"), read("root.pem"))
    }

    fn list(folder: &Path) -> Vec<u8> {
        openssl(folder, "ca -config ca.cnf -keyfile root.key -cert root.pem -gencrl -out list.pem");
        openssl(folder, "crl -in list.pem -outform DER -out list.crl");
        std::fs::read(folder.join("list.crl")).unwrap()
    }

    #[expect(clippy::disallowed_methods, reason = "openssl dates by the machine's clock")]
    fn now() -> Millis {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Millis(since.as_millis() as i64)
    }

    #[test]
    fn a_list_that_openssl_signs_says_who_is_on_it() {
        let folder = tempfile::tempdir().unwrap();
        let (leaf, root) = authority(folder.path());
        assert_eq!(addresses(&leaf), ["http://crl.court.test/list.crl", "ldap://dir/x"]);
        let (before, at) = (list(folder.path()), now());
        assert_eq!(look_up(&before, &leaf, &root, at), Listed::No);
        assert!(next_update(&before).is_some_and(|next| next > at && next <= at.plus(8 * DAY_MS)));
        let stale = look_up(&before, &leaf, &root, at.plus(8 * DAY_MS));
        assert_eq!(stale, Listed::Unknown("the list is out of date".into()));

        let revoke = "ca -config ca.cnf -keyfile root.key -cert root.pem -revoke leaf.pem -crl_reason keyCompromise";
        openssl(folder.path(), revoke);
        let Listed::Yes { since: Some(since), reason } = look_up(&list(folder.path()), &leaf, &root, at.plus(60_000))
        else {
            panic!("not found on the list")
        };
        assert!((at.plus(-60_000)..=now()).contains(&since));
        assert_eq!(reason.as_deref(), Some("key compromise"));
    }

    #[test]
    fn no_other_list_says_anything() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (leaf, root) = authority(folder.path());
        authority(other.path());
        let mut damaged = list(folder.path());
        *damaged.last_mut().unwrap() ^= 1;
        for foreign in [list(other.path()), damaged, b"<html>".to_vec(), Vec::new()] {
            let said = look_up(&foreign, &leaf, &root, now());
            assert!(matches!(said, Listed::Unknown(_)), "{said:?}");
        }
    }

    #[test]
    fn a_chain_is_private_or_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let (leaf, root) = authority(folder.path());
        assert_eq!(trust(&[leaf.clone(), root.clone()], now()), Trust::Private);
        let ended = trust(&[leaf, root], now().plus(301 * DAY_MS));
        assert!(matches!(&ended, Trust::Ended(whose) if whose.contains("Root")), "{ended:?}");
        assert_eq!(trust(&[], now()), Trust::Private);
    }
}
