//! A consistent copy of an SQLite database, taken while a node works on it.
//!
//! The copy is one read transaction of SQLite's own, so that writers go on. It is opened by nobody here: no schema is
//! touched and no key is needed, which is why this is no method of [`super::Store`].

use super::error::StoreError;
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::str::FromStr as _;

/// A writer may hold the file's lock for a moment while it is opened.
const SETUP: &str = "pragma busy_timeout = 5000";
/// Takes a file that is missing or empty: ours is empty, and has its mode already.
const COPY: &str = "vacuum into $1";

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupProblem {
    /// PostgreSQL has its own way.
    #[error("only an SQLite database is copied like this: back PostgreSQL up with pg_dump")]
    NotAFile,
    /// The new file's name can't be handed to SQLite.
    #[error("the name of the new file is not UTF-8")]
    Name,
    /// The new file can't be made; it may be there already, and nothing is overwritten.
    #[error("{path} can't be made as a new file")]
    File {
        /// Which file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The database can't be read.
    #[error("the database can't be copied")]
    Database(#[from] StoreError),
}

/// Copies the database at `database_url` into a new file that only its owner can read. The master key is not in it.
///
/// # Errors
/// When it is not SQLite, the file exists, or reading or writing fails; no half-written file is left.
pub async fn backup(database_url: &str, path: &Path) -> Result<(), BackupProblem> {
    if !database_url.starts_with("sqlite:") {
        return Err(BackupProblem::NotAFile);
    }
    let name = path.to_str().ok_or(BackupProblem::Name)?;
    let problem = |source| BackupProblem::File { path: path.display().to_string(), source };
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(problem)?;
    let written = match copy(database_url, name).await {
        Ok(()) => settle(&file, path).map_err(problem),
        Err(error) => Err(StoreError::Database(error).into()),
    };
    if written.is_err() {
        // What failed first is what is told.
        let _left_behind = std::fs::remove_file(path);
    }
    written
}

async fn copy(database_url: &str, name: &str) -> Result<(), sqlx::Error> {
    sqlx::any::install_default_drivers();
    let file = database_url.split_once('?').map_or(database_url, |(file, _)| file);
    // A database that is not there is an error, not an empty copy.
    let options = AnyConnectOptions::from_str(&format!("{file}?mode=rw"))?;
    let mut connection = AnyConnection::connect_with(&options).await?;
    connection.execute(SETUP).await?;
    sqlx::query(COPY).bind(name.to_owned()).execute(&mut connection).await?;
    connection.close().await
}

/// The copy must outlast a power cut, and its name too.
fn settle(file: &File, path: &Path) -> std::io::Result<()> {
    file.sync_all()?;
    File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new(".")))?
        .sync_all()
}
