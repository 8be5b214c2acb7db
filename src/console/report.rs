//! The use case of a Monitoring Report: live diagnostics of one domain.

use super::broken;
use super::desk::Desk;
use super::examine::examined;
use super::pace::key_of;
use crate::domain::id::DomainId;
use crate::domain::monitoring::report;
use crate::domain::reach::outside;
use crate::domain::time::{MINUTE_MS, Millis};
use crate::store::new_id;
use crate::wire::error::Refusal;
use crate::wire::report::ReportView;

/// A full pass that is no older is as good as a new one: a page that is opened again and again asks the world no more.
const LIVE_MS: i64 = MINUTE_MS;

impl Desk {
    /// What can be seen of a domain now.
    ///
    /// # Errors
    /// `not_found`, also for another customer's; `too_soon` when it is asked for all the time.
    pub async fn report(&self, id: &str) -> Result<ReportView, Refusal> {
        let stored = self.stored(id).await?;
        let (store, now) = (&self.console.store, self.console.clock.now());
        let pace = &self.console.pace.reports;
        pace.take(key_of(&[stored.setup.id.as_str()]), now).or_refuse("This report is asked for very often.")?;
        let examiner = self.console.examiner.as_ref().ok_or_else(Refusal::broken)?;
        let id = DomainId::new(stored.setup.id.as_str());
        let before = store.observation(&id).await.map_err(|e| broken(&e))?;
        // One of before the statuses changed tells of another state.
        let lives = |at: Millis| at >= stored.facts.since && (0..LIVE_MS).contains(&now.since(at));
        let recent = before.as_ref().filter(|last| lives(last.at));
        let seen = match recent {
            Some(seen) => seen.clone(),
            None => {
                let seen = examiner.examine(&stored.setup, &stored.facts, before.as_ref(), now).await;
                if seen.heard_somebody() {
                    store.keep_observation(&id, &seen).await.map_err(|e| broken(&e))?;
                }
                seen
            }
        };
        let survey = examiner.survey(&seen, now).await;
        let view = self.view(&examined(stored, &seen, now), now).await?;
        Ok(ReportView {
            domain: view.domain,
            made_at: seen.at.into(),
            headline: view.headline,
            findings: view.findings,
            outside: outside(&seen),
            question: new_id(now).replace('-', ""),
            sections: report(&seen, &survey),
        })
    }
}
