//! Secrets that a test knows, in every form that somebody's log line, dump or column might give them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use std::path::Path;

/// Shorter runs of bytes occur by chance.
const BYTES_MIN: usize = 12;
/// Characters of a line of PEM (RFC 7468 §2).
const PEM_LINE: usize = 64;
/// How a P-256 key lies in PKCS #8: an `ECPrivateKey` (RFC 5915) of version 1, and its 32 bytes.
const SCALAR: &[u8] = &[0x02, 0x01, 0x01, 0x04, 0x20];
const SCALAR_BYTES: usize = 32;

/// One form of one secret.
pub(crate) struct Planted {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Every form of some secret bytes.
pub(crate) fn forms(secret: &str, bytes: &[u8]) -> Vec<Planted> {
    assert!(bytes.len() >= BYTES_MIN, "{secret}: found everywhere");
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let debug =
        |separator: &str| bytes[..BYTES_MIN].iter().map(u8::to_string).collect::<Vec<_>>().join(separator).into_bytes();
    let forms = [
        ("raw", bytes.to_vec()),
        ("hexadecimal", hex.clone().into_bytes()),
        ("HEXADECIMAL", hex.to_uppercase().into_bytes()),
        ("base64", STANDARD.encode(bytes).trim_end_matches('=').as_bytes().to_vec()),
        ("base64url", URL_SAFE_NO_PAD.encode(bytes).into_bytes()),
        ("debug", debug(", ")),
        ("JSON", debug(",")),
    ];
    forms.into_iter().map(|(form, bytes)| Planted { name: format!("{secret}, {form}"), bytes }).collect()
}

/// Every form of a P-256 key's private part; its public part is no secret.
pub(crate) fn key_forms(secret: &str, pkcs8: &[u8]) -> Vec<Planted> {
    let at = pkcs8.windows(SCALAR.len()).position(|window| window == SCALAR).expect("a P-256 key") + SCALAR.len();
    let mut forms = forms(secret, &pkcs8[at..at + SCALAR_BYTES]);
    // The characters that say nothing but the private part: to the end of PEM's first line.
    let text = STANDARD.encode(pkcs8);
    let pem = text.as_bytes()[at.div_ceil(3) * 4..PEM_LINE].to_vec();
    assert!(pem.len() >= BYTES_MIN, "{secret}: too short to tell");
    forms.push(Planted { name: format!("{secret}, PEM"), bytes: pem });
    forms
}

/// The names of those that are in there: one pass, led by each form's first two bytes.
pub(crate) fn found<'a>(planted: &'a [Planted], bytes: &[u8]) -> Vec<&'a str> {
    let lead = |bytes: &[u8]| usize::from(bytes[0]) << 8 | usize::from(bytes[1]);
    let mut led: Vec<Vec<&Planted>> = vec![Vec::new(); 1 << 16];
    for one in planted {
        led[lead(&one.bytes)].push(one);
    }
    let mut names: Vec<&str> = Vec::new();
    for at in 0..bytes.len().saturating_sub(1) {
        for one in &led[lead(&bytes[at..])] {
            if bytes[at..].starts_with(&one.bytes) && !names.contains(&one.name.as_str()) {
                names.push(&one.name);
            }
        }
    }
    names
}

/// Every file below a folder, read whole.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push((path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()));
        }
    }
    all
}
