//! Other servers that receive each certificate: a folder of files, and a way to tell the server there of a change.
//!
//! What should be in a folder is always known from the store, so that nothing needs to be remembered beside it: a start
//! writes what differs, and tells each server once, whatever a crash left half-done. Certificate and key are one file, and
//! a file is replaced in one step, so that no server ever reads a pair that does not match. Which commands are run stands in
//! the operator's configuration alone, and no shell reads them.
//!
//! This folder never touches SQL, and tries nothing twice: whoever keeps targets equal to the store does.

mod command;
mod files;
mod haproxy;

pub use files::pem;

use std::collections::{BTreeSet, HashSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Mutex as Turn;

/// One, as the operator wrote it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetSettings {
    /// What people call it.
    pub name: String,
    /// The folder of files, which is its own.
    pub folder: PathBuf,
    /// What a file holds.
    pub format: Format,
    /// How its server hears of a change.
    pub tell: Tell,
    /// Where that server is asked which certificate it serves.
    pub serves: Vec<SocketAddr>,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// Chain and key in one PEM file, as nginx and HAProxy read them.
    Pem,
    /// The manifest of a TLS secret for Kubernetes.
    Kubernetes {
        /// Where the secret belongs.
        namespace: String,
    },
}

/// How a server hears of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tell {
    /// It looks by itself.
    Nobody,
    /// By a program and its arguments.
    Command(Vec<String>),
    /// Through HAProxy's runtime API, without a reload.
    Haproxy(PathBuf),
}

/// Why a target is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum TargetProblem {
    /// A file can't be read or written.
    #[error("{0} can't be written")]
    File(PathBuf, #[source] std::io::Error),
    /// The command did not end well.
    #[error("the command {program} failed: {words}")]
    Command {
        /// Which program.
        program: String,
        /// How it ended, and what it said.
        words: String,
    },
    /// The socket is not there, or does not answer.
    #[error("HAProxy does not answer at {0}")]
    Socket(PathBuf, #[source] std::io::Error),
    /// HAProxy refused.
    #[error("HAProxy refused {command:?}: {words}")]
    Refused {
        /// What it was told.
        command: String,
        /// What it said.
        words: String,
    },
}

/// A certificate to be handed over.
pub struct Handover<'a> {
    /// The name that it is served for; `*.agency.test` for a wildcard.
    pub host: &'a str,
    /// PEM, leaf first.
    pub chain_pem: &'a str,
    /// PKCS #8, DER.
    pub pkcs8: &'a [u8],
}

/// A server that receives each certificate.
#[derive(Debug)]
pub struct Target {
    settings: TargetSettings,
    /// Hosts whose files its server was not told of.
    untold: Mutex<BTreeSet<String>>,
    /// One word at a time: whoever waits for it finds that it was said for all.
    telling: Turn<()>,
}

impl Target {
    /// Touches nothing yet.
    #[must_use]
    pub fn new(settings: TargetSettings) -> Self {
        Self { settings, untold: Mutex::default(), telling: Turn::default() }
    }

    /// How the operator wrote it down.
    #[must_use]
    pub const fn settings(&self) -> &TargetSettings {
        &self.settings
    }

    /// Writes a certificate's file, if it differs from what is there.
    ///
    /// # Errors
    /// [`TargetProblem::File`].
    pub fn write(&self, certificate: &Handover<'_>) -> Result<(), TargetProblem> {
        let path = self.path(certificate.host);
        let content = match &self.settings.format {
            Format::Pem => pem(certificate),
            Format::Kubernetes { namespace } => files::secret(certificate, namespace),
        };
        if files::replace(&path, content.as_bytes()).map_err(|error| TargetProblem::File(path, error))? {
            self.is_untold(certificate.host);
        }
        Ok(())
    }

    /// Takes a host's file away.
    ///
    /// # Errors
    /// [`TargetProblem::File`].
    pub fn remove(&self, host: &str) -> Result<(), TargetProblem> {
        let path = self.path(host);
        if files::remove(&path).map_err(|error| TargetProblem::File(path, error))? {
            self.is_untold(host);
        }
        Ok(())
    }

    /// Takes away the files of every host that is not among these. What we did not write stays.
    ///
    /// # Errors
    /// [`TargetProblem::File`].
    pub fn keep_only(&self, hosts: &HashSet<String>) -> Result<(), TargetProblem> {
        let folder = &self.settings.folder;
        let known = files::hosts(folder, self.ending()).map_err(|error| TargetProblem::File(folder.clone(), error))?;
        known.iter().filter(|host| !hosts.contains(*host)).try_for_each(|host| self.remove(host))
    }

    /// Notes that its server has to hear of a host, whether or not its file differs.
    pub fn is_untold(&self, host: &str) {
        self.untold().insert(host.to_owned());
    }

    /// Tells its server of everything that it was not told of.
    ///
    /// # Errors
    /// [`TargetProblem`]; what was not told stays to be told.
    pub async fn tell(&self) -> Result<(), TargetProblem> {
        let _turn = self.telling.lock().await;
        let hosts = std::mem::take(&mut *self.untold());
        if hosts.is_empty() {
            return Ok(());
        }
        match &self.settings.tell {
            Tell::Nobody => Ok(()),
            Tell::Command(words) => command::run(words).await.inspect_err(|_| self.untold().extend(hosts)),
            Tell::Haproxy(socket) => {
                let mut left = hosts.into_iter();
                while let Some(host) = left.next() {
                    let folder = &self.settings.folder;
                    if let Err(problem) = haproxy::serve(socket, folder, &self.path(&host)).await {
                        self.untold().extend(std::iter::once(host).chain(left));
                        return Err(problem);
                    }
                }
                Ok(())
            }
        }
    }

    fn untold(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    const fn ending(&self) -> &'static str {
        match self.settings.format {
            Format::Pem => "pem",
            Format::Kubernetes { .. } => "yaml",
        }
    }

    fn path(&self, host: &str) -> PathBuf {
        self.settings.folder.join(files::name(host, self.ending()))
    }
}
