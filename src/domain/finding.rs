//! A finding: why a domain is not Active, in words, with the one fix and who can make it.
//!
//! Every text here may hold strangers' words (DNS values, a CA's message): it is shown as text, never as markup.

use super::observed::Reply;
use serde::{Deserialize, Serialize};

/// Who can act on a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Whoever manages the domain's DNS.
    Dns,
    /// Whoever runs the network or firewall.
    Network,
    /// The agency, in the Console.
    Agency,
    /// The provider: us.
    Padlock,
    /// The certificate authority.
    Ca,
    /// Nobody: time passes.
    Nobody,
}

impl Owner {
    /// The word in the REST API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Network => "network",
            Self::Agency => "agency",
            Self::Padlock => "padlock",
            Self::Ca => "ca",
            Self::Nobody => "nobody",
        }
    }

    /// The words that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Dns => "your DNS administrator",
            Self::Network => "your network administrator",
            Self::Agency => "you, in this Console",
            Self::Padlock => "us",
            Self::Ca => "the certificate authority",
            Self::Nobody => "nobody",
        }
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The domain can't become or stay Active.
    Blocking,
    /// It can, but something will go wrong.
    Warning,
    /// Worth knowing.
    Info,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The catalogue's code.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Who can act.
    pub owner: Owner,
    /// One line.
    pub title: String,
    /// What is the matter, with the real names and values.
    pub explanation: String,
    /// The one fix; empty when there is nothing to do.
    pub fix: String,
    /// Who answered what.
    pub evidence: Vec<String>,
}

/// What a server said, in words.
#[must_use]
pub fn reply_words(reply: &Reply) -> String {
    match reply {
        Reply::Records(records) => {
            let listed: Vec<String> =
                records.iter().map(|found| format!("{} {}", found.rtype.mnemonic(), printable(&found.value))).collect();
            format!("answered {}", listed.join(", "))
        }
        Reply::NoData => "has the name, without such a record".into(),
        Reply::NxDomain => "answered that the name does not exist".into(),
        Reply::Failed(code) => format!("failed: {code}"),
        Reply::Silent => "did not answer".into(),
    }
}

/// Strangers' text made visible: control and bidirectional characters are shown as escapes, and it ends somewhere.
#[must_use]
pub fn printable(text: &str) -> String {
    const SHOWN_CHARS: usize = 300;
    let escaped = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut shown = String::new();
    for c in text.chars().take(SHOWN_CHARS) {
        if escaped(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    if text.chars().nth(SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    shown
}
