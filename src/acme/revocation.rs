//! Telling a CA to revoke a certificate (RFC 8555 §7.6), signed by the account that it was issued to.

use super::registration::Stop;
use crate::domain::revocation::Reason;
use instant_acme::{Account, Error, RevocationReason, RevocationRequest};
use rustls::pki_types::CertificateDer;

/// What a CA answers when there is nothing left to do.
const ALREADY: &str = "urn:ietf:params:acme:error:alreadyRevoked";

pub(super) async fn revoke(account: Account, leaf_der: &[u8], reason: Reason) -> Result<(), Stop> {
    let certificate = CertificateDer::from(leaf_der);
    let reason = match reason {
        // RFC 5280 §5.3.1: the extension should be left out.
        Reason::Unspecified => None,
        Reason::KeyCompromise => Some(RevocationReason::KeyCompromise),
        Reason::Superseded => Some(RevocationReason::Superseded),
        Reason::CessationOfOperation => Some(RevocationReason::CessationOfOperation),
    };
    match account.revoke(&RevocationRequest { certificate: &certificate, reason }).await {
        Err(Error::Api(problem)) if problem.r#type.as_deref() == Some(ALREADY) => Ok(()),
        answer => Ok(answer?),
    }
}
