//! Mails Monitoring Reports: daily ones each morning, weekly ones on Mondays, each taken in the database before it is sent.
//!
//! What the mail server did not take is tried again a few times, with a report of that moment; then the next one comes soon
//! enough.

use super::clock::Clock;
use crate::domain::diagnose::diagnose;
use crate::domain::errors::chain;
use crate::domain::event::Event;
use crate::domain::headline::headline;
use crate::domain::monitoring::{letter, report};
use crate::domain::report::Every;
use crate::domain::status::Reading;
use crate::domain::time::{HOUR_MS, MINUTE_MS, Millis};
use crate::mail::{Letter, Mailer};
use crate::observe::Examiner;
use crate::store::{DueReport, ReportTried, Scope, Store, StoreError};
use futures::StreamExt as _;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Looked for this often: who has just asked for reports gets the first one soon.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Taken at one look.
const AT_ONCE: u32 = 50;
/// Made side by side: each waits for the world most of its time.
const SIDE_BY_SIDE: usize = 4;
/// What a killed node had taken is taken over after this: longer than one takes with a mail server that is away.
const LEASE_MS: i64 = 10 * MINUTE_MS;
/// Pauses after each try that failed; then nobody tries any more.
const RETRIES_MS: [i64; 4] = [5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 5 * HOUR_MS];
/// The first try and those after the pauses: the store gives out no more, whatever happens to those who try.
const TRIES: i64 = RETRIES_MS.len() as i64 + 1;

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
            if let Err(error) = self.pass().await {
                tracing::warn!(error = %chain(&error), "Monitoring Reports could not be looked for");
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Mails what is due now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn pass(&self) -> Result<(), StoreError> {
        self.send_due(Every::Daily).await?;
        self.send_due(Every::Weekly).await
    }

    async fn send_due(&self, every: Every) -> Result<(), StoreError> {
        let Some(period) = every.period(self.clock.now()) else { return Ok(()) };
        let due = self.store.due_reports(every, period, TRIES, AT_ONCE, self.clock.now()).await?;
        let sent = futures::stream::iter(due).map(|due| async move {
            if let Err(error) = self.send(&due, every, period).await {
                tracing::warn!(domain.id = %due.domain, error = %chain(&error), "a Monitoring Report could not be made");
            }
        });
        sent.buffer_unordered(SIDE_BY_SIDE).collect::<()>().await;
        Ok(())
    }

    async fn send(&self, due: &DueReport, every: Every, period: i64) -> Result<(), StoreError> {
        if !self.store.take_report(due, every, period, self.clock.now().plus(LEASE_MS)).await? {
            return Ok(());
        }
        let (mut reached, mut owed) = (0, Vec::new());
        if let Some((subject, text)) = self.made(due).await? {
            for address in &due.addresses {
                let message_id = Some(format!("{}:{}:{period}", due.domain, every.word()));
                let (to, subject, text) = (address.clone(), subject.clone(), text.clone());
                let sent = self.mailer.send(Letter { to, subject, text, message_id, ..Letter::default() }).await;
                let Err(problem) = sent else {
                    reached += 1;
                    continue;
                };
                tracing::warn!(domain.id = %due.domain, error = %chain(&problem), "a Monitoring Report could not be mailed");
                if !problem.is_permanent() {
                    owed.push(address.as_str());
                }
            }
        }
        let now = self.clock.now();
        let again_at = next_try(due.tries, now).filter(|_| !owed.is_empty());
        self.store.note_report(due, every, period, ReportTried { reached, owed: &owed, again_at }, now).await
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

/// When a report is tried again that was tried so often before this time.
fn next_try(tries: i64, now: Millis) -> Option<Millis> {
    let pause = usize::try_from(tries).ok().and_then(|tries| RETRIES_MS.get(tries));
    pause.map(|pause| now.plus(*pause))
}
