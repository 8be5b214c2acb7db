//! Live updates for open pages: server-sent events that say "look again" and carry no state.
//!
//! A page that shows one domain also keeps that domain on the fast schedule for as long as it is open.

use super::asker::{Asked, Asker};
use super::problem::Problem;
use crate::console::Console;
use crate::console::desk::Desk;
use crate::domain::time::SECOND_MS;
use crate::store::{Changed, What};
use crate::wire::domain::Tick;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::stream::{self, Stream};
use serde::Deserialize;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, Interval};

/// A page's interest lasts this long unless it is told again.
const WATCH_MS: i64 = 30 * SECOND_MS;
/// It is told again this often while the page is open.
const WATCH_AGAIN: Duration = Duration::from_secs(15);
/// Proxies close streams that stay silent.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A stream ends after this; the browser opens it anew, and signs itself in again by doing so.
const LIFE: Duration = Duration::from_secs(15 * 60);

/// Which domain the page shows; all of the caller's when left out.
#[derive(Debug, Deserialize)]
pub struct Watched {
    domain: Option<String>,
}

/// `GET /events`
pub async fn events(
    State(console): State<Console>,
    Asker(desk): Asker,
    Asked(Watched { domain }): Asked<Watched>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    // Listening starts before the page is looked up, so that no change falls between.
    let changes = console.store.changes();
    if let Some(id) = &domain {
        desk.watch(id, WATCH_MS).await?;
    }
    let begun = Instant::now();
    let again = tokio::time::interval_at(begun + WATCH_AGAIN, WATCH_AGAIN);
    let open = Open { desk, domain, changes, again, ends: begun + LIFE };
    let ticks = stream::unfold(open, |mut open| async move {
        let tick = open.next().await?;
        Some((Ok(tick), open))
    });
    Ok(Sse::new(ticks).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

struct Open {
    desk: Desk,
    domain: Option<String>,
    changes: Receiver<Changed>,
    again: Interval,
    ends: Instant,
}

impl Open {
    /// The next tick; none when the stream is over.
    async fn next(&mut self) -> Option<Event> {
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(self.ends) => return None,
                change = self.changes.recv() => match change {
                    Ok(changed) if self.concerns(&changed) => return tick(changed.domain.as_str(), changed.revision),
                    Ok(_) => {}
                    // Ticks were missed: one "look again" covers them all.
                    Err(RecvError::Lagged(_)) => return tick(self.domain.as_deref().unwrap_or_default(), 0),
                    Err(RecvError::Closed) => return None,
                },
                _ = self.again.tick(), if self.domain.is_some() => {
                    if let Some(id) = &self.domain {
                        self.desk.watch(id, WATCH_MS).await.ok()?;
                    }
                }
            }
        }
    }

    fn concerns(&self, changed: &Changed) -> bool {
        let own = self.desk.caller().customer.as_ref().is_none_or(|customer| *customer == changed.customer);
        let shown = self.domain.as_deref().is_none_or(|id| id == changed.domain.as_str());
        own && shown && changed.what != What::Asked
    }
}

fn tick(domain: &str, revision: u64) -> Option<Event> {
    let tick = Tick { domain: domain.to_owned(), revision: i64::try_from(revision).unwrap_or(i64::MAX) };
    Event::default().json_data(tick).ok()
}
