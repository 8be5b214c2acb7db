//! `padlock backup`: a copy of the database while the node runs.

use super::print::Out;
use super::{Ended, Failed, Stop};
use crate::boot::settings::Settings;
use crate::store::backup;
use serde_json::json;
use std::path::Path;

/// `padlock backup FILE`
///
/// # Errors
/// What kept the copy from being made.
pub async fn run(settings: &Settings, file: &Path, out: &Out) -> Result<Ended, Stop> {
    backup(&settings.database_url, file).await.map_err(Failed::from)?;
    let master = settings.master_key_file.display();
    out.say(&format!(
        "The copy does not hold the master key ({master}). Keep a copy of that too, apart from this one: \
         without it, the private keys inside can't be read."
    ));
    out.answer(&json!({ "file": file, "master_key_file": settings.master_key_file }), |_| file.display().to_string());
    Ok(Ended::Fine)
}
