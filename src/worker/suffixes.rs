//! The public suffix list, as the core's parser wants it.

use crate::domain::hostname::Suffixes;

/// The public list, and the suffixes that the operator accepts beside it.
#[must_use]
pub fn suffixes(private: &[String]) -> Suffixes<'_> {
    Suffixes { public, private }
}

fn public(name: &str) -> Option<&str> {
    let suffix = psl::suffix(name.as_bytes()).filter(psl::Suffix::is_known)?;
    std::str::from_utf8(suffix.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hostname::Hostname;

    #[test]
    fn the_list_knows_public_suffixes_and_the_operator_adds_private_ones() {
        let own = ["test".to_owned()];
        assert!(Hostname::parse("portal.court.gov", suffixes(&[])).is_ok());
        assert!(Hostname::parse("gov", suffixes(&[])).is_err());
        assert!(Hostname::parse("co.uk", suffixes(&[])).is_err());
        assert!(Hostname::parse("portal.court.test", suffixes(&[])).is_err());
        assert!(Hostname::parse("portal.court.test", suffixes(&own)).is_ok());
    }
}
