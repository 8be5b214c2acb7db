//! What is said aloud when a page changed: the statuses that are marked `data-said` with what they are.

/// Marked values of a page, in order: what each is, and what it reads.
pub type Heard = Vec<(String, String)>;

/// What to say now that `before` was the last thing known; nothing when no value changed.
#[must_use]
pub fn changes(before: &Heard, now: &Heard) -> Option<String> {
    let sentences: Vec<String> = now
        .iter()
        .filter(|(what, reads)| before.iter().any(|(known, read)| known == what && read != reads))
        .map(|(what, reads)| format!("{what} is now {reads}."))
        .collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(domain: &str, ssl: &str) -> Heard {
        vec![("Domain Status".into(), domain.into()), ("SSL Status".into(), ssl.into())]
    }

    #[test]
    fn only_changes_of_what_was_there_are_said() {
        let before = heard("Verification Pending", "Pending Validation");
        assert_eq!(changes(&before, &before), None);
        assert_eq!(changes(&Heard::new(), &before), None);
        let after = heard("Active", "Pending Validation");
        assert_eq!(changes(&before, &after).as_deref(), Some("Domain Status is now Active."));
        let both = heard("Active", "Active");
        assert_eq!(changes(&before, &both).as_deref(), Some("Domain Status is now Active. SSL Status is now Active."));
    }
}
