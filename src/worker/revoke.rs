//! Telling the CA to revoke a certificate, as somebody asked for.

use super::clock::Clock;
use super::measure;
use super::perform::{Outcome, PerformError, Tools};
use crate::acme::CaError;
use crate::domain::event::Event;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::revocation::Revocation;
use crate::failpoint::{Act, around};
use crate::store::{Extra, Stored};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

impl Tools {
    pub(super) async fn revoke(&self, stored: &Stored, clock: &Clock) -> Result<Outcome, PerformError> {
        let revocation = stored.facts.revocation.as_ref().ok_or(PerformError::Misfit)?;
        let certificate = revocation.certificate.clone();
        let chain = self.store.chain(&certificate).await?.unwrap_or_default();
        Ok(match self.tell(revocation, &chain).await {
            Ok(()) => Outcome {
                extras: vec![Extra::CertificateRevoked { id: certificate.clone() }],
                event: Event::Revoked { certificate },
            },
            Err(CaError { problem, retry_after_ms, .. }) => {
                let after = |ms| clock.now().plus(i64::try_from(ms).unwrap_or(i64::MAX));
                Event::RevocationFailed { certificate, problem, retry_after: retry_after_ms.map(after) }.into()
            }
        })
    }

    async fn tell(&self, revocation: &Revocation, chain_pem: &str) -> Result<(), CaError> {
        let leaf = CertificateDer::pem_slice_iter(chain_pem.as_bytes()).next().and_then(Result::ok);
        let (Some(leaf), Some(ca)) = (leaf, self.ca_named(&revocation.ca)) else {
            let detail = format!("the certificate or its authority {} is not here any more", revocation.ca);
            let problem = Problem { kind: ProblemKind::Account, name: "ca_removed".into(), detail };
            return Err(CaError { problem, retry_after_ms: None, ends_order: false });
        };
        measure::ca("revoke", around(Act::Revoke, ca.revoke(&leaf, revocation.reason))).await
    }
}
