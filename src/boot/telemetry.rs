//! Logs and metrics of the process.

use super::few::Few;
use super::health;
use super::settings::Settings;
use crate::worker::measure;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::io::IsTerminal as _;
use tracing_subscriber::filter::FilterExt as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// Bounds of the histograms of seconds: from a loopback call to a patient CA.
const SECONDS: [f64; 9] = [0.005, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0];

/// Sends log lines to standard error, as text or as JSON.
pub fn log(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let colour = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colour);
    let lines = if settings.log_json { lines.json().boxed() } else { lines.compact().boxed() };
    let lines = lines.with_filter(Few::default().and(filter));
    // A second subscriber in one process, as in tests, is nobody's trouble.
    let _already_set = tracing_subscriber::registry().with(lines).try_init();
}

/// Begins to count, and says what the names mean.
///
/// # Errors
/// When this process counts already.
pub fn count() -> Result<PrometheusHandle, BuildError> {
    let counters = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)?
        .install_recorder()?;
    measure::describe();
    health::describe();
    Ok(counters)
}
