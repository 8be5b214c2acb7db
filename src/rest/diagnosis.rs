//! The door to a diagnosis: why a domain is not ready, what was wanted, and what was seen.

use super::asker::{Asked, Asker, Id};
use super::problem::Problem;
use crate::wire::diagnosis::DiagnosisView;
use axum::Json;
use serde::Deserialize;

/// How it is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct How {
    /// Looks now, as often as Refresh may be asked.
    fresh: bool,
}

/// `GET /domains/{id}/diagnosis?fresh=`, from the last look or made now.
pub async fn show(Asker(desk): Asker, Id(id): Id, Asked(how): Asked<How>) -> Result<Json<DiagnosisView>, Problem> {
    Ok(Json(desk.diagnosis(&id, how.fresh).await?))
}
