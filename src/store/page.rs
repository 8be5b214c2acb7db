//! Pages of a list, and the opaque cursor from one to the next.
//!
//! A cursor holds the sort key of the last item shown, not a count: rows that come or go meanwhile neither repeat nor
//! hide any other.

use super::error::StoreError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Items on a page at most, whatever was asked.
pub(super) const PAGE_ITEMS: u32 = 200;
/// A longer cursor is none of ours: the longest holds a host name and an id.
const CURSOR_CHARS: usize = 1_000;

/// Part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// In order.
    pub items: Vec<T>,
    /// Where the next page starts; none on the last.
    pub next_cursor: Option<String>,
}

/// Rows to ask for: one more than shown, to know whether there is a next page.
pub(super) fn rows(limit: u32) -> i64 {
    i64::from(limit.clamp(1, PAGE_ITEMS)) + 1
}

/// Cuts fetched rows down to a page, and gives the cursor of the next when there are more.
pub(super) fn cut<R, K: Serialize>(
    rows: &mut Vec<R>,
    limit: u32,
    key: impl FnOnce(&R) -> Result<K, StoreError>,
) -> Result<Option<String>, StoreError> {
    if !cut_rows(rows, limit) {
        return Ok(None);
    }
    rows.last().map(|last| encode(&key(last)?)).transpose()
}

/// Cuts fetched rows down to a page, and says whether there are more.
pub(super) fn cut_rows<R>(rows: &mut Vec<R>, limit: u32) -> bool {
    let shown = limit.clamp(1, PAGE_ITEMS) as usize;
    let more = rows.len() > shown;
    rows.truncate(shown);
    more
}

pub(super) fn encode(key: &impl Serialize) -> Result<String, StoreError> {
    let text = serde_json::to_vec(key).map_err(|_| StoreError::BadCursor)?;
    Ok(URL_SAFE_NO_PAD.encode(text))
}

pub(super) fn decode<K: DeserializeOwned>(cursor: &str) -> Result<K, StoreError> {
    if cursor.len() > CURSOR_CHARS {
        return Err(StoreError::BadCursor);
    }
    let text = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| StoreError::BadCursor)?;
    serde_json::from_slice(&text).map_err(|_| StoreError::BadCursor)
}
