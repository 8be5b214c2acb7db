//! The files of a target: what they hold, and how they are replaced.
//!
//! Each begins with a line that says whose it is, so that a file which somebody else put into the folder is never removed.
//! Only their owner may read them.

use super::Handover;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use zeroize::Zeroizing;

/// How each file begins; the host follows.
const MARK: &str = "# Padlock: ";
/// The first line is read to this length: a host has 255 characters at most.
const MARK_BYTES: u64 = 300;
/// No host begins so.
const WILDCARD: &str = "_wildcard.";

/// The name of a host's file.
pub(super) fn name(host: &str, ending: &str) -> String {
    match host.strip_prefix("*.") {
        Some(parent) => format!("{WILDCARD}{parent}.{ending}"),
        None => format!("{host}.{ending}"),
    }
}

/// Chain and key as PEM. No empty line: HAProxy's runtime API ends there.
#[must_use]
pub fn pem(certificate: &Handover<'_>) -> Zeroizing<String> {
    let key = Zeroizing::new(pem::encode_config(
        &pem::Pem::new("PRIVATE KEY", certificate.pkcs8),
        pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF),
    ));
    let lines = certificate.chain_pem.lines().chain(key.lines()).map(str::trim).filter(|line| !line.is_empty());
    let mut text = Zeroizing::new(format!("{MARK}{}\n", certificate.host));
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// The manifest of a TLS secret.
pub(super) fn secret(certificate: &Handover<'_>, namespace: &str) -> Zeroizing<String> {
    let Handover { host, chain_pem, pkcs8 } = certificate;
    let key = Zeroizing::new(pem::encode(&pem::Pem::new("PRIVATE KEY", *pkcs8)));
    let name = host.replace('*', "wildcard");
    let (crt, key) = (STANDARD.encode(chain_pem), Zeroizing::new(STANDARD.encode(key.as_bytes())));
    Zeroizing::new(format!(
        "{MARK}{host}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: \"{name}\"\n  namespace: \"{namespace}\"\n  \
         labels:\n    app.kubernetes.io/managed-by: padlock\ntype: kubernetes.io/tls\ndata:\n  tls.crt: {crt}\n  \
         tls.key: {}\n",
        key.as_str()
    ))
}

/// Puts a file in place in one step, and on the disk before that; false when it is there already.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<bool> {
    if is_the_same(path, content) {
        return Ok(false);
    }
    let (folder, file) = path.parent().zip(path.file_name()).ok_or(io::ErrorKind::InvalidInput)?;
    // HAProxy passes over files that begin with a dot.
    let fresh = folder.join(format!(".{}.new", file.to_string_lossy()));
    // What a crash left.
    ignore_missing(fs::remove_file(&fresh))?;
    let mut open = File::options().write(true).create_new(true).mode(0o600).open(&fresh)?;
    open.write_all(content)?;
    open.sync_all()?;
    fs::rename(&fresh, path)?;
    File::open(folder)?.sync_all()?;
    Ok(true)
}

fn is_the_same(path: &Path, content: &[u8]) -> bool {
    let Ok(mut file) = File::open(path) else { return false };
    if file.metadata().is_ok_and(|is| is.len() != content.len() as u64) {
        return false;
    }
    let mut there = Zeroizing::new(vec![0; content.len()]);
    file.read_exact(&mut there).is_ok() && *there == content
}

/// Takes a file of ours away; false when there is none.
pub(super) fn remove(path: &Path) -> io::Result<bool> {
    if owner(path).is_none() {
        return Ok(false);
    }
    ignore_missing(fs::remove_file(path))
}

/// The hosts whose files are in a folder.
pub(super) fn hosts(folder: &Path, ending: &str) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let ours = owner(&path).filter(|host| path.file_name().is_some_and(|file| *file == *name(host, ending)));
        found.extend(ours);
    }
    Ok(found)
}

/// The host that a file of ours is for.
fn owner(path: &Path) -> Option<String> {
    let mut begins = Vec::new();
    File::open(path).ok()?.take(MARK_BYTES).read_to_end(&mut begins).ok()?;
    let text = String::from_utf8_lossy(&begins);
    Some(text.lines().next()?.strip_prefix(MARK)?.to_owned())
}

fn ignore_missing(outcome: io::Result<()>) -> io::Result<bool> {
    match outcome {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    const CHAIN: &str = "-----BEGIN CERTIFICATE-----\r\nAAAA\r\n-----END CERTIFICATE-----\r\n\r\n";

    fn of(host: &str) -> Handover<'_> {
        Handover { host, chain_pem: CHAIN, pkcs8: b"key" }
    }

    #[test]
    fn a_file_is_replaced_when_it_differs_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name("*.agency.test", "pem"));
        assert!(path.ends_with("_wildcard.agency.test.pem"));
        let text = pem(&of("*.agency.test"));
        fs::write(folder.path().join("._wildcard.agency.test.pem.new"), "left by a crash").unwrap();
        assert!(replace(&path, text.as_bytes()).unwrap());
        assert!(!replace(&path, text.as_bytes()).unwrap(), "the same again");
        assert!(!text.contains("\n\n") && !text.contains('\r'), "{}", text.as_str());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_others_put_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let theirs = folder.path().join("default.pem");
        fs::write(&theirs, CHAIN).unwrap();
        replace(&folder.path().join(name("a.test", "pem")), pem(&of("a.test")).as_bytes()).unwrap();
        assert_eq!(hosts(folder.path(), "pem").unwrap(), ["a.test"]);
        assert!(!remove(&theirs).unwrap() && theirs.exists());
        assert!(remove(&folder.path().join("a.test.pem")).unwrap());
        assert!(!remove(&folder.path().join("a.test.pem")).unwrap());
    }

    #[test]
    fn a_secret_holds_chain_and_key() {
        let text = secret(&of("*.agency.test"), "edge");
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.trim().strip_prefix(key)).unwrap();
            String::from_utf8(STANDARD.decode(line.trim()).unwrap()).unwrap()
        };
        assert_eq!(value("tls.crt:"), CHAIN);
        assert!(value("tls.key:").starts_with("-----BEGIN PRIVATE KEY-----"));
        assert!(text.contains("type: kubernetes.io/tls") && text.contains("name: \"wildcard.agency.test\""));
    }
}
