//! Mails Monitoring Reports: daily ones each morning, weekly ones on Mondays, each taken in the database before it is sent.
//!
//! A report that could not be sent is not tried again: the next one comes soon enough, and a mail server that answers late
//! must not be flooded.

use super::clock::Clock;
use super::run::chain;
use crate::domain::diagnose::diagnose;
use crate::domain::event::Event;
use crate::domain::headline::headline;
use crate::domain::monitoring::{letter, report};
use crate::domain::report::Every;
use crate::domain::status::Reading;
use crate::mail::{Letter, Mailer};
use crate::observe::Examiner;
use crate::store::{DueReport, Scope, Store, StoreError};
use futures::StreamExt as _;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Looked for this often: who has just asked for reports gets the first one soon.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Taken at one look.
const AT_ONCE: u32 = 50;
/// Made side by side: each waits for the world most of its time.
const SIDE_BY_SIDE: usize = 4;

/// What it takes to mail reports.
pub struct Reports {
    /// Where it is written down what was sent.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// Makes the passes.
    pub examiner: Examiner,
    /// Sends the mails.
    pub mailer: Mailer,
    /// Where links in mails lead, without a slash at its end.
    pub public_url: String,
}

impl Reports {
    /// Mails what is due until `shutdown`.
    pub async fn run(self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            for every in [Every::Daily, Every::Weekly] {
                if let Err(error) = self.send_due(every).await {
                    tracing::warn!(error = %chain(&error), "Monitoring Reports could not be looked for");
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    async fn send_due(&self, every: Every) -> Result<(), StoreError> {
        let Some(period) = every.period(self.clock.now()) else { return Ok(()) };
        let due = self.store.due_reports(every, period, AT_ONCE).await?;
        let sent = futures::stream::iter(due).map(|due| async move {
            if let Err(error) = self.send(&due, every, period).await {
                tracing::warn!(domain.id = %due.domain, error = %chain(&error), "a Monitoring Report could not be made");
            }
        });
        sent.buffer_unordered(SIDE_BY_SIDE).collect::<()>().await;
        Ok(())
    }

    async fn send(&self, due: &DueReport, every: Every, period: i64) -> Result<(), StoreError> {
        if !self.store.take_report(&due.domain, every, period).await? {
            return Ok(());
        }
        let Some(text) = self.made(due).await? else { return Ok(()) };
        for to in &due.addresses {
            let (subject, text) = text.clone();
            let letter = Letter { to: to.clone(), subject, text, ..Letter::default() };
            if let Err(error) = self.mailer.send(letter).await {
                tracing::warn!(domain.id = %due.domain, error = %chain(&error), "a Monitoring Report could not be mailed");
            }
        }
        Ok(())
    }

    /// Subject and text; none for a domain that is gone meanwhile.
    async fn made(&self, due: &DueReport) -> Result<Option<(String, String)>, StoreError> {
        let Some(stored) = self.store.domain(&Scope::All, &due.domain).await? else { return Ok(None) };
        let before = self.store.observation(&due.domain).await?;
        let now = self.clock.now();
        let seen = self.examiner.examine(&stored.setup, &stored.facts, before.as_ref(), now).await;
        let survey = self.examiner.survey(&seen, now).await;
        let facts = stored.facts.apply(now, &Event::Examined { began: seen.at, findings: diagnose(&seen) });
        let reading = Reading::of(&stored.setup, &facts, stored.asked, now);
        let link = format!("{}/domains/{}", self.public_url, due.domain);
        let name = stored.setup.hostname.to_string();
        let headline = headline(&reading, None, None);
        let text = letter(&name, &headline, &reading.findings, &report(&seen, &survey), seen.at, &link);
        Ok(Some((format!("Monitoring Report for {name}: {headline}"), text)))
    }
}
