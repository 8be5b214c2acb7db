//! Links without sign-in, and what they show.

use super::domain::{FileView, ProviderView, RecordView};
use super::when::When;
use serde::{Deserialize, Serialize};

/// A link that works, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkView {
    /// Its id.
    pub id: String,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: When,
    /// Until when it works.
    pub expires_at: When,
}

/// A link that was just made. Its address is shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLinkView {
    /// Its id.
    pub id: String,
    /// The address to hand on.
    pub url: String,
    /// Until when it works.
    pub expires_at: When,
}

impl NewLinkView {
    /// The address without the Console's own name.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.rfind("/records/").map_or("/domains", |at| &self.url[at..])
    }
}

/// What a link shows to whoever holds it: one domain's records and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedView {
    /// The name in DNS.
    pub domain: String,
    /// Who asks for the records.
    pub customer: String,
    /// The records.
    pub dns_records: Vec<RecordView>,
    /// The token file, where ownership is proven by one.
    pub token_file: Option<FileView>,
    /// Who hosts the zone, if its name servers tell.
    pub dns_provider: Option<ProviderView>,
    /// When DNS was last looked at.
    pub checked_at: Option<When>,
    /// When the next look is due.
    pub next_check_at: When,
    /// Until when the link works.
    pub expires_at: When,
    /// The link's own address.
    pub url: String,
}

/// A letter with a domain's records, as it would be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterView {
    /// The web domain's name.
    pub domain: String,
    /// Each of these gets one.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// Names of the files that come with it.
    pub attachments: Vec<String>,
}
