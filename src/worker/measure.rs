//! What the worker counts for operators, under cert-manager's names where it has them.
//!
//! Never a hostname as a label: there may be a million of them. Calls are counted as the planner makes them, not the HTTP
//! requests below: one call may take several, and a nonce that is refused and asked again is nobody's trouble.

use crate::acme::CaError;
use crate::domain::step::Step;
use metrics::{counter, describe_counter, describe_histogram, histogram};
use std::time::Duration;
use tokio::time::Instant;

const CA_CALLS: &str = "padlock_acme_client_request_count";
const CA_SECONDS: &str = "padlock_acme_client_request_duration_seconds";
const STEPS: &str = "padlock_controller_sync_call_count";
const STEP_SECONDS: &str = "padlock_controller_sync_duration_seconds";
const STEP_ERRORS: &str = "padlock_controller_sync_error_count";
const LOOK_SECONDS: &str = "padlock_dns_look_duration_seconds";
const RECORD_SECONDS: &str = "padlock_store_record_duration_seconds";
const MIRROR_SECONDS: &str = "padlock_mirror_sync_duration_seconds";
const ISSUED: &str = "padlock_certificate_issued_count";

/// Says what each name means, to a recorder that is already there.
pub fn describe() {
    describe_counter!(
        CA_CALLS,
        "Calls to the certificate authority since this process started, by action and by status: ok, or the problem's code."
    );
    describe_histogram!(CA_SECONDS, "How long calls to the certificate authority took, waiting for it included.");
    describe_counter!(STEPS, "Steps taken for domains since this process started, by kind.");
    describe_histogram!(
        STEP_SECONDS,
        "How long the steps themselves took, by kind; what came of them is recorded after."
    );
    describe_counter!(STEP_ERRORS, "Walks of a domain that ended early because something on our side failed.");
    describe_histogram!(LOOK_SECONDS, "How long looks at a domain's DNS took, all of its records together.");
    describe_histogram!(RECORD_SECONDS, "How long the transactions took that record what happened to a domain.");
    describe_histogram!(MIRROR_SECONDS, "How long it took to show a challenge, or to install a certificate.");
    describe_counter!(ISSUED, "Certificates issued and recorded since this process started.");
    // A rate needs a start: what has not happened yet is shown as zero.
    counter!(STEP_ERRORS).increment(0);
    counter!(ISSUED).increment(0);
}

/// Counts and times a call to the CA.
pub(super) async fn ca<T>(action: &'static str, call: impl Future<Output = Result<T, CaError>>) -> Result<T, CaError> {
    let begun = Instant::now();
    let answer = call.await;
    let status = answer.as_ref().map_or_else(|error| error.problem.kind.code(), |_| "ok");
    counter!(CA_CALLS, "action" => action, "status" => status).increment(1);
    histogram!(CA_SECONDS, "action" => action).record(begun.elapsed());
    answer
}

/// Times a look at DNS.
pub(super) async fn look<T>(look: impl Future<Output = T>) -> T {
    timed(look, |took| histogram!(LOOK_SECONDS).record(took)).await
}

/// Times a transaction that records what happened.
pub(super) async fn record<T>(record: impl Future<Output = T>) -> T {
    timed(record, |took| histogram!(RECORD_SECONDS).record(took)).await
}

/// Times a change of what this node shows (`challenge`) or serves (`site`).
pub(super) async fn mirror<T>(what: &'static str, sync: impl Future<Output = T>) -> T {
    timed(sync, |took| histogram!(MIRROR_SECONDS, "what" => what).record(took)).await
}

/// Counts a step and times it.
pub(super) async fn step<T>(step: &Step, taken: impl Future<Output = T>) -> T {
    let kind = match step {
        Step::Look { .. } => "look",
        Step::PlanOrder => "plan_order",
        Step::OpenOrder => "open_order",
        Step::ShowProof => "show_proof",
        Step::AdvanceOrder => "advance_order",
        Step::Handshake => "handshake",
        Step::AskRenewal => "ask_renewal",
        Step::EndUpload => "end_upload",
        Step::Revoke => "revoke",
        Step::CheckValidity => "check_validity",
        Step::Rest { .. } => "rest",
    };
    counter!(STEPS, "step" => kind).increment(1);
    timed(taken, |took| histogram!(STEP_SECONDS, "step" => kind).record(took)).await
}

async fn timed<T>(work: impl Future<Output = T>, note: impl FnOnce(Duration)) -> T {
    let begun = Instant::now();
    let done = work.await;
    note(begun.elapsed());
    done
}

/// Counts a walk that ended early.
pub(super) fn walk_failed() {
    counter!(STEP_ERRORS).increment(1);
}

/// Counts a certificate that was issued and recorded.
pub(super) fn issued() {
    counter!(ISSUED).increment(1);
}
