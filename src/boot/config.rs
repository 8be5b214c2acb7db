//! Configuration: the only reader of the environment, and of `padlock.toml`.
//!
//! Defaults < file < environment < flags. Each key is known by one name (`console_addr`), in the file as it stands and in
//! the environment as `PADLOCK_CONSOLE_ADDR`; a secret may lie in a file that `…_FILE` names. Unknown keys are errors, so
//! that a misspelt one is never silently ignored.

use super::keys::{KEYS, Key};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// A configuration file is at most this long: it is read whole.
const FILE_BYTES: u64 = 1 << 20;
const PREFIX: &str = "PADLOCK_";

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// The environment variable of this name.
    Environment(String),
    /// A flag.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// What is wrong with the configuration; always names the key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigProblem {
    /// The file can't be read.
    #[error("configuration file {0} can't be read")]
    File(PathBuf, #[source] std::io::Error),
    /// The file is no TOML.
    #[error("configuration file {0} is not valid TOML: {1}")]
    Syntax(PathBuf, String),
    /// No such key.
    #[error("unknown key {0} ({1}); `padlock config show` lists the known ones")]
    Unknown(String, Origin),
    /// The value does not fit.
    #[error("{key} ({origin}): {why}")]
    Value {
        /// Which key.
        key: &'static str,
        /// Where the value came from.
        origin: Origin,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// A required key has no value.
    #[error("{env} is not set: {help}", env = env_name(.0.name), help = .0.help)]
    Missing(&'static Key),
}

/// Every key's value as text, with its origin.
#[derive(Clone)]
pub struct Layers {
    values: Values,
    tables: Tables,
    file: Option<PathBuf>,
}

impl Layers {
    /// Reads file, environment and flags, in that order.
    ///
    /// # Errors
    /// The first thing wrong, naming the key.
    pub fn read(file: Option<&Path>, flags: &[(&'static str, String)]) -> Result<Self, ConfigProblem> {
        let (mut values, mut tables) = (Values::new(), Tables::new());
        if let Some(path) = file {
            tables = read_file(path, &mut values)?;
        }
        read_environment(std::env::vars(), &mut values)?;
        for (name, value) in flags {
            values.insert(name, (value.clone(), Origin::Flag));
        }
        Ok(Self { values, tables, file: file.map(Path::to_owned) })
    }

    /// The file's tables of this name, in order.
    #[must_use]
    pub fn tables(&self, name: &str) -> (&[toml::Table], Origin) {
        (self.tables.get(name).map_or(&[], Vec::as_slice), self.file.clone().map_or(Origin::Default, Origin::File))
    }

    /// One line for each of those tables: its number and its text.
    pub fn table_lines(&self, name: &str) -> impl Iterator<Item = (usize, String)> + '_ {
        (1..).zip(self.tables(name).0.iter().map(|table| as_text(&toml::Value::Table(table.clone()))))
    }

    /// A key's value and origin; its default when nobody set it.
    #[must_use]
    pub fn value(&self, key: &'static Key) -> Option<(&str, Origin)> {
        match self.values.get(key.name) {
            Some((value, origin)) => Some((value, origin.clone())),
            None => key.default.map(|value| (value, Origin::Default)),
        }
    }

    /// One line for each key: its value (secrets hidden), and its origin.
    pub fn lines(&self) -> impl Iterator<Item = (&'static Key, String, Option<Origin>)> + '_ {
        KEYS.iter().map(|key| match self.value(key) {
            Some((_, origin)) if key.secret => (key, "(hidden)".to_owned(), Some(origin)),
            Some((value, origin)) => (key, value.to_owned(), Some(origin)),
            None => (key, String::new(), None),
        })
    }
}

/// The environment variable of a key.
#[must_use]
pub fn env_name(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase())
}

fn known(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

type Values = BTreeMap<&'static str, (String, Origin)>;

/// What may stand several times, as `[[ca]]`, each with keys of its own.
const TABLES: [&str; 2] = ["ca", "target"];

type Tables = BTreeMap<&'static str, Vec<toml::Table>>;

/// Reads the file's keys; hands back its tables, which are typed later.
fn read_file(path: &Path, values: &mut Values) -> Result<Tables, ConfigProblem> {
    let mut tables = Tables::new();
    let origin = Origin::File(path.to_owned());
    let text = read_limited(path).map_err(|error| ConfigProblem::File(path.to_owned(), error))?;
    let table: toml::Table =
        text.parse().map_err(|error: toml::de::Error| ConfigProblem::Syntax(path.to_owned(), error.to_string()))?;
    for (name, value) in table {
        if let Some(known) = TABLES.into_iter().find(|known| *known == name) {
            let wrong = |_| ConfigProblem::Value {
                key: known,
                origin: origin.clone(),
                why: format!("expected one [[{known}]] table for each of them"),
            };
            tables.insert(known, value.try_into().map_err(wrong)?);
        } else if let Some(key) = known(&name) {
            values.insert(key.name, (as_text(&value), origin.clone()));
        } else if let Some(key) = name.strip_suffix("_file").and_then(known) {
            let secret = read_secret(key, Path::new(&as_text(&value)), &origin)?;
            values.insert(key.name, (secret, origin.clone()));
        } else {
            return Err(ConfigProblem::Unknown(name, origin));
        }
    }
    Ok(tables)
}

fn read_environment(vars: impl Iterator<Item = (String, String)>, values: &mut Values) -> Result<(), ConfigProblem> {
    for (variable, value) in vars {
        let Some(name) = variable.strip_prefix(PREFIX).map(str::to_lowercase) else { continue };
        // The test suite's own switches share the prefix and are nobody's configuration.
        if name.starts_with("test_") {
            continue;
        }
        let origin = Origin::Environment(variable.clone());
        if let Some(key) = known(&name) {
            values.insert(key.name, (value, origin));
        } else if let Some(key) = name.strip_suffix("_file").and_then(known) {
            let secret = read_secret(key, Path::new(&value), &origin)?;
            values.insert(key.name, (secret, origin));
        } else {
            return Err(ConfigProblem::Unknown(variable, origin));
        }
    }
    Ok(())
}

fn read_secret(key: &'static Key, path: &Path, origin: &Origin) -> Result<String, ConfigProblem> {
    let why = |error: std::io::Error| format!("the file {} can't be read: {error}", path.display());
    let text = read_limited(path).map_err(|error| ConfigProblem::Value {
        key: key.name,
        origin: origin.clone(),
        why: why(error),
    })?;
    Ok(text.trim_end().to_owned())
}

pub(super) fn read_limited(path: &Path) -> std::io::Result<String> {
    let size = std::fs::metadata(path)?.len();
    if size > FILE_BYTES {
        return Err(std::io::Error::other(format!("{size} bytes are more than the {FILE_BYTES} that are read")));
    }
    std::fs::read_to_string(path)
}

/// Lists become comma-separated and tables `name=value`, which is how the environment writes them.
fn as_text(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => items.iter().map(as_text).collect::<Vec<_>>().join(","),
        toml::Value::Table(table) => {
            table.iter().map(|(name, value)| format!("{name}={}", as_text(value))).collect::<Vec<_>>().join(",")
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(vars: &[(&str, &str)]) -> Result<Values, ConfigProblem> {
        let mut values = Values::new();
        read_environment(vars.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())), &mut values)?;
        Ok(values)
    }

    #[test]
    fn an_unknown_key_is_named() {
        let problem = environment(&[("PADLOCK_CONSOL_ADDR", "x")]).expect_err("misspelt");
        assert!(problem.to_string().contains("PADLOCK_CONSOL_ADDR"), "{problem}");
        assert!(environment(&[("HOME", "/root"), ("PADLOCK_BRAND", "Court Web")]).is_ok());
    }

    #[test]
    fn a_secret_may_lie_in_a_file_and_is_never_shown() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "smtp://user:secret@mail\n").expect("written");
        let path = file.path().to_str().expect("a path");
        let values = environment(&[("PADLOCK_SMTP_URL_FILE", path)]).expect("fine");
        let layers = Layers { values, tables: Tables::new(), file: None };
        let line = layers.lines().find(|(key, ..)| key.name == "smtp_url").expect("listed");
        assert_eq!(line.1, "(hidden)");
        assert_eq!(layers.values["smtp_url"].0, "smtp://user:secret@mail");
    }

    #[test]
    fn the_environment_outranks_the_file() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "brand = \"From file\"\n[services]\nportal = \"http://127.0.0.1:8080\"\n")
            .expect("written");
        let layers = Layers::read(Some(file.path()), &[("brand", "From flag".into())]).expect("fine");
        assert_eq!(layers.values["brand"].0, "From flag");
        assert_eq!(layers.values["services"].0, "portal=http://127.0.0.1:8080");
    }
}
