//! How many letters a person had sent about a domain: enough for any honest need, too few to bother strangers with.

use super::domains::changed;
use super::error::StoreError;
use super::fresh::new_id;
use super::outbox::What;
use super::timeline::Entry;
use super::{Store, Stored};
use crate::domain::notice::Notice;
use crate::domain::time::{DAY_MS, Millis};
use sqlx::Row as _;

/// Letters about one domain within a day.
pub const LETTERS_OF_DOMAIN: i64 = 20;
/// Letters of one person within a day.
pub const LETTERS_OF_SENDER: i64 = 60;

pub(super) const OF_DOMAIN: &str =
    "select cast(coalesce(sum(letters), 0) as bigint) as sent from mailings where domain = $1 and at > $2";
pub(super) const OF_SENDER: &str =
    "select cast(coalesce(sum(letters), 0) as bigint) as sent from mailings where sender = $1 and at > $2";
const ADD: &str = "insert into mailings (id, domain, sender, at, letters) values ($1, $2, $3, $4, $5)";
pub(super) const OLD: &str = "delete from mailings where id in (select id from mailings where at < $1 limit $2)";

impl Store {
    /// Counts letters that are about to be sent. False when there would be too many within a day.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reserve_letters(
        &self,
        stored: &Stored,
        sender: &str,
        letters: usize,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let domain = stored.setup.id.as_str();
        let letters = i64::try_from(letters).unwrap_or(i64::MAX);
        let mut tx = self.database.begin().await?;
        for (statement, of, most) in [(OF_DOMAIN, domain, LETTERS_OF_DOMAIN), (OF_SENDER, sender, LETTERS_OF_SENDER)] {
            let row = sqlx::query(statement).bind(of).bind(now.plus(-DAY_MS).0).fetch_one(&mut *tx).await?;
            if row.try_get::<i64, _>("sent")?.saturating_add(letters) > most {
                return Ok(false);
            }
        }
        sqlx::query(ADD)
            .bind(new_id(now))
            .bind(domain)
            .bind(sender)
            .bind(now.0)
            .bind(letters)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Says in a domain's timeline, and in the audit log, what somebody did that changed nothing of it; and to whoever wants to
    /// hear of that, where there is a notice.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tell_of(
        &self,
        stored: &Stored,
        entry: &Entry,
        notice: Option<Notice>,
        now: Millis,
    ) -> Result<(), StoreError> {
        let mut tx = self.database.begin().await?;
        let changed = changed(&stored.setup, stored.revision, What::Setup);
        self.tell(&mut tx, &changed, entry, now).await?;
        self.add_notices(&mut tx, &changed, notice.as_slice(), now).await?;
        Ok(tx.commit().await?)
    }
}
