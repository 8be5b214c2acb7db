//! The master keys of one process: one that seals, and others that only open while it replaces them.

use super::seal::{MasterKey, SealProblem};
use zeroize::Zeroizing;

/// Seals with one master key, and opens what that or any of the others sealed.
pub struct Keyring {
    current: MasterKey,
    others: Vec<MasterKey>,
}

impl Keyring {
    /// A key that seals, and others that open what they sealed.
    #[must_use]
    pub const fn new(current: MasterKey, others: Vec<MasterKey>) -> Self {
        Self { current, others }
    }

    pub(super) fn seal(&self, place: &[&str], plain: &[u8]) -> Result<Vec<u8>, SealProblem> {
        self.current.seal(place, plain)
    }

    pub(super) fn open(&self, place: &[&str], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealProblem> {
        self.wrapper(sealed).open(place, sealed)
    }

    /// The value as the current master key wraps it; none when it does so already.
    pub(super) fn rewrap(&self, place: &[&str], sealed: &[u8]) -> Result<Option<Vec<u8>>, SealProblem> {
        if self.current.wrapped(sealed) {
            return Ok(None);
        }
        self.current.rewrap(self.wrapper(sealed), place, sealed).map(Some)
    }

    /// Whose value it is; the current key's when nobody knows, which then says so.
    fn wrapper(&self, sealed: &[u8]) -> &MasterKey {
        self.others.iter().find(|other| other.wrapped(sealed)).unwrap_or(&self.current)
    }
}

impl From<MasterKey> for Keyring {
    fn from(current: MasterKey) -> Self {
        Self::new(current, Vec::new())
    }
}
