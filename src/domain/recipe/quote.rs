//! How each reader wants text quoted, so that no character of it is taken for more than text.

use std::fmt::Write as _;

/// A character-string in DNS is at most this long (RFC 1035 §3.3).
const STRING_BYTES: usize = 255;

/// For a POSIX shell: nothing is special between single quotes but the quote itself.
pub(super) fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// For PowerShell, which takes typographic quotes for quotes as well.
pub(super) fn powershell(text: &str) -> String {
    let mut quoted = String::from("'");
    for c in text.chars() {
        quoted.push(c);
        if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
            quoted.push(c);
        }
    }
    quoted.push('\'');
    quoted
}

/// For Terraform: a template's marks are doubled, so that nothing is evaluated.
pub(super) fn hcl(text: &str) -> String {
    let mut quoted = String::from("\"");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '$' | '%' if chars.peek() == Some(&'{') => quoted.extend([c, c]),
            c if c.is_control() => {
                // Writing to a string can't fail.
                _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// One line behind a comment's mark: what breaks a line ends the comment.
pub(super) fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect()
}

/// How the strings of a TXT record write what is not printable ASCII.
#[derive(Clone, Copy)]
pub(super) enum Escape {
    /// `\DDD`, as in zone files (RFC 1035 §5.1).
    Decimal,
    /// `\ooo`, as Route 53 reads them.
    Octal,
}

/// A TXT record's text in presentation format: strings of at most 255 bytes, each in quotes.
pub(super) fn strings(text: &str, escape: Escape) -> String {
    let quoted = |chunk: &[u8]| {
        let escaped: String = chunk
            .iter()
            .map(|byte| match (byte, escape) {
                (b'"' | b'\\', _) => format!("\\{}", char::from(*byte)),
                (b' '..=b'~', _) => char::from(*byte).to_string(),
                (other, Escape::Decimal) => format!("\\{other:03}"),
                (other, Escape::Octal) => format!("\\{other:03o}"),
            })
            .collect();
        format!("\"{escaped}\"")
    };
    if text.is_empty() {
        return quoted(b"");
    }
    text.as_bytes().chunks(STRING_BYTES).map(quoted).collect::<Vec<_>>().join(" ")
}

/// A name in presentation format, with the dot that makes it complete. Dots separate labels; all else that is not a
/// letter, digit, hyphen, underscore or star is escaped.
pub(super) fn name(name: &str) -> String {
    let mut written = String::new();
    for byte in name.trim_end_matches('.').bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'*' | b'.' => written.push(char::from(byte)),
            // Writing to a string can't fail.
            other => _ = write!(written, "\\{other:03}"),
        }
    }
    written.push('.');
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_for_zone_files() {
        assert_eq!(strings("a\"b\\c\n", Escape::Decimal), "\"a\\\"b\\\\c\\010\"");
        assert_eq!(strings("\n", Escape::Octal), "\"\\012\"");
        let long = strings(&"x".repeat(300), Escape::Decimal);
        assert_eq!(long, format!("\"{}\" \"{}\"", "x".repeat(255), "x".repeat(45)));
        assert_eq!(name("a b;c.test"), "a\\032b\\059c.test.");
    }

    #[test]
    fn marks_that_readers_act_on_lose_their_meaning() {
        assert_eq!(shell("a'$(reboot)'"), r"'a'\''$(reboot)'\'''");
        assert_eq!(powershell("a'\u{2019}$(x)"), "'a''\u{2019}\u{2019}$(x)'");
        assert_eq!(hcl("${a}%{b}\"\n"), "\"$${a}%%{b}\\\"\\u000a\"");
        assert_eq!(comment("a\nb\u{2028}c"), "a b c");
    }
}
