//! The house rules that a compiler does not know: floors, fences, budgets, equal migrations.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Folders by floor, lowest first; folders of one floor never name each other.
const FLOORS: &[&[&str]] = &[
    &["domain"],
    &["islands", "wire"],
    &["failpoint"],
    &[
        "store",
        "resolve",
        "probe",
        "acme",
        "responder",
        "edge",
        "mail",
        "oidc",
        "publish",
        "registers",
        "targets",
        "webhook",
    ],
    &["observe", "bundle"],
    &["worker"],
    &["console"],
    &["api", "rest"],
    &["ui"],
    &["boot"],
    &["cli"],
];

/// A word, and the only places of `src/` that may say it.
const FENCES: &[(&str, &[&str])] = &[
    ("sqlx", &["store/"]),
    ("instant_acme", &["acme/"]),
    ("jsonwebtoken", &["acme/"]),
    ("lettre", &["mail/"]),
    ("openidconnect", &["oidc/"]),
    ("rcgen", &["acme/"]),
    ("x509_cert", &["bundle/"]),
    ("x509_parser", &["acme/", "bundle/", "probe/leaf.rs", "probe/crl.rs"]),
    ("p12_keystore", &["bundle/"]),
    ("hickory_resolver", &["resolve/", "publish/"]),
    ("hickory_proto", &["responder/", "resolve/"]),
    ("leptos_axum", &["api/", "console/desk.rs", "boot/"]),
    ("std::env", &["boot/config.rs"]),
    ("SystemTime", &["worker/clock.rs"]),
    ("std::time::Instant", &[]),
    ("tokio::spawn", &["boot/", "worker/", "edge/accept.rs", "responder/server.rs", "rest/idempotency.rs"]),
];

/// Files hold one room.
const FILE_LINES: usize = 400;
/// Functions hold one thought.
const FUNCTION_LINES: usize = 70;

struct Source {
    /// Below `src/`, with forward slashes.
    name: String,
    text: String,
}

impl Source {
    fn folder(&self) -> Option<&str> {
        self.name.split_once('/').map(|(folder, _)| folder)
    }

    /// Whether all of it is test code, compiled for tests only.
    fn is_test(&self) -> bool {
        let file = self.name.rsplit('/').next().unwrap_or_default();
        self.name.starts_with("tests/")
            || self.name.starts_with("bench/")
            || self.name.contains("/contract/")
            || file.starts_with("tests")
            || ["testing.rs", "scripted.rs", "laws.rs", "examples.rs"].contains(&file)
    }

    /// Lines of code with comments taken out, up to the unit tests at the bottom.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let code = self.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        code.lines().enumerate().map(|(number, line)| (number + 1, line.split("//").next().unwrap_or_default()))
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                found.push(Source { name, text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    assert!(found.len() > 100, "the sources were not found");
    found
}

fn floor(folder: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&folder))
}

#[track_caller]
fn none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn names_flow_down_the_floors() {
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        let Some(folder) = source.folder() else { continue };
        let own = floor(folder).unwrap_or_else(|| panic!("{folder} stands on no floor"));
        for (number, line) in source.code() {
            for (at, _) in line.match_indices("crate::") {
                let named = line[at + 7..].split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                // The doors of pages hand over to use cases on the floor below; all else is lower or one's own.
                if floor(named).is_some_and(|theirs| theirs >= own && named != folder) {
                    complaints.push(format!("{}:{number}: {folder} names {named}", source.name));
                }
            }
        }
    }
    none(complaints);
}

#[test]
fn crates_stay_behind_their_fences() {
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        for (word, places) in FENCES {
            if places.iter().any(|place| source.name.starts_with(place)) {
                continue;
            }
            for (number, line) in source.code() {
                let names = line.match_indices(word).any(|(at, _)| {
                    let after = line[at + word.len()..].chars().next();
                    let before = line[..at].chars().next_back();
                    let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                    !inside(after) && !inside(before)
                });
                if names {
                    complaints.push(format!("{}:{number}: {word} belongs to {places:?}", source.name));
                }
            }
        }
    }
    none(complaints);
}

#[test]
fn conditions_on_features_stand_in_lib_only() {
    let conditional = |source: &&Source| source.name != "lib.rs" && !source.is_test();
    let complaints = sources()
        .iter()
        .filter(conditional)
        .filter(|source| source.code().any(|(_, line)| line.contains("cfg(feature")))
        .map(|source| source.name.clone())
        .collect();
    none(complaints);
}

#[test]
fn files_and_functions_keep_to_their_budgets() {
    let mut complaints = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > FILE_LINES {
            complaints.push(format!("{}: {lines} lines", source.name));
        }
        if !source.text.starts_with("//!") {
            complaints.push(format!("{}: the first line does not say what it holds", source.name));
        }
        for (number, length) in functions(&source.text) {
            if length > FUNCTION_LINES {
                complaints.push(format!("{}:{number}: a function of {length} lines", source.name));
            }
        }
    }
    none(complaints);
}

/// Where each function starts, and how many lines of code it has; relies on rustfmt's indentation.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim_start();
        let head = [
            "fn ",
            "pub fn ",
            "async fn ",
            "pub async fn ",
            "pub(crate) fn ",
            "pub(super) fn ",
            "pub(super) async fn ",
        ];
        if !head.iter().any(|head| words.starts_with(head)) || line.ends_with('}') || line.ends_with(';') {
            continue;
        }
        let end = format!("{}}}", " ".repeat(indent));
        let body = lines[at..].iter().take_while(|line| **line != end);
        let code = body.filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//"));
        found.push((at + 1, code.count()));
    }
    found
}

#[test]
fn both_engines_have_the_same_migrations() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert!(!names("sqlite").is_empty());
    assert_eq!(names("sqlite"), names("postgres"));
}
