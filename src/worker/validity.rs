//! Checking the certificate in use: whether its CA's list has it, whether strangers have its key, and whether visitors trust
//! its chain.

use super::clock::Clock;
use super::perform::{Outcome, PerformError, Tools};
use crate::domain::event::Event;
use crate::domain::validity::{KeyListed, Listed};
use crate::failpoint::{Act, around};
use crate::probe::{crl, leaf};
use crate::store::Stored;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// Certificates of a chain that are read: what is longer was not stored by us.
const CHAIN: usize = 20;

impl Tools {
    pub(super) async fn check_validity(&self, stored: &Stored, clock: &Clock) -> Result<Outcome, PerformError> {
        let certificate = stored.facts.in_use().ok_or(PerformError::Misfit)?.id.clone();
        let pem = self.store.chain(&certificate).await?.unwrap_or_default();
        let read = CertificateDer::pem_slice_iter(pem.as_bytes()).take(CHAIN).filter_map(Result::ok);
        let chain: Vec<CertificateDer<'static>> = read.collect();
        let look = async { Ok::<_, PerformError>((self.listed(&chain, clock).await, self.key_listed(&chain).await)) };
        let (listed, key) = around(Act::ReadList, look).await?;
        let trust = crl::trust(&chain, clock.now());
        Ok(Event::Checked { certificate, listed, trust, key }.into())
    }

    async fn key_listed(&self, chain: &[CertificateDer<'static>]) -> KeyListed {
        match (&self.key_list, chain.first().and_then(|leaf| leaf::spki_sha256(leaf))) {
            (Some(list), Some(spki_sha256)) => list.look_up(&spki_sha256).await,
            _ => KeyListed::Unknown,
        }
    }

    async fn listed(&self, chain: &[CertificateDer<'static>], clock: &Clock) -> Listed {
        match (&self.lists, chain) {
            (Some(lists), [leaf, issuer, ..]) => lists.look_up(leaf, issuer, clock.now()).await,
            (Some(_), _) => Listed::Unknown("its issuer's certificate is not at hand".into()),
            (None, _) => Listed::Nowhere,
        }
    }
}
