//! Where a value that was found differs from the one that was asked for, in pieces and in words.

/// Two texts, cut where they begin to differ and where they agree again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference<'a> {
    /// What both begin with.
    pub start: &'a str,
    /// What stands there instead.
    pub found: &'a str,
    /// What should stand there.
    pub expected: &'a str,
    /// What both end with.
    pub end: &'a str,
}

impl<'a> Difference<'a> {
    /// Compares a found value with the expected one.
    #[must_use]
    pub fn between(found: &'a str, expected: &'a str) -> Self {
        let same_start: usize =
            found.chars().zip(expected.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        let (start, found) = found.split_at(same_start);
        let expected = expected.get(same_start..).unwrap_or_default();
        let same_end: usize = found
            .chars()
            .rev()
            .zip(expected.chars().rev())
            .take_while(|(a, b)| a == b)
            .map(|(a, _)| a.len_utf8())
            .sum();
        let (found, end) = found.split_at(found.len() - same_end);
        let expected = expected.get(..expected.len() - same_end).unwrap_or_default();
        Self { start, found, expected, end }
    }

    /// What went wrong, in one sentence; none when the texts are the same.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let place = self.start.chars().count() + 1;
        let count = |text: &str| match text.chars().count() {
            1 => "1 character".to_owned(),
            n => format!("{n} characters"),
        };
        Some(
            match (self.found, self.expected) {
                ("", "") => return None,
                ("", missing) if self.end.is_empty() => format!("The last {} are missing.", count(missing)),
                ("", missing) => format!("From character {place} on, {} are missing.", count(missing)),
                (more, "") if more.trim().is_empty() => format!("There is a space too many at character {place}."),
                (more, less) if more.trim_matches('"') == less => {
                    "The quotation marks became part of the value; leave them out.".to_owned()
                }
                (more, "") if self.end.is_empty() => format!("There are {} too many at the end.", count(more)),
                (more, "") => format!("There are {} too many from character {place} on.", count(more)),
                (found, expected) if found.eq_ignore_ascii_case(expected) => {
                    format!("Capital and small letters are mixed up from character {place} on.")
                }
                _ if self.start.is_empty() && self.end.is_empty() => "It is another value altogether.".to_owned(),
                (found, _) => format!("It differs in {} from character {place} on.", count(found)),
            }
            .replace("The last 1 character are", "The last character is")
            .replace(" 1 character are", " 1 character is")
            .replace("There are 1 character", "There is 1 character"),
        )
    }
}

/// Which of several found values is most like the expected one: a TXT name may hold many that are none of ours.
#[must_use]
pub fn nearest(found: &[String], expected: &str) -> Option<usize> {
    let alike = |value: &String| {
        let difference = Difference::between(value, expected);
        difference.start.len() + difference.end.len()
    };
    // The first of equals: `max_by_key` would take the last.
    (0..found.len()).rev().max_by_key(|at| alike(&found[*at]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn mistakes_that_people_make_are_named() {
        for (found, expected, words) in [
            ("abc", "abc", None),
            ("ab", "abc", Some("The last character is missing.")),
            ("a", "abc", Some("The last 2 characters are missing.")),
            ("bc", "abc", Some("From character 1 on, 1 character is missing.")),
            ("abc ", "abc", Some("There is a space too many at character 4.")),
            ("abcd", "abc", Some("There is 1 character too many at the end.")),
            ("aBC", "abc", Some("Capital and small letters are mixed up from character 2 on.")),
            ("axc", "abc", Some("It differs in 1 character from character 2 on.")),
            ("xyz", "abc", Some("It is another value altogether.")),
            ("\"abc\"", "abc", Some("The quotation marks became part of the value; leave them out.")),
        ] {
            assert_eq!(Difference::between(found, expected).words().as_deref(), words, "{found:?} {expected:?}");
        }
    }

    #[test]
    fn the_most_alike_of_several_values_is_compared() {
        let found = ["v=spf1 -all".to_owned(), "padlock-verification=ab".to_owned(), "x".to_owned()];
        assert_eq!(nearest(&found, "padlock-verification=abc"), Some(1));
        assert_eq!(nearest(&[], "abc"), None);
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_texts_and_meet_in_nothing_alike(a in ".{0,12}", b in ".{0,12}") {
            let found = Difference::between(&a, &b);
            prop_assert_eq!(format!("{}{}{}", found.start, found.found, found.end), a.clone());
            prop_assert_eq!(format!("{}{}{}", found.start, found.expected, found.end), b.clone());
            let (x, y) = (found.found.chars().next(), found.expected.chars().next());
            prop_assert!(x != y || x.is_none());
            prop_assert_eq!(found.words().is_none(), a == b);
        }
    }
}
