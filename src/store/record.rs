//! A worker's write: guarded by revision and fencing number, all in one transaction.

use super::change::{Change, Extra, Index, RecordProblem};
use super::lease::Lease;
use super::outbox::{Changed, What};
use super::transaction::Tx;
use super::write::{Before, By, Write};
use super::{Store, accounts, allowance, certificates, orders, uploads};
use crate::domain::setup::Setup;
use crate::domain::time::Millis;
use crate::failpoint::Act;

impl Store {
    /// Writes what happened to a domain, and tells those who listen. Gives what they are told.
    ///
    /// # Errors
    /// [`RecordProblem`]; nothing was written, unless the database failed: then nobody knows.
    pub async fn record(
        &self,
        lease: &Lease,
        setup: &Setup,
        change: Change,
        now: Millis,
    ) -> Result<Changed, RecordProblem> {
        match self.record_once(lease, setup, change, now).await {
            // Nothing was written, and why is only asked now: mostly the row is as the worker knows it.
            Err(RecordProblem::Stale) => {
                let held = lease.is_held().fetch_optional(self.database.writer()).await?.is_some();
                Err(if held { RecordProblem::Stale } else { RecordProblem::LeaseLost })
            }
            recorded => recorded,
        }
    }

    async fn record_once(
        &self,
        lease: &Lease,
        setup: &Setup,
        change: Change,
        now: Millis,
    ) -> Result<Changed, RecordProblem> {
        let mut tx = self.begin(Act::Record).await?;
        let before = change.known();
        let write = Write {
            setup,
            before: &change.before,
            derived: change.derived.as_ref(),
            facts: &change.facts,
            index: &change.index,
            extras: &change.extras,
            by: By::Worker(lease, change.then),
        };
        let effects = self.write(&mut tx, &before, &write, now).await?;
        let changed = Changed {
            domain: setup.id.clone(),
            customer: setup.customer.clone(),
            revision: change.revision + 1,
            what: What::Recorded,
            challenges: effects.challenges,
            installed: effects.installed,
            own: true,
        };
        self.add_notices(&mut tx, &changed, &change.notices, now).await?;
        Ok(self.commit(Act::Record, tx, changed, &change.entries, now).await?)
    }

    /// Writes one row beside the domain's own.
    pub(super) async fn add(
        &self,
        tx: &mut Tx,
        setup: &Setup,
        extra: &Extra,
        now: Millis,
    ) -> Result<(), RecordProblem> {
        match extra {
            Extra::NewKey { id, pkcs8, csr_der } => self.add_key(tx, setup, id, pkcs8, csr_der, now).await?,
            Extra::NewCertificate { certificate, chain_pem } => {
                certificates::add(tx, &setup.id, certificate, chain_pem, now).await?;
            }
            Extra::UploadServed { id, certificate } => uploads::serve(tx, id, certificate).await?,
            Extra::CertificateRevoked { id } => certificates::mark_revoked(tx, id).await?,
            Extra::UploadEnded { certificate } => uploads::end(tx, certificate, now).await?,
            Extra::OrderBegun { id, ca, registrable, renewal, terms } => {
                let hostname = setup.hostname.to_string();
                let asker = allowance::Asker { ca, hostname: &hostname, registrable };
                if let Some(wait) = allowance::hold(tx, &asker, terms, now).await? {
                    return Err(RecordProblem::NoPlace(wait));
                }
                let counted = terms.counted;
                let plan = orders::Plan { id: id.as_str(), ca, registrable, renewal: *renewal, counted };
                orders::begin(tx, setup, &plan, now).await?;
            }
            Extra::OrderUrl { id, url } => orders::name(tx, id.as_str(), url).await?,
            Extra::AccountKnown(standing) => accounts::note(tx, standing).await?,
            Extra::AuthorityPaused { ca, kind, until } => allowance::pause(tx, ca, *kind, *until).await?,
            Extra::OrderEnded { id, outcome } => orders::end(tx, id.as_str(), *outcome, now).await?,
        }
        Ok(())
    }
}

impl Change {
    /// The row as its worker knows it: what a worker holds is not removed without a new revision.
    fn known(&self) -> Before {
        Before {
            revision: i64::try_from(self.revision).unwrap_or(i64::MAX),
            removed: false,
            held: Index::holds(&self.before),
        }
    }
}
