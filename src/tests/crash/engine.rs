//! Databases for tellings, on either engine: each telling finds an empty one, and nobody else there.

use crate::kit::sandbox::Sandbox;
use crate::kit::stage::Stage;
use std::path::Path;
use tempfile::TempDir;

/// Which engine.
pub(super) enum Engine {
    Sqlite,
    Postgres(Sandbox),
}

/// Where one telling follows the other.
pub(super) enum Lane {
    /// A file for each.
    Sqlite,
    /// One database, emptied between them: making and dropping one takes PostgreSQL longer than a telling.
    Postgres { made: Made, used: bool },
}

/// A database in the sandbox's server, dropped with this.
pub(super) struct Made {
    sandbox: Sandbox,
    name: String,
    url: String,
}

impl Engine {
    /// Cases side by side: each waits for its database most of the time. On PostgreSQL each has a few connections, and the
    /// server is shared with every other test.
    pub(super) const fn lanes(&self) -> usize {
        match self {
            Self::Sqlite => 4,
            Self::Postgres(_) => 3,
        }
    }

    pub(super) fn lane(&self) -> Lane {
        match self {
            Self::Sqlite => Lane::Sqlite,
            Self::Postgres(sandbox) => {
                let name = format!("crash_{}", uuid::Uuid::new_v4().simple());
                let url = sandbox.create_brief_database(&name);
                Lane::Postgres { made: Made { sandbox: sandbox.clone(), name, url }, used: false }
            }
        }
    }
}

impl Lane {
    /// A stage on an empty database; the one before it in this lane is over.
    pub(super) async fn stage(&mut self) -> Stage {
        let folder = folder();
        let url = match self {
            Self::Sqlite => format!("sqlite://{}", folder.path().join("padlock.db").display()),
            Self::Postgres { made, used } => {
                let url = made.url.clone();
                if std::mem::replace(used, true) {
                    // Other lanes go on meanwhile.
                    tokio::task::spawn_blocking(move || Sandbox::empty_database(&url)).await.unwrap();
                }
                made.url.clone()
            }
        };
        Stage::with(folder, url).await
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        self.sandbox.drop_database(&self.name);
    }
}

/// In memory where there is room: a killed process is no power cut, and needs nothing flushed.
pub(super) fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap()
}
