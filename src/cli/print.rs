//! How the command line speaks: plain lines or JSON on standard output, complaints on standard error.

use serde::Serialize;
use std::io::Write as _;

/// Standard output, as people or as programs want it.
#[derive(Clone, Copy, Debug)]
pub struct Out {
    /// JSON.
    pub json: bool,
}

impl Out {
    /// Prints what was asked for: as JSON, else as lines.
    pub fn answer<T: Serialize>(&self, value: &T, lines: impl FnOnce(&T) -> String) {
        let text = if self.json { serde_json::to_string_pretty(value).unwrap_or_default() } else { lines(value) };
        self.text(&text);
    }

    /// Says what was done, to programs as an answer.
    pub fn done<T: Serialize>(&self, value: &T, words: &str) {
        if self.json { self.answer(value, |_| String::new()) } else { self.say(words) }
    }

    /// Prints what has one form only.
    pub fn text(&self, text: &str) {
        // A reader that closed the pipe has read enough.
        let _closed = writeln!(std::io::stdout(), "{}", text.trim_end());
    }

    /// Says something beside the answer.
    pub fn say(&self, words: &str) {
        complain(words);
    }
}

/// Writes a line to standard error.
pub fn complain(words: &str) {
    let _closed = writeln!(std::io::stderr(), "{words}");
}
