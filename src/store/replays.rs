//! Requests that may be sent again: each has a key, is acted on once, and its answer is kept for a day.
//!
//! Whoever acts holds a claim. An act marks the key in its own transaction (`audit.rs`), guarded by the claim: after a
//! crash it is known whether it was done, and a process that was thought dead writes nothing any more. Answers lie sealed,
//! since some hold a secret that is shown once.

use super::fresh::random_name;
use super::transaction::Tx;
use super::{Store, StoreError};
use crate::domain::time::{DAY_MS, MINUTE_MS, Millis};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::sync::Arc;

/// Keys are kept this long.
pub(super) const KEPT_MS: i64 = DAY_MS;
/// Nobody acts longer than this: each statement ends in time, and what comes later is refused by the claim.
const ACTING_MS: i64 = MINUTE_MS;
/// A key is looked at again when somebody else changed it between two statements.
const TRIES: u32 = 3;

const CLAIM: &str = "insert into idempotency_keys (id, request_sha256, claim, claimed_at, created_at) \
    values ($1, $2, $3, $4, $4) on conflict (id) do nothing";
pub(super) const FIND: &str = "select request_sha256, claim, claimed_at, acted, status, content_type, location, sealed, \
    created_at from idempotency_keys where id = $1";
const TAKE_OVER: &str =
    "update idempotency_keys set claim = $3, claimed_at = $4 where id = $1 and claim = $2 and acted = 0";
const FORGET: &str = "delete from idempotency_keys where id = $1 and claim = $2";
const RELEASE: &str = "delete from idempotency_keys where id = $1 and claim = $2 and acted = 0";
const ACT: &str = "update idempotency_keys set acted = 1 where id = $1 and claim = $2";
const ANSWER: &str = "update idempotency_keys set acted = 1, status = $3, content_type = $4, location = $5, sealed = $6 \
    where id = $1 and claim = $2";
pub(super) const STALE: &str = "delete from idempotency_keys where id in \
    (select id from idempotency_keys where created_at < $1 order by created_at limit $2)";

/// The right to act on a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    id: String,
    number: String,
}

/// An answer that is given again.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its HTTP status.
    pub status: u16,
    /// What its body is.
    pub content_type: Option<String>,
    /// Where what was made is found.
    pub location: Option<String>,
    /// May hold a secret.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// What is known of a key when a request brings it.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is new, or what was tried under it was never done: act.
    Act(Claim),
    /// It was done: this was answered.
    Answered(Answer),
    /// Somebody acts on it now.
    InFlight,
    /// It was done by a process that ended before it could answer.
    AnswerLost,
    /// It belongs to another request.
    Reused,
}

impl Store {
    /// The same store for a request under a key, whose acts mark it.
    #[must_use]
    pub fn under(&self, claim: &Claim) -> Self {
        Self { claim: Some(Arc::new(claim.clone())), ..self.clone() }
    }

    /// Looks a key up, and claims it where nobody acts on it and nothing was done.
    ///
    /// # Errors
    /// When the database fails, or an answer does not open.
    pub async fn take_turn(&self, id: &str, request_sha256: [u8; 32], now: Millis) -> Result<Turn, StoreError> {
        let number = random_name();
        for _ in 0..TRIES {
            // Looked at first: to add a row in vain waits for whoever acts on it, and to read it does not.
            let Some(row) = sqlx::query(FIND).bind(id).fetch_optional(self.database.writer()).await? else {
                let fresh = sqlx::query(CLAIM).bind(id).bind(request_sha256.to_vec()).bind(&*number).bind(now.0);
                if self.database.execute(fresh).await?.rows_affected() == 1 {
                    return Ok(Turn::Act(Claim { id: id.to_owned(), number }));
                }
                continue;
            };
            let held: String = row.try_get("claim")?;
            if now.since(Millis(row.try_get("created_at")?)) >= KEPT_MS {
                self.database.execute(sqlx::query(FORGET).bind(id).bind(held)).await?;
                continue;
            }
            if row.try_get::<Vec<u8>, _>("request_sha256")? != request_sha256 {
                return Ok(Turn::Reused);
            }
            if let Some(answer) = self.answer(id, &row)? {
                return Ok(Turn::Answered(answer));
            }
            // A time in the future was written by a clock that has since been set back.
            if (0..ACTING_MS).contains(&now.since(Millis(row.try_get("claimed_at")?))) {
                return Ok(Turn::InFlight);
            }
            if row.try_get::<i64, _>("acted")? != 0 {
                return Ok(Turn::AnswerLost);
            }
            let over = sqlx::query(TAKE_OVER).bind(id).bind(held).bind(&*number).bind(now.0);
            if self.database.execute(over).await?.rows_affected() == 1 {
                return Ok(Turn::Act(Claim { id: id.to_owned(), number }));
            }
        }
        Ok(Turn::InFlight)
    }

    fn answer(&self, id: &str, row: &AnyRow) -> Result<Option<Answer>, StoreError> {
        let (Some(status), Some(sealed)) =
            (row.try_get::<Option<i64>, _>("status")?, row.try_get::<Option<Vec<u8>>, _>("sealed")?)
        else {
            return Ok(None);
        };
        let bad =
            || StoreError::BadRow { table: "idempotency_keys", id: id.to_owned(), why: format!("status {status}") };
        Ok(Some(Answer {
            status: u16::try_from(status).map_err(|_| bad())?,
            content_type: row.try_get("content_type")?,
            location: row.try_get("location")?,
            body: self.keys.open(&place(id), &sealed)?.to_vec(),
        }))
    }

    /// Keeps what was answered, for as long as the key is kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_answer(&self, claim: &Claim, answer: &Answer) -> Result<(), StoreError> {
        let sealed = self.keys.seal(&place(&claim.id), &answer.body)?;
        let kept = sqlx::query(ANSWER)
            .bind(&*claim.id)
            .bind(&*claim.number)
            .bind(i64::from(answer.status))
            .bind(answer.content_type.clone())
            .bind(answer.location.clone())
            .bind(sealed);
        self.database.execute(kept).await?;
        Ok(())
    }

    /// Lets a key go under which nothing was done. False when something was: its answer belongs to it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_turn(&self, claim: &Claim) -> Result<bool, StoreError> {
        let released = sqlx::query(RELEASE).bind(&*claim.id).bind(&*claim.number);
        Ok(self.database.execute(released).await?.rows_affected() == 1)
    }

    /// Marks the key as acted on, within the act's transaction.
    pub(super) async fn mark_acted(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let Some(claim) = self.claim.as_deref() else { return Ok(()) };
        let marked = sqlx::query(ACT).bind(&*claim.id).bind(&*claim.number).execute(&mut **tx).await?;
        if marked.rows_affected() == 1 {
            return Ok(());
        }
        Err(StoreError::Contradiction("a request that another process has taken over"))
    }
}

/// What a sealed answer is bound to.
pub(super) fn place(id: &str) -> [&str; 2] {
    ["answer", id]
}
