//! Use case of adding a web domain, before it is added: what is said of its name while somebody types it.

use super::broken;
use super::desk::Desk;
use crate::domain::candidate::Candidate;
use crate::domain::hostname::{Hostname, is_below};
use crate::domain::role::Act;
use crate::store::Scope;
use crate::wire::error::Refusal;
use crate::worker::suffixes::suffixes;

impl Desk {
    /// What would come of a name at a customer; the caller's own, or the only one, when none is named.
    ///
    /// Only this customer's domains are looked at: one that another has must read like one that nobody has.
    ///
    /// # Errors
    /// Names the customer when it is not one of the caller's.
    pub async fn check_name(&self, typed: &str, customer: &str) -> Result<Candidate, Refusal> {
        self.caller.must(Act::Manage)?;
        let hostname = match self.sound_hostname(typed) {
            Ok(hostname) => hostname,
            Err(refusal) => return Ok(Candidate::Refused(refusal.detail)),
        };
        let scope = Scope::Customer(self.customer_meant(Some(customer)).await?);
        let there = self.console.store.domain_by_hostname(&scope, &hostname).await.map_err(|e| broken(&e))?;
        Ok(match there.first() {
            Some(stored) => Candidate::There { page: format!("/domains/{}", stored.setup.id) },
            None => Candidate::of(&hostname, suffixes(&self.console.house.private_suffixes)),
        })
    }

    /// The name that was typed, if it can be a web domain here.
    pub(super) fn sound_hostname(&self, typed: &str) -> Result<Hostname, Refusal> {
        let house = &self.console.house;
        let hostname = Hostname::parse(typed, suffixes(&house.private_suffixes))
            .map_err(|problem| Refusal::field(problem.code(), "domain", problem.to_string()))?;
        let owned = |zone: &str| hostname.base() == zone || is_below(hostname.base(), zone);
        if owned(&house.place.dcv_zone) || owned(&house.place.edge_hostname) {
            let words = format!("{hostname} is a name of ours and can't be added.");
            return Err(Refusal::field("name_claimed", "domain", words));
        }
        Ok(hostname)
    }
}
