//! Health and metrics for operators: alive, ready, and what Prometheus reads.

use crate::domain::errors::chain;
use crate::domain::time::Millis;
use crate::store::{Outage, Store};
use crate::worker::clock::Clock;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use metrics::{describe_gauge, gauge};
use metrics_exporter_prometheus::PrometheusHandle;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

const READY: &str = "padlock_certificate_ready_status";
const FIRST_EXPIRY: &str = "padlock_certificate_expiration_timestamp_seconds_min";
const OLDEST_DUE: &str = "padlock_oldest_due_age_seconds";

/// Domain Status, SSL Status, and whether ready.
type Told = (String, String, bool);

/// What these paths look at.
#[derive(Clone)]
pub struct Health {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The counters.
    pub counters: PrometheusHandle,
    /// Groups of domains told before: one that is empty now has to be told as such.
    pub told: Arc<Mutex<BTreeSet<Told>>>,
}

/// `/livez`, `/readyz` and `/metrics`.
pub fn router(health: Health) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(health)
}

/// Says what each name means, to a recorder that is already there.
pub fn describe() {
    describe_gauge!(READY, "Domains by their two statuses, and whether everything is in place and served.");
    describe_gauge!(FIRST_EXPIRY, "When the first certificate in use expires, in seconds since 1970; 0 for none.");
    describe_gauge!(OLDEST_DUE, "How long the domain that has waited longest for the worker is overdue.");
}

async fn ready(State(health): State<Health>) -> impl IntoResponse {
    let failed = health.store.ping().await.err();
    // That it can be read is not all: the last write may have found no room, or a lock.
    let outage = failed.as_ref().map_or_else(|| health.store.outage(), |error| error.outage().or(Some(Outage::Away)));
    match outage {
        None => (StatusCode::OK, "ready\n".to_owned()),
        Some(outage) => (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", outage.words())),
    }
}

async fn metrics(State(health): State<Health>) -> impl IntoResponse {
    match health.store.census().await {
        Ok(census) => {
            tell(&census, &mut health.told.lock().unwrap_or_else(PoisonError::into_inner), health.clock.now())
        }
        Err(error) => tracing::warn!(error = %chain(&error), "domains could not be counted"),
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], health.counters.render())
}

/// Names after cert-manager's; a hostname is never a label, since there may be a million of them.
fn tell(census: &crate::store::Census, told: &mut BTreeSet<Told>, now: Millis) {
    let count = |(domain_status, ssl_status, ready): Told, domains: f64| {
        let condition = if ready { "True" } else { "False" };
        let labels =
            [("domain_status", domain_status), ("ssl_status", ssl_status), ("condition", condition.to_owned())];
        gauge!(READY, &labels).set(domains);
    };
    let mut emptied = std::mem::take(told);
    for group in &census.groups {
        let key = (group.domain_status.clone(), group.ssl_status.clone(), group.ready);
        emptied.remove(&key);
        told.insert(key.clone());
        count(key, group.domains as f64);
    }
    for key in emptied {
        told.insert(key.clone());
        count(key, 0.0);
    }
    let seconds = |at: Option<Millis>| at.map_or(0.0, |at| at.0 as f64 / 1_000.0);
    gauge!(FIRST_EXPIRY).set(seconds(census.first_expiry));
    let overdue = census.oldest_due.map_or(0, |due| now.since(due).max(0));
    gauge!(OLDEST_DUE).set(overdue as f64 / 1_000.0);
}
