//! A finding: why a domain is not Active, in words, with the one fix and who can make it.
//!
//! Every text here may hold strangers' words (DNS values, a CA's message): it is shown as text, never as markup.

use super::catalogue::Code;
use super::observed::Reply;
use serde::{Deserialize, Deserializer, Serialize};

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
    /// Everybody.
    pub const ALL: &[Self] = &[Self::Dns, Self::Network, Self::Agency, Self::Padlock, Self::Ca, Self::Nobody];

    /// Reads a word of [`Self::word`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|owner| owner.word() == word)
    }

    /// Who that is, for somebody who helps several customers.
    #[must_use]
    pub const fn role(self) -> &'static str {
        match self {
            Self::Dns => "DNS administrator",
            Self::Network => "Network administrator",
            Self::Agency => "Agency, in the Console",
            Self::Padlock => "Us",
            Self::Ca => "Certificate authority",
            Self::Nobody => "Nobody: it passes",
        }
    }

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

/// A code's word: named, since serde would borrow a reference from what it reads.
pub type Word = &'static str;

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The catalogue's code.
    #[serde(deserialize_with = "known_code")]
    pub code: Word,
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

impl Finding {
    /// A finding of the catalogue, with its usual severity and owner.
    #[must_use]
    pub fn new(code: Code, title: String, explanation: String, fix: String) -> Self {
        let (severity, owner) = (code.severity(), code.owner());
        Self { code: code.word(), severity, owner, title, explanation, fix, evidence: Vec::new() }
    }

    /// With another severity than is usual.
    #[must_use]
    pub const fn at(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// With another owner than is usual.
    #[must_use]
    pub const fn by(mut self, owner: Owner) -> Self {
        self.owner = owner;
        self
    }

    /// With who answered what.
    #[must_use]
    pub fn seen(mut self, evidence: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(evidence.into_iter().take(EVIDENCE_LINES.saturating_sub(self.evidence.len())));
        self
    }
}

/// Lines of evidence that one finding carries at most: every server of a large zone, and some more.
const EVIDENCE_LINES: usize = 30;

/// Puts findings in the order in which they are told: what blocks first, each group in the catalogue's order.
pub fn in_order(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| (finding.severity != Severity::Blocking, Code::from_word(finding.code)));
}

/// Reads a code that was written down; one of a later version is told as a failure to read it.
fn known_code<'de, D: Deserializer<'de>>(source: D) -> Result<Word, D::Error> {
    let word = String::deserialize(source)?;
    Code::from_word(&word).map(Code::word).ok_or_else(|| serde::de::Error::custom(format!("no such code: {word}")))
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

/// Strangers' texts in one line, each made visible.
#[must_use]
pub fn listed(texts: &[String]) -> String {
    texts.iter().map(|text| printable(text)).collect::<Vec<_>>().join(", ")
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
