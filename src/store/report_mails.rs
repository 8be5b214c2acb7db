//! Which Monitoring Reports are to be mailed: each once in its day or week, by whichever node takes it first.
//!
//! Who takes a report owes it to its addresses from then on, and writes down whom it reached. What a killed node owed is due
//! again when its time is over, and so is what the mail server did not take.

use super::{Store, StoreError};
use crate::domain::id::DomainId;
use crate::domain::report::Every;
use crate::domain::time::Millis;
use sqlx::Row as _;
use sqlx::any::AnyRow;

macro_rules! due {
    ($which:literal) => {
        concat!(
            "select domain_reports.domain, addresses, owed, tries, again_at from domain_reports \
             join domains on domains.id = domain_reports.domain where every = $1 and removed_at is null and ",
            $which
        )
    };
}
pub(super) const DUE: &str = due!("sent_for < $2 order by sent_for, domain_reports.domain limit $3");
/// Nobody tries for ever, whatever happens to those who do.
pub(super) const OWED: &str =
    due!("again_at <= $4 and sent_for = $2 and tries < 5 order by again_at, domain_reports.domain limit $3");
const TAKE: &str = "update domain_reports set sent_for = $2, tries = 1, owed = addresses, again_at = $4 \
    where domain = $1 and every = $3 and sent_for < $2";
const TAKE_AGAIN: &str = "update domain_reports set tries = tries + 1, again_at = $4 \
    where domain = $1 and every = $3 and sent_for = $2 and tries = $5 and again_at is not null";
const NOTE: &str =
    "update domain_reports set owed = $4, again_at = $5 where domain = $1 and sent_for = $2 and tries = $3";

/// A report that is to be mailed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueReport {
    /// Of which domain.
    pub domain: DomainId,
    /// To whom.
    pub addresses: Vec<String>,
    /// How often that was tried in this period.
    pub tries: i64,
}

impl Store {
    /// Reports that were not mailed in this period yet, and those that somebody still waits for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_reports(
        &self,
        every: Every,
        period: i64,
        limit: u32,
        now: Millis,
    ) -> Result<Vec<DueReport>, StoreError> {
        let (word, limit) = (every.word(), i64::from(limit));
        let fresh = sqlx::query(DUE).bind(word).bind(period).bind(limit).fetch_all(self.database.reader()).await?;
        let owed = sqlx::query(OWED).bind(word).bind(period).bind(limit).bind(now.0);
        let owed = owed.fetch_all(self.database.reader()).await?;
        let fresh = fresh.iter().map(|row| read(row, false));
        fresh.chain(owed.iter().map(|row| read(row, true))).collect()
    }

    /// Takes a report, which is due again at `again_at` if nothing more is heard of it: true for one node, once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_report(
        &self,
        due: &DueReport,
        every: Every,
        period: i64,
        again_at: Millis,
    ) -> Result<bool, StoreError> {
        let statement = if due.tries == 0 { TAKE } else { TAKE_AGAIN };
        let query = sqlx::query(statement).bind(due.domain.as_str()).bind(period).bind(every.word()).bind(again_at.0);
        let query = if due.tries == 0 { query } else { query.bind(due.tries) };
        Ok(self.database.execute(query).await?.rows_affected() == 1)
    }

    /// Writes down whom a taken report did not reach, and when it is tried again, if ever.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_report(
        &self,
        due: &DueReport,
        period: i64,
        owed: &[&str],
        again_at: Option<Millis>,
    ) -> Result<(), StoreError> {
        let owed = serde_json::to_string(owed).map_err(|_| StoreError::Contradiction("addresses"))?;
        let query = sqlx::query(NOTE).bind(due.domain.as_str()).bind(period).bind(due.tries + 1).bind(owed);
        self.database.execute(query.bind(again_at.map(|at| at.0))).await?;
        Ok(())
    }
}

fn read(row: &AnyRow, is_owed: bool) -> Result<DueReport, StoreError> {
    // What can't be read goes to nobody, and counts as sent.
    let list = |text: Option<String>| serde_json::from_str(&text.unwrap_or_default()).unwrap_or_default();
    let mut addresses: Vec<String> = list(row.try_get("addresses")?);
    if is_owed {
        let owed: Vec<String> = list(row.try_get("owed")?);
        addresses.retain(|address| owed.contains(address));
    }
    let tries = if is_owed { row.try_get("tries")? } else { 0 };
    Ok(DueReport { domain: DomainId::new(row.try_get::<String, _>("domain")?), addresses, tries })
}
