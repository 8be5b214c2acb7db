//! The door through which a table of web domains is added.

use super::asker::{Asker, Sent};
use super::problem::Problem;
use crate::console::import::ImportTable;
use crate::wire::import::ImportView;
use axum::Json;

/// A table of a thousand rows, as JSON.
pub(super) const BODY_BYTES: usize = 256 * 1024;

/// `POST /domains/import`
pub async fn import(Asker(desk): Asker, Sent(typed): Sent<ImportTable>) -> Result<Json<ImportView>, Problem> {
    Ok(Json(desk.import(&typed).await?))
}
