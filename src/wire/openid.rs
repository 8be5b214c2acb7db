//! Why a sign-in at an OpenID provider came to nothing: a word in the page's address, and a sentence for it.

/// Why nobody was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotLetIn {
    /// Nobody can sign in there.
    Off,
    /// The provider could not be asked.
    Unreachable,
    /// The person changed their mind there, or was refused.
    Declined,
    /// The answer belongs to no sign-in of this browser, or to one that is over.
    Stale,
    /// The provider's word does not hold.
    Unfit,
    /// The provider has not verified the address.
    Unverified,
    /// Nobody here has the address, and nobody was invited by it.
    Nobody,
    /// Whoever has the address here is somebody else there.
    Another,
    /// The account is disabled.
    Disabled,
    /// The person belongs to no customer.
    NoMembership,
    /// Our own fault.
    Broken,
}

impl NotLetIn {
    const ALL: [Self; 11] = [
        Self::Off,
        Self::Unreachable,
        Self::Declined,
        Self::Stale,
        Self::Unfit,
        Self::Unverified,
        Self::Nobody,
        Self::Another,
        Self::Disabled,
        Self::NoMembership,
        Self::Broken,
    ];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Unreachable => "unreachable",
            Self::Declined => "declined",
            Self::Stale => "stale",
            Self::Unfit => "unfit",
            Self::Unverified => "unverified",
            Self::Nobody => "nobody",
            Self::Another => "another",
            Self::Disabled => "disabled",
            Self::NoMembership => "no-membership",
            Self::Broken => "broken",
        }
    }

    /// By its word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// What to do, for the person.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Off => "This Console has no other place to sign in. Use your e-mail address and password.",
            Self::Unreachable => "The sign-in service does not answer. Try again in a moment, or use your password.",
            Self::Declined => "You were not signed in there. Try again, or use your password.",
            Self::Stale => "That sign-in was over, or was begun in another browser. Begin again here.",
            Self::Unfit => "What the sign-in service sent does not hold, so nobody was let in. Begin again here.",
            Self::Unverified => {
                "The sign-in service has not verified your e-mail address. Verify it there, then try again."
            }
            Self::Nobody => {
                "Nobody here has your e-mail address. Ask whoever manages people at your customer to invite you."
            }
            Self::Another => {
                "Your e-mail address belongs here to another account of the sign-in service. Ask the operator of this Console."
            }
            Self::Disabled => "Your account is disabled. Ask the operator of this Console.",
            Self::NoMembership => {
                "You belong to no customer any more. Ask whoever manages people there to invite you again."
            }
            Self::Broken => "Something failed on our side. Try again in a moment.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NotLetIn;

    #[test]
    fn each_has_a_word_of_its_own() {
        for one in NotLetIn::ALL {
            assert_eq!(NotLetIn::from_word(one.word()), Some(one));
        }
        assert_eq!(NotLetIn::from_word("<script>"), None);
    }
}
