//! Use cases of those who help: what is not Ready over all customers, in heaps of one cause, and a look at a whole heap.

use super::broken;
use super::desk::Desk;
use super::list::count;
use crate::domain::cause::Cause;
use crate::domain::finding::Owner;
use crate::domain::reply;
use crate::domain::role::Act;
use crate::domain::status::Reading;
use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};
use crate::store::{Filter, Heap, Refresh, Scope, Sort};
use crate::wire::error::Refusal;
use crate::wire::triage::{HeapView, TriageSearch, TriageView};
use std::fmt::Write as _;

/// Domains of one heap that are looked at again for one request: what a worker does in some seconds.
const CHECKED: u32 = 200;
/// One that was asked about a moment ago is passed over, so that the next request goes on where the last one stopped.
const CHECKED_AGAIN_MS: i64 = 5 * MINUTE_MS;

impl Desk {
    /// The queue.
    ///
    /// # Errors
    /// `forbidden`; names the field that is wrong.
    pub async fn triage(&self, search: &TriageSearch) -> Result<TriageView, Refusal> {
        self.caller.must(Act::Triage)?;
        let now = self.console.clock.now();
        let scope = self.narrowed(&search.customer).await?;
        let owner = match search.owner.as_str() {
            "" => None,
            word => Some(Owner::from_word(word).ok_or_else(|| unknown("owner", word))?),
        };
        let found = self.console.store.heaps(&scope).await.map_err(|e| broken(&e))?;
        let mut heaps = Vec::new();
        for heap in found.iter().filter(|heap| owner.is_none_or(|owner| owner == heap.cause.owner)) {
            heaps.push(self.heap(&scope, heap, now).await?);
        }
        let counted = heaps.iter().map(|heap| i64::from(heap.domains.counted)).sum();
        let mut total = count(counted);
        total.more |= heaps.iter().any(|heap| heap.domains.more);
        Ok(TriageView { total, heaps, customers: self.customers().await?.items })
    }

    async fn heap(&self, scope: &Scope, heap: &Heap, now: Millis) -> Result<HeapView, Refusal> {
        let filter = Filter { cause: Some(heap.cause), sort: Sort::Since, limit: 1, ..Filter::default() };
        let oldest = self.console.store.list(scope, &filter).await.map_err(|e| broken(&e))?.items;
        let reply = oldest.first().and_then(|stored| {
            let reading = Reading::of(&stored.setup, &stored.facts, stored.asked, now);
            let finding = reading.cause().filter(|_| reading.trouble() == Some(heap.cause))?;
            Some(reply::for_any(&stored.setup, &stored.facts, &self.console.house.place, finding))
        });
        Ok(HeapView {
            cause: heap.cause.word(),
            title: heap.cause.code.meaning().trim_end_matches('.').to_owned(),
            owner: heap.cause.owner,
            domains: count(heap.domains),
            oldest: heap.oldest.into(),
            waits: lasting(now.since(heap.oldest)),
            reply,
        })
    }

    /// Has the domains of a cause looked at again, those that wait longest first; gives the page that says how many.
    ///
    /// # Errors
    /// `forbidden`; names the field that is wrong.
    pub async fn check_again(&self, cause: &str, customer: &str) -> Result<String, Refusal> {
        self.caller.must(Act::Triage)?;
        self.caller.must(Act::Refresh)?;
        let scope = self.narrowed(customer).await?;
        let cause = Cause::from_word(cause).ok_or_else(|| unknown("cause", cause))?;
        let (store, now) = (&self.console.store, self.console.clock.now());
        let before = now.plus(-CHECKED_AGAIN_MS);
        let mut asked = 0;
        for id in store.unasked(&scope, cause, before, CHECKED).await.map_err(|e| broken(&e))? {
            let outcome = store.ask_refresh(&scope, &id, now).await.map_err(|e| broken(&e))?;
            asked += u32::from(outcome == Refresh::Asked);
        }
        let mut address = format!("/triage?checked={asked}");
        if let Scope::Customer(customer) = &scope {
            _ = write!(
                address,
                "&customer={}",
                url::form_urlencoded::byte_serialize(customer.as_str().as_bytes()).collect::<String>()
            );
        }
        Ok(address)
    }

    /// All that the caller sees, or one customer's part of it.
    pub(super) async fn narrowed(&self, customer: &str) -> Result<Scope, Refusal> {
        match customer {
            "" => Ok(self.caller.scope()),
            named => Ok(Scope::Customer(self.customer_meant(Some(named)).await?)),
        }
    }
}

fn unknown(field: &str, word: &str) -> Refusal {
    Refusal::field("bad_value", field, format!("{word:?} is not a value of {field}."))
}

/// `6 days`, `1 hour`, `less than a minute`.
fn lasting(ms: i64) -> String {
    let of = |whole: i64, unit: &str| if whole == 1 { format!("1 {unit}") } else { format!("{whole} {unit}s") };
    match ms {
        DAY_MS.. => of(ms / DAY_MS, "day"),
        HOUR_MS.. => of(ms / HOUR_MS, "hour"),
        MINUTE_MS.. => of(ms / MINUTE_MS, "minute"),
        _ => "less than a minute".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_its_largest_unit() {
        for (ms, words) in [
            (-5, "less than a minute"),
            (59_999, "less than a minute"),
            (MINUTE_MS, "1 minute"),
            (2 * HOUR_MS - 1, "1 hour"),
            (9 * HOUR_MS, "9 hours"),
            (6 * DAY_MS + HOUR_MS, "6 days"),
        ] {
            assert_eq!(lasting(ms), words);
        }
    }
}
