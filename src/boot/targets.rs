//! Servers that receive each certificate: the `[[target]]` tables of the file.

use super::config::{ConfigProblem, Layers};
use super::serve::Trouble;
use super::settings::Settings;
use crate::store::Store;
use crate::targets::{Format, Target, TargetSettings, Tell};
use crate::worker::receivers::Receivers;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

/// A node hands over to a few; more is a mistake.
const TABLES: usize = 20;
/// A target's name is shown where its server shows something else.
const NAME_CHARS: usize = 60;

/// One as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    folder: PathBuf,
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    reload: Vec<String>,
    #[serde(default)]
    haproxy_socket: Option<PathBuf>,
    #[serde(default)]
    serves: Vec<SocketAddr>,
}

/// The servers that receive each certificate from this node, if there are any.
pub(super) fn receivers(settings: &Settings, store: &Store) -> Option<Receivers> {
    let targets: Vec<Target> = settings.targets.iter().cloned().map(Target::new).collect();
    (!targets.is_empty()).then(|| Receivers::new(store.clone(), targets))
}

/// Keeps them equal to the store until it is time to stop.
pub(super) async fn keep(receivers: Receivers, shutdown: CancellationToken) -> Result<(), Trouble> {
    receivers.catch_up(shutdown).await;
    Ok(())
}

/// What people call each, and where it is asked which certificate it serves.
pub(super) fn asked(settings: &Settings) -> Vec<(String, SocketAddr)> {
    let of = |target: &TargetSettings| {
        let name = target.name.clone();
        target.serves.clone().into_iter().map(move |address| (name.clone(), address))
    };
    settings.targets.iter().flat_map(of).collect()
}

/// The targets that are configured.
///
/// # Errors
/// The first thing wrong, naming the table and the key.
pub fn targets(layers: &Layers) -> Result<Vec<TargetSettings>, ConfigProblem> {
    let (tables, origin) = layers.tables("target");
    let wrong = |why: String| ConfigProblem::Value { key: "target", origin: origin.clone(), why };
    if tables.len() > TABLES {
        return Err(wrong(format!("{} tables are more than the {TABLES} that are read", tables.len())));
    }
    let (mut found, mut names, mut folders) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for (number, table) in (1..).zip(tables) {
        let within = |why: String| wrong(format!("table {number}: {why}"));
        let written: Written =
            table.clone().try_into().map_err(|error: toml::de::Error| within(error.message().to_owned()))?;
        let typed = written.typed().map_err(within)?;
        if !names.insert(typed.name.clone()) || !folders.insert(typed.folder.clone()) {
            return Err(within("another table has the same name or folder".into()));
        }
        found.push(typed);
    }
    Ok(found)
}

impl Written {
    fn typed(self) -> Result<TargetSettings, String> {
        if self.name.is_empty() || self.name.chars().count() > NAME_CHARS || self.name.chars().any(char::is_control) {
            return Err(format!("name: expected a few words, at most {NAME_CHARS} characters"));
        }
        // Without a trailing slash, as HAProxy names it.
        let folder: PathBuf = self.folder.components().collect();
        if !folder.is_absolute() || !folder.is_dir() {
            return Err(format!("folder: {} is not a folder, named from the root", folder.display()));
        }
        let format = match (self.format.as_deref(), self.namespace) {
            (None | Some("pem"), None) => Format::Pem,
            (Some("kubernetes"), namespace) => Format::Kubernetes { namespace: sound(namespace)? },
            (None | Some("pem"), Some(_)) => return Err("namespace: stands without format = \"kubernetes\"".into()),
            (Some(other), _) => return Err(format!("format: {other:?} is neither pem nor kubernetes")),
        };
        let tell = match (self.reload.is_empty(), self.haproxy_socket) {
            (true, None) => Tell::Nobody,
            (false, None) => Tell::Command(self.reload),
            (true, Some(socket)) if format == Format::Pem => Tell::Haproxy(socket),
            _ => return Err("haproxy_socket: stands beside reload, or a format that is not PEM".into()),
        };
        Ok(TargetSettings { name: self.name, folder, format, tell, serves: self.serves })
    }
}

/// A namespace is a DNS label (RFC 1123).
fn sound(namespace: Option<String>) -> Result<String, String> {
    let namespace = namespace.unwrap_or_else(|| "default".into());
    let fits = !namespace.is_empty() && namespace.len() <= 63;
    let is_label = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if fits && namespace.bytes().all(is_label) { Ok(namespace) } else { Err("namespace: expected a DNS label".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: &str) -> Result<TargetSettings, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let text = table.replace("FOLDER", &folder.path().display().to_string());
        toml::from_str::<Written>(&text).map_err(|error| error.message().to_owned())?.typed()
    }

    #[test]
    fn tables_are_typed_and_what_is_wrong_is_named() {
        let nginx = read(
            "name = \"front\"\nfolder = \"FOLDER/\"\nreload = [\"nginx\", \"-s\", \"reload\"]\nserves = [\"10.0.0.1:443\"]",
        );
        let nginx = nginx.expect("sound");
        assert!(!nginx.folder.to_string_lossy().ends_with('/'), "as HAProxy names it");
        assert_eq!((nginx.format, nginx.serves.len()), (Format::Pem, 1));
        let secret = read("name = \"k\"\nfolder = \"FOLDER\"\nformat = \"kubernetes\"").expect("sound");
        assert_eq!(secret.format, Format::Kubernetes { namespace: "default".into() });
        for (table, named) in [
            ("name = \"\"\nfolder = \"FOLDER\"", "name"),
            ("name = \"a\"\nfolder = \"relative\"", "folder"),
            ("name = \"a\"\nfolder = \"FOLDER/missing\"", "folder"),
            ("name = \"a\"\nfolder = \"FOLDER\"\nformat = \"der\"", "format"),
            ("name = \"a\"\nfolder = \"FOLDER\"\nnamespace = \"x\"", "namespace"),
            ("name = \"a\"\nfolder = \"FOLDER\"\nformat = \"kubernetes\"\nnamespace = \"a\\nb\"", "namespace"),
            ("name = \"a\"\nfolder = \"FOLDER\"\nreload = [\"x\"]\nhaproxy_socket = \"/s\"", "haproxy_socket"),
            ("name = \"a\"\nfolder = \"FOLDER\"\nreload = \"nginx -s reload\"", "sequence"),
            ("name = \"a\"\nfolder = \"FOLDER\"\nshell = true", "shell"),
        ] {
            let problem = read(table).expect_err(table);
            assert!(problem.contains(named), "{table}: {problem}");
        }
    }
}
