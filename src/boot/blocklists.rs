//! The DNS blocklists that Monitoring Reports ask, as an operator names them.

/// A report waits for so many at most.
const LISTS: usize = 8;
/// A list's zone stands behind an address's thirty-two parts.
const ZONE_CHARS: usize = 100;

/// Zones in small letters, those of lists of names with `name:` before them.
///
/// # Errors
/// What is wrong with them, in words.
pub(super) fn sound(typed: Vec<String>) -> Result<Vec<String>, String> {
    if typed.len() > LISTS {
        return Err(format!("more than {LISTS} lists"));
    }
    let named = typed.into_iter().map(|list| list.trim_end_matches('.').to_lowercase());
    named
        .map(|list| if is_sound(&list) { Ok(list) } else { Err(format!("{list:?} is no zone such as bl.example.net")) })
        .collect()
}

fn is_sound(list: &str) -> bool {
    let zone = list.strip_prefix("name:").unwrap_or(list);
    let sound = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    zone.len() <= ZONE_CHARS && zone.contains('.') && zone.bytes().all(sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_taken_and_other_words_are_not() {
        let lists = |typed: &[&str]| sound(typed.iter().map(|list| (*list).to_owned()).collect());
        assert_eq!(
            lists(&["ZEN.example.net.", "name:dbl.example.net"]),
            Ok(vec!["zen.example.net".into(), "name:dbl.example.net".into()])
        );
        for bad in ["zen", "a b.test", "name:", "http://x.test/"] {
            assert!(lists(&[bad]).is_err(), "{bad}");
        }
        assert!(lists(&["x.test"; LISTS + 1]).is_err());
    }
}
