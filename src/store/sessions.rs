//! Signed-in browsers, for the session layer above. The cookie's value is never stored, only its hash.

use super::audit::Deed;
use super::error::{Constraint, violated};
use super::row::readable;
use super::{Store, StoreError, User};
use crate::domain::id::UserId;
use crate::domain::time::Millis;
use sqlx::Row as _;
use sqlx::any::AnyRow;

const CREATE: &str = "insert into sessions (id_hash, user_id, data, created_at, last_seen_at, expires_at) \
    values ($1, $2, $3, $4, $5, $6)";
const SAVE: &str = "update sessions set user_id = $2, data = $3, last_seen_at = $4, expires_at = $5 where id_hash = $1";
const LOAD: &str = "select user_id, data, created_at, last_seen_at, expires_at from sessions \
    where id_hash = $1 and expires_at > $2";
const DELETE: &str = "delete from sessions where id_hash = $1";
const OF: &str = "select id_hash, created_at, last_seen_at from sessions where user_id = $1 and expires_at > $2 \
    order by last_seen_at desc limit $3";
const DISABLE: &str = "update users set disabled_at = $2 where id = $1 and disabled_at is null";
const ENABLE: &str = "update users set disabled_at = null where id = $1 and disabled_at is not null";
const DELETE_OF: &str = "delete from sessions where user_id = $1";

/// Sessions of one person that are listed; who has more ends them all at once.
const LISTED: i64 = 50;

/// A session that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    /// SHA-256 of the cookie's value.
    pub id_hash: Vec<u8>,
    /// When it was made.
    pub begun_at: Millis,
    /// When it was last used, to the minute.
    pub last_seen_at: Millis,
}

/// A session as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// SHA-256 of the cookie's value.
    pub id_hash: [u8; 32],
    /// Who signed in; none before.
    pub user: Option<UserId>,
    /// What the session layer keeps.
    pub data: Vec<u8>,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last used.
    pub last_seen_at: Millis,
    /// From when it is not found.
    pub expires_at: Millis,
}

impl std::fmt::Debug for StoredSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredSession").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Store {
    /// Stores a new session. False when its id is taken: make another.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_session(&self, session: &StoredSession) -> Result<bool, StoreError> {
        let statement = sqlx::query(CREATE)
            .bind(session.id_hash.to_vec())
            .bind(session.user.as_ref().map(|user| user.as_str().to_owned()))
            .bind(session.data.clone())
            .bind(session.created_at.0)
            .bind(session.last_seen_at.0)
            .bind(session.expires_at.0);
        let created = self.database.execute(statement).await;
        match created {
            Ok(_) => Ok(true),
            Err(error) if violated(&error) == Some(Constraint::TakenId) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Stores a session's new state. False when it was deleted meanwhile: a sign-out everywhere stays one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_session(&self, session: &StoredSession) -> Result<bool, StoreError> {
        let statement = sqlx::query(SAVE)
            .bind(session.id_hash.to_vec())
            .bind(session.user.as_ref().map(|user| user.as_str().to_owned()))
            .bind(session.data.clone())
            .bind(session.last_seen_at.0)
            .bind(session.expires_at.0);
        let saved = self.database.execute(statement).await?;
        Ok(saved.rows_affected() == 1)
    }

    /// A session that has not expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load_session(&self, id_hash: &[u8; 32], now: Millis) -> Result<Option<StoredSession>, StoreError> {
        let row = sqlx::query(LOAD).bind(id_hash.to_vec()).bind(now.0).fetch_optional(self.database.reader()).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(StoredSession {
            id_hash: *id_hash,
            user: row.try_get::<Option<String>, _>("user_id")?.map(UserId::new),
            data: row.try_get("data")?,
            created_at: Millis(row.try_get("created_at")?),
            last_seen_at: Millis(row.try_get("last_seen_at")?),
            expires_at: Millis(row.try_get("expires_at")?),
        }))
    }

    /// A person's open sessions, the last used first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions_of(&self, user: &UserId, now: Millis) -> Result<Vec<OpenSession>, StoreError> {
        let query = sqlx::query(OF).bind(user.as_str()).bind(now.0).bind(LISTED);
        let rows = query.fetch_all(self.database.reader()).await?;
        let read = |row: &AnyRow| {
            Ok(OpenSession {
                id_hash: row.try_get("id_hash")?,
                begun_at: Millis(row.try_get("created_at")?),
                last_seen_at: Millis(row.try_get("last_seen_at")?),
            })
        };
        Ok(readable(&rows, read))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_session(&self, id_hash: &[u8; 32]) -> Result<(), StoreError> {
        self.database.execute(sqlx::query(DELETE).bind(id_hash.to_vec())).await?;
        Ok(())
    }

    /// Disables a person, whose sessions end with it, or lets them sign in again. False when they are so already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_disabled(&self, user: &User, disabled: bool, now: Millis) -> Result<bool, StoreError> {
        let mut tx = self.database.begin().await?;
        let statement = match disabled {
            true => sqlx::query(DISABLE).bind(user.id.as_str()).bind(now.0),
            false => sqlx::query(ENABLE).bind(user.id.as_str()),
        };
        if statement.execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        if disabled {
            sqlx::query(DELETE_OF).bind(user.id.as_str()).execute(&mut *tx).await?;
        }
        let (act, words) = if disabled { ("person.disabled", "disabled") } else { ("person.enabled", "enabled again") };
        let summary = format!("{} {words}", user.email);
        self.note(&mut tx, Deed { act, customer: None, subject: user.id.as_str(), summary: &summary }, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends every session of a person; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_sessions_of(&self, user: &UserId, now: Millis) -> Result<u64, StoreError> {
        let mut tx = self.database.begin().await?;
        let ended = sqlx::query(DELETE_OF).bind(user.as_str()).execute(&mut *tx).await?.rows_affected();
        let deed =
            Deed { act: "session.all_ended", customer: None, subject: user.as_str(), summary: "Signed out everywhere" };
        self.note(&mut tx, deed, now).await?;
        tx.commit().await?;
        Ok(ended)
    }
}
