//! What Prometheus reads after a domain's first certificate: every name, said what it means, and no hostname.

use crate::kit::stage::Stage;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use padlock::boot::health::{self, Health};
use padlock::boot::telemetry;
use padlock::domain::record::Purpose;
use std::sync::Arc;
use tower::ServiceExt as _;

#[tokio::test]
async fn what_happened_can_be_read_as_metrics() {
    let counters = telemetry::count().unwrap();
    let stage = Stage::new().await;
    let added = stage.add("metrics.court.test").await;
    let health = Health { store: stage.store.clone(), clock: stage.clock.clone(), counters, told: Arc::default() };
    let waiting = r#"padlock_certificate_ready_status{domain_status="verification_pending",ssl_status="not_started",condition="False"}"#;
    assert!(read(&health).await.contains(&format!("{waiting} 1\n")));
    stage.publish(&added, &Purpose::ALL);
    stage.pass().await;
    assert!(stage.view(&added.id).await.ready);

    let text = read(&health).await;
    for line in [
        r#"padlock_acme_client_request_count{action="open",status="ok"} "#,
        r#"padlock_acme_client_request_count{action="proof",status="ok"} "#,
        r#"padlock_acme_client_request_count{action="advance",status="ok"} "#,
        r#"padlock_acme_client_request_duration_seconds_count{action="open"} "#,
        r#"padlock_controller_sync_call_count{step="look"} "#,
        r#"padlock_controller_sync_call_count{step="handshake"} "#,
        "padlock_controller_sync_error_count ",
        "padlock_dns_look_duration_seconds_bucket{le=",
        "padlock_certificate_issued_count ",
        r#"padlock_certificate_ready_status{domain_status="active",ssl_status="active",condition="True"} 1"#,
        "padlock_certificate_expiration_timestamp_seconds_min ",
        "padlock_oldest_due_age_seconds ",
    ] {
        assert!(text.contains(&format!("\n{line}")), "no {line} in\n{text}");
    }
    assert!(text.contains(&format!("{waiting} 0\n")), "a group that is empty now is told as such");
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().unwrap();
        assert!(text.contains(&format!("# HELP {name} ")), "{name} is not explained");
    }
    assert!(!text.contains("court.test"), "a hostname is no label");
}

async fn read(health: &Health) -> String {
    let asked = Request::get("/metrics").body(Body::empty()).unwrap();
    let answer = health::router(health.clone()).oneshot(asked).await.unwrap();
    String::from_utf8(to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}
