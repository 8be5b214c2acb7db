//! Orders and the challenge values on show for them.

use super::change::OrderOutcome;
use super::error::StoreError;
use super::transaction::Tx;
use crate::domain::facts::Order;
use crate::domain::limits::Counted;
use crate::domain::setup::{Setup, SslValidation};
use crate::domain::time::Millis;

const BEGIN: &str = "insert into orders (id, domain, ca, hostname, registrable, renewal, planned_at, counted) \
    values ($1, $2, $3, $4, $5, $6, $7, $8)";
const URL: &str = "update orders set url = $2 where id = $1 and url is null";
const END: &str = "update orders set ended_at = $2, outcome = $3, invalid = $4 where id = $1 and ended_at is null";
const SHOW: &str = "insert into challenges (label, value, domain, order_id, shown_at) values ($1, $2, $3, $4, $5) \
    on conflict (label, value) do nothing";
const HIDE: &str = "delete from challenges where domain = $1 and value = $2";
const ANSWER: &str = "insert into http_challenges (hostname, key_authorization, domain, order_id, shown_at) \
    values ($1, $2, $3, $4, $5) on conflict (hostname, key_authorization) do nothing";
const HIDE_ANSWER: &str = "delete from http_challenges where domain = $1 and key_authorization = $2";

/// An order as it is planned.
pub(super) struct Plan<'a> {
    pub(super) id: &'a str,
    pub(super) ca: &'a str,
    pub(super) registrable: &'a str,
    pub(super) renewal: bool,
    pub(super) counted: Counted,
}

pub(super) async fn begin(tx: &mut Tx, setup: &Setup, plan: &Plan<'_>, now: Millis) -> Result<(), sqlx::Error> {
    let begin = sqlx::query(BEGIN)
        .bind(plan.id)
        .bind(setup.id.as_str())
        .bind(plan.ca)
        .bind(setup.hostname.to_string())
        .bind(plan.registrable)
        .bind(i64::from(plan.renewal))
        .bind(now.0)
        .bind(plan.counted.word());
    tx.later(begin).await
}

/// Keeps the CA's URL; the first one stays.
pub(super) async fn name(tx: &mut Tx, id: &str, url: &str) -> Result<(), StoreError> {
    tx.later(sqlx::query(URL).bind(id).bind(url)).await?;
    Ok(())
}

pub(super) async fn end(tx: &mut Tx, id: &str, outcome: OrderOutcome, now: Millis) -> Result<(), StoreError> {
    let invalid = i64::from(outcome == OrderOutcome::Invalid);
    tx.later(sqlx::query(END).bind(id).bind(now.0).bind(outcome.word()).bind(invalid)).await?;
    Ok(())
}

/// Ends an order that left the facts without saying how: otherwise it would count as live for ever.
pub(super) async fn drop_open(tx: &mut Tx, gone: &Order, now: Millis) -> Result<(), StoreError> {
    let outcome = if gone.may_be_issued() { OrderOutcome::Dropped } else { OrderOutcome::Failed };
    end(tx, gone.id.as_str(), outcome, now).await
}

/// Replaces the values on show for one order by the next one's; says whether anything changed.
pub(super) async fn show(
    tx: &mut Tx,
    setup: &Setup,
    before: Option<&Order>,
    order: Option<&Order>,
    now: Millis,
) -> Result<bool, StoreError> {
    let values = |order: Option<&Order>| order.map_or_else(Vec::new, |order| order.shown.clone());
    let (old, new) = (values(before), values(order));
    let by_http = |order: Option<&Order>| order.is_some_and(|order| order.validation == SslValidation::Http);
    let mut changed = false;
    for value in old.iter().filter(|value| !new.contains(value)) {
        let hide = if by_http(before) { HIDE_ANSWER } else { HIDE };
        tx.later(sqlx::query(hide).bind(setup.id.as_str()).bind(value.as_str())).await?;
        changed = true;
    }
    let Some(order) = order else { return Ok(changed) };
    for value in new.iter().filter(|value| !old.contains(value)) {
        let hostname = setup.hostname.to_string();
        let (show, place) =
            if by_http(Some(order)) { (ANSWER, hostname.as_str()) } else { (SHOW, setup.dcv_label.as_str()) };
        let show = sqlx::query(show).bind(place).bind(value.as_str()).bind(setup.id.as_str());
        tx.later(show.bind(order.id.as_str()).bind(now.0)).await?;
        changed = true;
    }
    Ok(changed)
}
