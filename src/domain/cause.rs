//! A cause: what a domain waits for and who can act on it. Triage groups by it, so that one answer serves many domains.

use super::catalogue::Code;
use super::finding::Owner;

/// A finding's code, and who can act on it this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cause {
    /// What it is.
    pub code: Code,
    /// Who can act.
    pub owner: Owner,
}

impl Cause {
    /// The word in addresses, in the REST API and in the database: `rec_missing.dns`.
    #[must_use]
    pub fn word(self) -> String {
        format!("{}.{}", self.code.word(), self.owner.word())
    }

    /// Reads a word of [`Self::word`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let (code, owner) = word.split_once('.')?;
        Some(Self { code: Code::from_word(code)?, owner: Owner::from_word(owner)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_names_one_cause() {
        for owner in Owner::ALL {
            for code in Code::ALL {
                let cause = Cause { code: *code, owner: *owner };
                assert_eq!(Cause::from_word(&cause.word()), Some(cause));
            }
        }
        for bad in ["", "rec_missing", "rec_missing.", ".dns", "rec_missing.dns.x", "REC_MISSING.dns"] {
            assert_eq!(Cause::from_word(bad), None, "{bad}");
        }
    }
}
