//! What a worker's node sends by itself: notices as they come due, and Monitoring Reports.

use super::serve::{Trouble, examiner, webhooks};
use super::settings::Settings;
use crate::mail::notice::House;
use crate::store::Store;
use crate::worker::clock::Clock;
use crate::worker::post::Post;
use crate::worker::reports::Reports;
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Starts sending until `shutdown`; reports only where there is a way to send mail.
pub(super) fn start(
    settings: &Settings,
    store: &Store,
    clock: &Clock,
    parts: &mut JoinSet<Result<(), Trouble>>,
    shutdown: &CancellationToken,
) -> Result<(), Trouble> {
    if !settings.roles.worker {
        return Ok(());
    }
    let public_url = settings.public_url.trim_end_matches('/').to_owned();
    if let Some(mailer) = settings.mailer.clone() {
        let (store, clock, examiner) = (store.clone(), clock.clone(), examiner(settings, store)?);
        let reports = Reports { store, clock, examiner, mailer, public_url: public_url.clone() };
        let stop = shutdown.clone();
        parts.spawn(async move {
            reports.run(stop).await;
            Ok(())
        });
    }
    let house = House { brand: settings.brand.clone(), public_url, edge: settings.place.edge_hostname.clone() };
    let (store, clock, mailer) = (store.clone(), clock.clone(), settings.mailer.clone());
    let webhooks = webhooks(settings)?;
    let (post, stop) = (Post { store, clock, mailer, webhooks, house: Arc::new(house) }, shutdown.clone());
    parts.spawn(async move {
        post.run(stop).await;
        Ok(())
    });
    Ok(())
}
