//! Our own accounting of what a CA lets us have: whether there is a place for one more order, and when the next is free.
//!
//! Orders are counted from their own rows, so that nothing can be forgotten in a crash. Where a CA has limits, whoever plans
//! an order holds the CA's row until the order is written: two nodes never take the same place.

use super::Store;
use super::change::{Terms, Wait};
use super::error::StoreError;
use super::transaction::{Source, Tx};
use crate::domain::limits::{Limit, Rule};
use crate::domain::problem::ProblemKind;
use crate::domain::time::Millis;
use sqlx::Row as _;

const PAUSED: &str = "select paused_until, paused_for from allowances where ca = $1";
/// On PostgreSQL this locks the row until the transaction ends; SQLite has one writer in any case.
const HOLD: &str = "insert into allowances (ca, paused_until, paused_for) values ($1, 0, 'outage') \
    on conflict (ca) do update set ca = excluded.ca";
const PAUSE: &str = "insert into allowances (ca, paused_until, paused_for) values ($1, $2, $3) \
    on conflict (ca) do update set paused_until = excluded.paused_until, paused_for = excluded.paused_for \
    where allowances.paused_until < excluded.paused_until";

// Each gives the time at which the `$3`-th newest place was taken, if it is younger than `$2`: then all are taken.
macro_rules! place {
    ($at:literal, $who:literal) => {
        concat!(
            "select ",
            $at,
            " as taken_at from orders where ca = $1 and ",
            $at,
            " > $2",
            $who,
            " order by ",
            $at,
            " desc limit 1 offset $3"
        )
    };
}
const ORDERS: &str = place!("planned_at", " and counted = 'new'");
// An order that failed gave no certificate.
const DOMAIN: &str =
    place!("planned_at", " and registrable = $4 and counted = 'new' and (outcome is null or outcome <> 'failed')");
const NAME: &str = place!(
    "planned_at",
    " and hostname = $4 and counted <> 'replacement' and (outcome is null or outcome <> 'failed')"
);
const FAILURES: &str = place!("ended_at", " and hostname = $4 and invalid = 1");

/// Who asks for a place.
pub(super) struct Asker<'a> {
    pub(super) ca: &'a str,
    pub(super) hostname: &'a str,
    pub(super) registrable: &'a str,
}

impl Store {
    /// Why an order at this CA would have to wait; none when there is a place for it now. Takes no place: that is done when the
    /// order is written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn order_waits(
        &self,
        ca: &str,
        hostname: &str,
        registrable: &str,
        terms: &Terms,
        now: Millis,
    ) -> Result<Option<Wait>, StoreError> {
        wait(&mut Source::Pool(self.database.reader()), &Asker { ca, hostname, registrable }, terms, now).await
    }
}

/// The same within the transaction that plans the order, with every other planner at this CA kept waiting.
pub(super) async fn hold(
    tx: &mut Tx,
    asker: &Asker<'_>,
    terms: &Terms,
    now: Millis,
) -> Result<Option<Wait>, StoreError> {
    // Without limits there is a pause at most, which nobody's order uses up.
    if terms.limits.rules(terms.counted).is_empty() {
        return wait(&mut Source::Beside(tx), asker, terms, now).await;
    }
    sqlx::query(HOLD).bind(asker.ca).execute(&mut **tx).await?;
    wait(&mut Source::Open(&mut *tx), asker, terms, now).await
}

/// Keeps a CA's wish for no orders; a longer one stays.
pub(super) async fn pause(tx: &mut Tx, ca: &str, kind: ProblemKind, until: Millis) -> Result<(), StoreError> {
    let word = if kind == ProblemKind::RateLimited { "rate_limited" } else { "outage" };
    tx.later(sqlx::query(PAUSE).bind(ca).bind(until.0).bind(word)).await?;
    Ok(())
}

async fn wait(
    source: &mut Source<'_>,
    asker: &Asker<'_>,
    terms: &Terms,
    now: Millis,
) -> Result<Option<Wait>, StoreError> {
    if let Some(row) = source.fetch_optional(sqlx::query(PAUSED).bind(asker.ca)).await? {
        let (until, word): (i64, String) = (row.try_get("paused_until")?, row.try_get("paused_for")?);
        if until > now.0 {
            let kind = if word == "rate_limited" { ProblemKind::RateLimited } else { ProblemKind::Outage };
            return Ok(Some(Wait::Paused { kind, until: Millis(until) }));
        }
    }
    let mut longest: Option<Wait> = None;
    for (rule, limit) in terms.limits.rules(terms.counted) {
        let Some(until) = taken(source, asker, rule, limit, now).await? else { continue };
        if longest.as_ref().is_none_or(|wait| wait.until() < until) {
            longest = Some(Wait::Limited { rule, limit, until });
        }
    }
    Ok(longest)
}

/// The CA may have opened an order whose answer was lost, and counts it: a tenth is left for those.
const fn spare(rule: Rule, limit: Limit) -> u32 {
    if matches!(rule, Rule::Orders) { limit.count / 10 } else { 0 }
}

/// Until when all places under a rule are taken.
async fn taken(
    source: &mut Source<'_>,
    asker: &Asker<'_>,
    rule: Rule,
    limit: Limit,
    now: Millis,
) -> Result<Option<Millis>, StoreError> {
    let Some(last) = (limit.count - spare(rule, limit)).checked_sub(1) else {
        return Ok(Some(now.plus(limit.window_ms)));
    };
    let (statement, whose) = match rule {
        Rule::Orders => (ORDERS, None),
        Rule::Domain => (DOMAIN, Some(asker.registrable)),
        Rule::Name => (NAME, Some(asker.hostname)),
        Rule::Failures => (FAILURES, Some(asker.hostname)),
    };
    let query = sqlx::query(statement).bind(asker.ca).bind(limit.freed_before(now).0).bind(i64::from(last));
    let query = match whose {
        Some(whose) => query.bind(whose),
        None => query,
    };
    let row = source.fetch_optional(query).await?;
    let at: Option<i64> = row.map(|row| row.try_get("taken_at")).transpose()?;
    Ok(at.map(|at| limit.free_at(Millis(at))))
}
