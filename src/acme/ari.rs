//! ACME renewal information (RFC 9773): by what name a CA knows a certificate, and when it wants it renewed.

use super::Renewal;
use super::directory::Directory;
use super::http::{Heard, Http};
use super::refusal::{CaError, is_bad_nonce, is_lost_account};
use super::registration::Stop;
use crate::domain::problem::ProblemKind;
use crate::domain::time::{DAY_MS, Millis};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::{Method, StatusCode};
use instant_acme::{CertificateIdentifier, Error};
use serde::Deserialize;
use x509_parser::prelude::{ParsedExtension, X509Certificate};

/// Serial numbers have 20 octets at most (RFC 5280 §4.1.2.2); key identifiers are hashes.
const PART_BYTES: usize = 64;
/// No public certificate lives longer than 398 days, so no window lies further from the CA's own clock.
const FARTHEST_MS: i64 = 400 * DAY_MS;
/// What is kept of the URL at which a CA explains a window.
const URL_CHARS: usize = 500;

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

/// What a new order says that it replaces (RFC 9773 §5); nothing to a CA that knows no such thing.
pub(super) fn replaced(directory: &Directory, ari_id: Option<&str>) -> Option<CertificateIdentifier<'static>> {
    let (issuer_key, serial) = ari_id.filter(|_| directory.renewal_info.is_some())?.split_once('.')?;
    let [authority_key_identifier, serial] = [issuer_key, serial].map(|part| part.to_owned().into());
    Some(CertificateIdentifier { authority_key_identifier, serial })
}

/// Whether a refused order may be welcome once it does not say what it replaces: that was replaced already
/// (`alreadyReplaced`, 409), or the CA does not know it or does not count it as ours.
pub(super) fn refuses_replacing(error: &Error, heard: &Heard) -> bool {
    let refusals = [StatusCode::CONFLICT, StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN];
    let refused = heard.status.is_some_and(|status| refusals.contains(&status));
    refused && !is_bad_nonce(error) && !is_lost_account(error)
}

/// Asks when the CA wants a certificate renewed (RFC 9773 §4.2); nothing when it does not know the certificate, or knows no
/// such thing.
pub(super) async fn renewal(http: &Http, directory: &Directory, ari_id: &str) -> Result<Option<Renewal>, Stop> {
    let Some(base) = &directory.renewal_info else { return Ok(None) };
    let url = format!("{}/{ari_id}", base.trim_end_matches('/'));
    match http.ask(Method::GET, &url, Vec::new()).await {
        Ok(heard) => Ok(Some(read(&heard)?)),
        Err(_) if Heard::last().status == Some(StatusCode::NOT_FOUND) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn read(heard: &Heard) -> Result<Renewal, Stop> {
    #[derive(Deserialize)]
    struct RenewalInfo {
        #[serde(rename = "suggestedWindow")]
        suggested_window: Window,
        #[serde(rename = "explanationURL")]
        explanation_url: Option<String>,
    }
    #[derive(Deserialize)]
    struct Window {
        start: String,
        end: String,
    }
    let RenewalInfo { suggested_window, explanation_url } = serde_json::from_slice(&heard.body).map_err(Error::from)?;
    let [start, end] = [&suggested_window.start, &suggested_window.end].map(|text| moment(text));
    let window = start.zip(end).filter(|(start, end)| is_sound(*start, *end, heard.answered_at));
    let (start, end) = window.ok_or_else(|| {
        let detail = format!("from {} to {} is no time to renew", suggested_window.start, suggested_window.end);
        Stop::Said(CaError { ends_order: false, ..CaError::over(ProblemKind::Outage, "renewal_window", &detail) })
    })?;
    let explanation_url = explanation_url.map(|url| url.chars().take(URL_CHARS).collect());
    Ok(Renewal { start, end, explanation_url, retry_after_ms: heard.retry_after_ms })
}

fn moment(text: &str) -> Option<Millis> {
    Some(Millis(text.parse::<jiff::Timestamp>().ok()?.as_millisecond()))
}

/// An end that does not come after the start makes a window invalid (RFC 9773 §4.2). One that lies years away from the CA's
/// own clock is a mistake as well, and would keep a certificate until it has long expired.
fn is_sound(start: Millis, end: Millis, answered_at: Option<Millis>) -> bool {
    let near = |at: Millis| answered_at.is_none_or(|now| at.since(now).abs() <= FARTHEST_MS);
    start < end && near(start) && near(end)
}

#[cfg(test)]
mod tests {
    use super::*;
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

    /// 2026-02-01.
    const NOW: Millis = Millis(1_769_904_000_000);

    fn said(start: &str, end: &str, answered_at: Option<Millis>) -> Option<Renewal> {
        let body = format!(
            r#"{{"suggestedWindow":{{"start":"{start}","end":"{end}"}},"explanationURL":"https://ca.test/why"}}"#
        );
        let heard = Heard { body: body.into(), answered_at, retry_after_ms: Some(21_600_000), ..Heard::default() };
        read(&heard).ok()
    }

    #[test]
    fn a_window_is_read() {
        let got = said("2026-02-01T00:00:01Z", "2026-02-03T02:00:00+02:00", Some(NOW)).expect("a window");
        assert_eq!((got.start, got.end), (NOW.plus(1_000), NOW.plus(2 * DAY_MS)));
        assert_eq!(got.explanation_url.as_deref(), Some("https://ca.test/why"));
        assert_eq!(got.retry_after_ms, Some(21_600_000));
        assert!(said("2025-02-01T00:00:00Z", "2025-02-02T00:00:00Z", Some(NOW)).is_some(), "in the past: renew now");
        assert!(said("2099-02-01T00:00:00Z", "2099-02-02T00:00:00Z", None).is_some(), "no clock to measure against");
    }

    #[test]
    fn absurd_windows_are_refused() {
        for (start, end) in [
            ("2026-02-02T00:00:00Z", "2026-02-01T00:00:00Z"),
            ("2026-02-02T00:00:00Z", "2026-02-02T00:00:00Z"),
            ("2099-02-01T00:00:00Z", "2099-02-02T00:00:00Z"),
            ("1970-01-01T00:00:00Z", "2026-02-02T00:00:00Z"),
            ("2026-02-01T00:00:00Z", "9999-12-30T00:00:00Z"),
            ("tomorrow", "2026-02-02T00:00:00Z"),
            ("", ""),
        ] {
            assert_eq!(said(start, end, Some(NOW)), None, "{start} {end}");
        }
        let junk = Heard { body: b"{}".as_slice().into(), ..Heard::default() };
        assert!(read(&junk).is_err());
    }

    #[test]
    fn only_a_ca_with_renewal_information_hears_what_is_replaced() {
        let directory = |more: &str| -> Directory {
            serde_json::from_str(&format!(r#"{{"newNonce":"n","newAccount":"a"{more}}}"#)).expect("a directory")
        };
        let with = directory(r#","renewalInfo":"r""#);
        let said = |directory: &Directory, id| replaced(directory, id).map(|id| id.to_string());
        assert_eq!(said(&with, Some("aki.serial")).as_deref(), Some("aki.serial"));
        assert_eq!(said(&with, None), None);
        assert_eq!(said(&with, Some("no dot")), None);
        assert_eq!(said(&directory(""), Some("aki.serial")), None);
    }
}
