//! Errors in words, for logs and for whoever types a command.

use std::error::Error;

/// An error with everything below it, in one line.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(inner) = below {
        text.push_str(&format!(": {inner}"));
        below = inner.source();
    }
    text
}
