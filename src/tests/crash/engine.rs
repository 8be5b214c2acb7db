//! A database of its own for each telling, on either engine.

use crate::kit::sandbox::Sandbox;
use crate::kit::stage::Stage;
use std::path::Path;
use tempfile::TempDir;

/// Which engine.
#[derive(Clone)]
pub(super) enum Engine {
    Sqlite,
    Postgres(Sandbox),
}

/// A database in the sandbox's server, dropped with this.
pub(super) struct Made {
    sandbox: Sandbox,
    name: String,
}

impl Engine {
    /// Cases side by side: each waits for its database most of the time, but PostgreSQL makes and drops databases one after
    /// the other.
    pub(super) const fn lanes(&self) -> usize {
        match self {
            Self::Sqlite => 4,
            Self::Postgres(_) => 1,
        }
    }

    /// A stage on an empty database, and what keeps that in being.
    pub(super) async fn stage(&self) -> (Stage, Option<Made>) {
        let folder = folder();
        match self {
            Self::Sqlite => {
                let url = format!("sqlite://{}", folder.path().join("padlock.db").display());
                (Stage::with(folder, url).await, None)
            }
            Self::Postgres(sandbox) => {
                let name = format!("crash_{}", uuid::Uuid::new_v4().simple());
                let url = sandbox.create_brief_database(&name);
                (Stage::with(folder, url).await, Some(Made { sandbox: sandbox.clone(), name }))
            }
        }
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        self.sandbox.drop_database(&self.name);
    }
}

/// In memory where there is room: a killed process is no power cut, and needs nothing flushed.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap()
}
