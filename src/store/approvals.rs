//! Requests to approve a domain by e-mail: whom they were sent to, and the hash of the link that was mailed.

use super::change::{Index, RecordProblem};
use super::domains::changed;
use super::error::StoreError;
use super::fresh::new_id;
use super::outbox::{Changed, What};
use super::timeline::Entry;
use super::write::Write;
use super::{Scope, Store, Stored};
use crate::domain::event::Event;
use crate::domain::id::DomainId;
use crate::domain::time::Millis;
use crate::failpoint::Act;
use sqlx::Row as _;
use sqlx::any::AnyRow;

const REPLACE: &str = "update approvals set ended_at = $2, outcome = 'replaced' where domain = $1 and ended_at is null";
const ADD: &str = "insert into approvals (id, domain, address, token_sha256, requested_by, created_at, expires_at) \
    values ($1, $2, $3, $4, $5, $6, $7)";
pub(super) const SINCE: &str =
    "select created_at from approvals where domain = $1 and created_at > $2 order by created_at";
pub(super) const LAST: &str = "select id, domain, address, requested_by, created_at, expires_at, outcome from approvals \
    where domain = $1 order by created_at desc, id desc limit 1";
pub(super) const OPEN: &str = "select id, domain, address, requested_by, created_at, expires_at, outcome from approvals \
    where token_sha256 = $1 and ended_at is null and expires_at > $2";
const USE: &str = "update approvals set ended_at = $2, outcome = $3 where id = $1 and ended_at is null";

/// A request to approve a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalRequest {
    /// Its row.
    pub id: String,
    /// The domain.
    pub domain: DomainId,
    /// The Approver's Email.
    pub address: String,
    /// Who asked.
    pub requested_by: String,
    /// When.
    pub created_at: Millis,
    /// Until when its link works.
    pub expires_at: Millis,
    /// `approved`, `declined` or `replaced`; none while it is open.
    pub outcome: Option<String>,
}

/// A request to be added.
#[derive(Clone, Debug)]
pub struct NewApproval<'a> {
    /// The Approver's Email.
    pub address: &'a str,
    /// SHA-256 of the link's secret.
    pub token_sha256: [u8; 32],
    /// Until when the link works.
    pub expires_at: Millis,
}

impl Store {
    /// When requests of a domain were made since then, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn approvals_since(&self, domain: &DomainId, since: Millis) -> Result<Vec<Millis>, StoreError> {
        let rows = sqlx::query(SINCE).bind(domain.as_str()).bind(since.0).fetch_all(self.database.reader()).await?;
        rows.iter().map(|row| Ok(Millis(row.try_get("created_at")?))).collect()
    }

    /// Adds a request in place of one that is open, and says so in the timeline.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_approval(
        &self,
        stored: &Stored,
        new: NewApproval<'_>,
        entry: &Entry,
        now: Millis,
    ) -> Result<(), StoreError> {
        let domain = &stored.setup.id;
        let mut tx = self.database.begin().await?;
        sqlx::query(REPLACE).bind(domain.as_str()).bind(now.0).execute(&mut *tx).await?;
        sqlx::query(ADD)
            .bind(new_id(now))
            .bind(domain.as_str())
            .bind(new.address)
            .bind(new.token_sha256.to_vec())
            .bind(entry.actor.as_str())
            .bind(now.0)
            .bind(new.expires_at.0)
            .execute(&mut *tx)
            .await?;
        let changed = changed(&stored.setup, stored.revision, What::Setup);
        self.commit(Act::Happen, tx, changed, Some(entry), now).await?;
        Ok(())
    }

    /// The last request of a domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_approval(&self, domain: &DomainId) -> Result<Option<ApprovalRequest>, StoreError> {
        let row = sqlx::query(LAST).bind(domain.as_str()).fetch_optional(self.database.reader()).await?;
        row.as_ref().map(read).transpose()
    }

    /// The open request of a link.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_approval(
        &self,
        token_sha256: &[u8; 32],
        now: Millis,
    ) -> Result<Option<ApprovalRequest>, StoreError> {
        let query = sqlx::query(OPEN).bind(token_sha256.to_vec()).bind(now.0);
        query.fetch_optional(self.database.reader()).await?.as_ref().map(read).transpose()
    }

    /// Uses a link up: the answer is the domain's from now on. False when it was used up meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answer_approval(
        &self,
        request: &ApprovalRequest,
        given: bool,
        entry: &Entry,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let event = Event::Answered { by: request.address.clone(), given };
        match self.answer_once(request, &[&event], entry, now).await {
            Err(RecordProblem::NameHeld) => self.answer_once(request, &[&event, &Event::NameHeld], entry, now).await,
            other => other,
        }
        .map_err(|problem| match problem {
            RecordProblem::Store(error) => error,
            // The row is locked, and a blocked claim holds no name.
            _ => StoreError::Contradiction("a locked row that changed"),
        })
    }

    async fn answer_once(
        &self,
        request: &ApprovalRequest,
        events: &[&Event],
        entry: &Entry,
        now: Millis,
    ) -> Result<bool, RecordProblem> {
        let mut tx = self.begin(Act::Happen).await?;
        let Some((before, old)) = self.locked(&mut tx, &Scope::All, &request.domain).await? else { return Ok(false) };
        let given = events.iter().any(|event| matches!(event, Event::Answered { given: true, .. }));
        let outcome = if given { "approved" } else { "declined" };
        let used = sqlx::query(USE).bind(request.id.as_str()).bind(now.0).bind(outcome).execute(&mut *tx).await?;
        if used.rows_affected() != 1 {
            return Ok(false);
        }
        let read = Index::of(&old.setup, &old.facts, old.asked, now);
        let mut facts = events.iter().fold(old.facts.clone(), |facts, event| facts.apply(now, event));
        let index = Index::of(&old.setup, &facts, old.asked, now);
        if (read.domain_status, read.ssl_status) != (index.domain_status, index.ssl_status) {
            facts.since = now;
        }
        let write = Write::by_people(&old.setup, (&old.facts, &facts), &index);
        let effects = self.write(&mut tx, &before, &write, now).await?;
        let (challenges, installed) = (effects.challenges, effects.installed);
        let changed = Changed { challenges, installed, ..changed(&old.setup, old.revision + 1, What::Setup) };
        self.commit(Act::Happen, tx, changed, Some(entry), now).await?;
        Ok(true)
    }
}

fn read(row: &AnyRow) -> Result<ApprovalRequest, StoreError> {
    Ok(ApprovalRequest {
        id: row.try_get("id")?,
        domain: DomainId::new(row.try_get::<String, _>("domain")?),
        address: row.try_get("address")?,
        requested_by: row.try_get("requested_by")?,
        created_at: Millis(row.try_get("created_at")?),
        expires_at: Millis(row.try_get("expires_at")?),
        outcome: row.try_get("outcome")?,
    })
}
