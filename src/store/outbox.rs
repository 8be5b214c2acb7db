//! Change notices: told to this process's listeners after commit, and left in the outbox for every other process.
//!
//! A notice says "look again" and carries no state, so that one more or one told twice does no harm.

use super::Store;
use super::error::StoreError;
use super::fresh::new_id;
use super::timeline::Entry;
use super::transaction::Tx;
use crate::domain::id::{CustomerId, DomainId};
use crate::domain::time::{HOUR_MS, Millis};
use crate::failpoint::{Act, Moment, reach};
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::error::ErrorKind;

/// Notices are kept this long: a process that was away for longer starts from the tables, as a new one does.
pub(super) const KEPT_MS: i64 = HOUR_MS;

const ADD: &str = "insert into outbox (id, at, origin, topic, domain, customer, payload) \
    values ($1, $2, $3, $4, $5, $6, $7)";

/// A domain changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Which domain.
    pub domain: DomainId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Its revision since.
    pub revision: u64,
    /// What kind of change.
    pub what: What,
    /// Whether values on show changed: the responder looks again.
    pub challenges: bool,
    /// Whether what the edge serves for it changed, or ceased to be.
    pub installed: bool,
    /// Whether this process changed it.
    pub own: bool,
}

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It is new.
    Added,
    /// A worker wrote facts.
    Recorded,
    /// A person changed settings, or asked for something that is a fact.
    Setup,
    /// It was removed.
    Removed,
    /// Somebody asked for a look; nothing else changed.
    Asked,
}

impl What {
    const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Recorded => "recorded",
            Self::Setup => "setup",
            Self::Removed => "removed",
            Self::Asked => "asked",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Payload {
    revision: u64,
    what: What,
    challenges: bool,
    installed: bool,
}

impl Store {
    /// Ends a transaction that changed a domain: timeline, notice, commit, and then the listeners. Gives what they are told.
    pub(super) async fn commit<'a>(
        &self,
        act: Act,
        mut tx: Tx,
        changed: Changed,
        entries: impl IntoIterator<Item = &'a Entry>,
        now: Millis,
    ) -> Result<Changed, StoreError> {
        for entry in entries {
            self.tell(&mut tx, &changed, entry, now).await?;
        }
        let Changed { revision, what, challenges, installed, .. } = changed;
        let payload = serde_json::to_string(&Payload { revision, what, challenges, installed })
            .map_err(|_| StoreError::Contradiction("a notice that is no plain data"))?;
        let add = sqlx::query(ADD)
            .bind(new_id(now))
            .bind(now.0)
            .bind(&*self.origin)
            .bind(what.word())
            .bind(changed.domain.as_str())
            .bind(changed.customer.as_str())
            .bind(payload);
        tx.later(add).await?;
        reach(act, Moment::Commit).await?;
        let outcome = match tx.commit().await {
            // One of its last statements was refused: nothing has happened.
            Err(error) if is_refusal(&error) => return Err(error.into()),
            outcome => outcome.map_err(StoreError::from),
        };
        let outcome = outcome.and(reach(act, Moment::After).await.map_err(StoreError::from));
        // Told in any case: a commit whose answer was lost on the way has happened, and a look too many does no harm.
        let _ = self.notices.send(changed.clone());
        self.wrote.notify_one();
        outcome.map(|()| changed)
    }
}

/// Whether a statement broke one of the tables' rules, or a guard did not find its row.
fn is_refusal(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::RowNotFound)
        || error.as_database_error().is_some_and(|error| !matches!(error.kind(), ErrorKind::Other))
}

pub(super) fn read(row: &sqlx::any::AnyRow) -> Result<Changed, StoreError> {
    let payload: String = row.try_get("payload")?;
    let bad = |error: serde_json::Error| StoreError::BadRow {
        table: "outbox",
        id: row.try_get("id").unwrap_or_default(),
        why: error.to_string(),
    };
    let Payload { revision, what, challenges, installed } = serde_json::from_str(&payload).map_err(bad)?;
    Ok(Changed {
        domain: DomainId::new(row.try_get::<String, _>("domain")?),
        customer: CustomerId::new(row.try_get::<String, _>("customer")?),
        revision,
        what,
        challenges,
        installed,
        own: false,
    })
}
