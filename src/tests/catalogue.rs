//! No code of the catalogue is only words: each is made to happen by a test that asks for it, on real or scripted servers, at a
//! scripted CA, or by files that are handed in.

use padlock::domain::catalogue::Code;
use std::path::{Path, PathBuf};

/// What no test makes happen, and why.
const EXEMPT: &[(Code, &str)] = &[(Code::Disabled, "a person's own act"), (Code::Removed, "a person's own act")];

/// How tests of files name those of which they don't say the word.
const OTHERWISE: &[(Code, &str)] = &[(Code::UpPassword, "Flaw::Password"), (Code::UpTooLong, "Warning::TooLong")];

/// Files that name codes without making them happen.
const ONLY_NAMED: &[&str] = &["tests/catalogue.rs", "tests/kit/causes.rs"];

#[test]
fn every_code_is_made_to_happen() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![root.join("bundle/tests.rs")];
    let mut folders = vec![root.join("tests")];
    while let Some(folder) = folders.pop() {
        let entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        let (inner, plain): (Vec<_>, Vec<_>) = entries.into_iter().partition(|path| path.is_dir());
        folders.extend(inner);
        let source = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "rs");
        let only_named = |path: &PathBuf| ONLY_NAMED.iter().any(|name| path.ends_with(name));
        files.extend(plain.into_iter().filter(|path| source(path) && !only_named(path)));
    }
    let tests: String = files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let exempt = |code: &&Code| EXEMPT.iter().any(|(known, _)| known == *code);
    let otherwise = |code: &Code| OTHERWISE.iter().any(|(known, mark)| known == code && tests.contains(mark));
    let named = |code: &&Code| tests.contains(&format!("\"{}\"", code.word())) || otherwise(code);
    let (exempt, required): (Vec<&Code>, Vec<&Code>) = Code::ALL.iter().partition(exempt);
    let missing: Vec<&str> = required.iter().filter(|code| !named(code)).map(|code| code.word()).collect();
    assert!(missing.is_empty(), "nothing makes these happen: {missing:?}");
    let idle: Vec<&&Code> = exempt.iter().filter(|code| named(code)).collect();
    assert!(idle.is_empty(), "exempt, and made to happen all the same: {idle:?}");
    assert!(required.len() >= 100, "{}", required.len());
}
