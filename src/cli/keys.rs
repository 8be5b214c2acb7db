//! `padlock keys rotate`: another master key in place of the old one, while nodes run.

use super::print::{Out, complain};
use super::{Ended, Failed, Stop};
use crate::store::{Rotated, Store};
use serde_json::json;

/// `padlock keys rotate`
///
/// # Errors
/// When the database fails; the next run goes on where this one stopped.
pub async fn rotate(store: &Store, out: &Out) -> Result<Ended, Stop> {
    let Rotated { wrapped, unreadable, complete } = store.rotate().await.map_err(Failed::from)?;
    out.answer(&json!({ "wrapped": wrapped, "unreadable": unreadable, "complete": complete }), |_| wrapped.to_string());
    if unreadable > 0 {
        complain(&format!(
            "{unreadable} values were sealed with a master key that is neither PADLOCK_MASTER_KEY_FILE nor one of \
             PADLOCK_MASTER_KEY_OTHER_FILES, or were damaged; they were left as they are."
        ));
        return Ok(Ended::Failed);
    }
    if !complete {
        complain(
            "A node still seals with another master key: name the new one as its PADLOCK_MASTER_KEY_FILE, and run this again.",
        );
        return Ok(Ended::Failed);
    }
    out.say("Everything is wrapped with the new master key: the other files are no longer needed.");
    Ok(Ended::Fine)
}
