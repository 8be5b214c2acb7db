//! Which Monitoring Reports are to be mailed: each once in its day or week, by whichever node takes it first.
//!
//! Who takes a report owes it to its addresses from then on, and writes down whom it reached. What a killed node owed is due
//! again when its time is over, and so is what the mail server did not take. How many it reached stands in the domain's
//! timeline: one line for a report, in the transaction that notes a try.

use super::timeline::count_mails;
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
    due!("again_at <= $4 and sent_for = $2 and tries < $5 order by again_at, domain_reports.domain limit $3");
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

/// What came of a try.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReportTried<'a> {
    /// How many addresses it reached.
    pub reached: i64,
    /// Those that it did not reach, and may yet.
    pub owed: &'a [&'a str],
    /// When they are tried again, if ever.
    pub again_at: Option<Millis>,
}

impl Store {
    /// Reports that were not mailed in this period yet, and those that somebody still waits for and that had fewer than
    /// `tries` tries.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_reports(
        &self,
        every: Every,
        period: i64,
        tries: i64,
        limit: u32,
        now: Millis,
    ) -> Result<Vec<DueReport>, StoreError> {
        let (word, limit) = (every.word(), i64::from(limit));
        let fresh = sqlx::query(DUE).bind(word).bind(period).bind(limit).fetch_all(self.database.reader()).await?;
        let owed = sqlx::query(OWED).bind(word).bind(period).bind(limit).bind(now.0).bind(tries);
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

    /// Writes down what came of a taken report. Whoever has it no more writes nothing: the next one tries and counts anew.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_report(
        &self,
        due: &DueReport,
        every: Every,
        period: i64,
        tried: ReportTried<'_>,
        now: Millis,
    ) -> Result<(), StoreError> {
        let owed = serde_json::to_string(tried.owed).map_err(|_| StoreError::Contradiction("addresses"))?;
        let mut tx = self.database.begin().await?;
        let query = sqlx::query(NOTE).bind(due.domain.as_str()).bind(period).bind(due.tries + 1).bind(owed);
        let noted = query.bind(tried.again_at.map(|at| at.0)).execute(&mut *tx).await?.rows_affected();
        if noted == 1 && tried.reached > 0 {
            let line = format!("{}:{}:{period}", due.domain, every.word());
            let words = |reached: i64| match reached {
                1 => "The Monitoring Report was mailed to 1 address".to_owned(),
                _ => format!("The Monitoring Report was mailed to {reached} addresses"),
            };
            count_mails(&mut tx, &line, &due.domain, tried.reached, words, now).await?;
        }
        tx.commit().await?;
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
