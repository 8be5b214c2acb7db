//! Health and metrics for operators: alive, ready, and what Prometheus reads.

use crate::domain::time::Millis;
use crate::store::Store;
use crate::worker::clock::Clock;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

/// What these paths look at.
#[derive(Clone)]
pub struct Health {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The counters.
    pub counters: PrometheusHandle,
}

/// `/livez`, `/readyz` and `/metrics`.
pub fn router(health: Health) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(health)
}

async fn ready(State(health): State<Health>) -> impl IntoResponse {
    match health.store.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(error = %crate::worker::run::chain(&error), "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

async fn metrics(State(health): State<Health>) -> impl IntoResponse {
    match health.store.census().await {
        Ok(census) => tell(&census, health.clock.now()),
        Err(error) => tracing::warn!(error = %crate::worker::run::chain(&error), "domains could not be counted"),
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], health.counters.render())
}

/// Names after cert-manager's; a hostname is never a label, since there may be a million of them.
fn tell(census: &crate::store::Census, now: Millis) {
    for group in &census.groups {
        let labels = [
            ("domain_status", group.domain_status.clone()),
            ("ssl_status", group.ssl_status.clone()),
            ("condition", if group.ready { "True" } else { "False" }.to_owned()),
        ];
        metrics::gauge!("padlock_certificate_ready_status", &labels).set(group.domains as f64);
    }
    let seconds = |at: Option<Millis>| at.map_or(0.0, |at| at.0 as f64 / 1_000.0);
    metrics::gauge!("padlock_certificate_expiration_timestamp_seconds_min").set(seconds(census.first_expiry));
    let overdue = census.oldest_due.map_or(0, |due| now.since(due).max(0));
    metrics::gauge!("padlock_oldest_due_age_seconds").set(overdue as f64 / 1_000.0);
}
