//! The token file on the present site, by which ownership is proven over HTTP, and what was found in its place.
//!
//! What was found is a stranger's text: kept short, shown as text only.

use super::observed::RecordState;
use serde::{Deserialize, Serialize};

/// The folder that token files lie in, on every site.
pub const FILES: &str = "/.well-known/padlock-verification/";
/// As much of another page as is kept, to be shown against the wanted text.
const KEPT_CHARS: usize = 200;

/// A token file as its owner must publish it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedFile {
    /// The host that it is fetched from, over plain HTTP.
    pub host: String,
    /// Its path, from the first slash on.
    pub path: String,
    /// Its whole text; a line's end behind it does no harm.
    pub content: String,
}

impl WantedFile {
    /// Where it is fetched.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}{}", self.host, self.path)
    }

    /// The file's own name: the token.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// What came of fetching one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSeen {
    /// What was fetched.
    pub wanted: WantedFile,
    /// Redirects that were followed, as the site named them.
    pub redirects: Vec<String>,
    /// What was there.
    pub fetched: Fetched,
}

/// What was found where the file should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fetched {
    /// The wanted text.
    Right,
    /// Another page.
    Page {
        /// Its HTTP status.
        status: u16,
        /// How it begins.
        text: String,
    },
    /// The site gave no page, for this reason.
    Nothing(String),
    /// Nobody could be asked where the site is: says nothing about it.
    NotAsked(String),
}

impl Fetched {
    /// Judges an answer.
    #[must_use]
    pub fn page(status: u16, body: &str, wanted: &WantedFile) -> Self {
        // Some editors begin a text with a mark of its encoding.
        let text = body.trim_start_matches('\u{feff}').trim();
        if status == 200 && text == wanted.content {
            return Self::Right;
        }
        Self::Page { status, text: text.chars().take(KEPT_CHARS).collect() }
    }
}

impl FileSeen {
    /// What it means, in the words of the DNS Records panel.
    #[must_use]
    pub const fn state(&self) -> RecordState {
        match self.fetched {
            Fetched::Right => RecordState::Detected,
            Fetched::Page { status: 200, .. } => RecordState::Wrong,
            Fetched::Page { .. } | Fetched::Nothing(_) => RecordState::Missing,
            Fetched::NotAsked(_) => RecordState::Unknown,
        }
    }

    /// What was found, in one sentence.
    #[must_use]
    pub fn words(&self) -> String {
        let way = match self.redirects.len() {
            0 => String::new(),
            1 => " after a redirect".to_owned(),
            n => format!(" after {n} redirects"),
        };
        match &self.fetched {
            Fetched::Right => format!("The file is there{way}."),
            Fetched::Page { status: 200, .. } => format!("Another page is there{way}."),
            Fetched::Page { status, .. } => format!("The site answers with status {status}{way}."),
            Fetched::Nothing(why) => format!("The site gave no page{way}: {why}."),
            Fetched::NotAsked(why) => format!("We could not ask: {why}."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> WantedFile {
        let path = format!("{FILES}abc");
        WantedFile { host: "x.test".into(), path, content: "padlock-verification=abc".into() }
    }

    #[track_caller]
    fn check(status: u16, body: &str, state: RecordState) {
        let fetched = Fetched::page(status, body, &wanted());
        let seen = FileSeen { wanted: wanted(), redirects: Vec::new(), fetched };
        assert_eq!(seen.state(), state, "{status} {body:?}");
    }

    #[test]
    fn only_the_whole_text_with_status_200_proves_anything() {
        check(200, "padlock-verification=abc", RecordState::Detected);
        check(200, "\u{feff}padlock-verification=abc\r\n", RecordState::Detected);
        check(200, "padlock-verification=abcd", RecordState::Wrong);
        check(200, "<p>padlock-verification=abc</p>", RecordState::Wrong);
        check(200, "", RecordState::Wrong);
        check(404, "padlock-verification=abc", RecordState::Missing);
        check(301, "padlock-verification=abc", RecordState::Missing);
        assert_eq!(
            (wanted().name(), wanted().url().as_str()),
            ("abc", "http://x.test/.well-known/padlock-verification/abc")
        );
    }
}
