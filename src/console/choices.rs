//! What the filters of the domain list offer, each choice with how many domains it has.

use super::broken;
use super::desk::Desk;
use super::list::count;
use crate::domain::cause::Cause;
use crate::store::Scope;
use crate::wire::error::Refusal;
use crate::wire::list::{CauseChoice, Choices, Count};

impl Desk {
    /// The choices for the domains of a scope; a cause that is chosen is among them, also when nothing waits for it any more.
    pub(super) async fn choices(&self, scope: &Scope, chosen: Option<Cause>) -> Result<Choices, Refusal> {
        let store = &self.console.store;
        let statuses = store.status_tally(scope).await.map_err(|e| broken(&e))?;
        let heaps = store.heaps(scope).await.map_err(|e| broken(&e))?;
        let mut causes: Vec<CauseChoice> = heaps.iter().map(|heap| choice(heap.cause, count(heap.domains))).collect();
        if let Some(cause) = chosen
            && heaps.iter().all(|heap| heap.cause != cause)
        {
            causes.push(choice(cause, count(0)));
        }
        // By their words and not by how long they wait: what somebody is about to choose does not change its place.
        causes.sort_by(|a, b| a.words.cmp(&b.words));
        let sees_all = self.caller.customer.is_none() && self.caller.role.sees_all_customers();
        let counts = |counted: Vec<i64>| counted.into_iter().map(count).collect::<Vec<Count>>();
        Ok(Choices {
            domain_statuses: counts(statuses.domain),
            ssl_statuses: counts(statuses.ssl),
            causes,
            customers: if sees_all { self.customers().await?.items } else { Vec::new() },
        })
    }
}

fn choice(cause: Cause, domains: Count) -> CauseChoice {
    let what = cause.code.meaning().trim_end_matches('.');
    CauseChoice { cause: cause.word(), words: format!("{what}: {}", cause.owner.role()), domains }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Code;
    use crate::domain::finding::Owner;

    #[test]
    fn a_cause_says_what_it_is_and_who_can_act() {
        let choice = choice(Cause { code: Code::RecMissing, owner: Owner::Dns }, count(3));
        assert_eq!(choice.cause, "rec_missing.dns");
        assert_eq!(choice.words, "A required record is not there: DNS administrator");
        assert_eq!(choice.domains.to_string(), "3");
    }
}
