//! The two engines behind one pool type, and how a transaction begins on each.

use super::durable::Log;
use super::error::StoreError;
use sqlx::any::{AnyArguments, AnyPoolOptions, AnyQueryResult};
use sqlx::query::Query;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Any, AnyConnection, AnyPool, Executor, Transaction};
use std::ops::{Deref, DerefMut};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

/// Readers beside SQLite's one writer: each is a thread, and a page needs one for a few milliseconds.
const SQLITE_READERS: u32 = 4;
/// Connections of one node to PostgreSQL, whose default allows a hundred in all.
const POSTGRES_CONNECTIONS: u32 = 16;
/// Longest wait for a connection: a caller that waited this long would rather hear that the database is busy.
const ACQUIRE_TIMEOUT_MS: u64 = 10_000;

/// Another process (a command line beside a running node) may hold SQLite's write lock: wait up to 5 s for it. Commits are
/// flushed by [`Log`].
const SQLITE_SETUP: &str = "pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = normal; \
    pragma foreign_keys = on; pragma temp_store = memory";
/// A node that is paused inside a transaction keeps its rows locked, and skipped by every claim, until the server ends it.
const POSTGRES_SETUP: &str = "set idle_in_transaction_session_timeout = 10000";
/// A reader that writes would be a mistake of ours.
const SQLITE_READER: &str = "pragma query_only = on";

/// A transaction that may write.
pub(super) struct Tx {
    inner: Transaction<'static, Any>,
    log: Option<Arc<Log>>,
}

impl Tx {
    /// Returns once all of it is on disk.
    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        self.inner.commit().await?;
        flush(self.log.as_deref()).await
    }
}

impl Deref for Tx {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }
}

/// Which database this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    /// One file, one node.
    Sqlite,
    /// A server, several nodes.
    Postgres,
}

/// Connections for reading and for writing; the same ones on PostgreSQL.
#[derive(Clone)]
pub(super) struct Database {
    engine: Engine,
    /// May hold a password.
    url: Arc<str>,
    writer: AnyPool,
    reader: AnyPool,
    /// SQLite's, which does not flush its commits itself.
    log: Option<Arc<Log>>,
}

impl Database {
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
        match scheme {
            "sqlite" if url.contains("memory") => Err(StoreError::InMemory),
            "sqlite" => Self::open_sqlite(url).await,
            "postgres" | "postgresql" => {
                let pool = prepared(pool(POSTGRES_CONNECTIONS), &[POSTGRES_SETUP]).connect(url).await?;
                Ok(Self { engine: Engine::Postgres, url: url.into(), writer: pool.clone(), reader: pool, log: None })
            }
            other => Err(StoreError::UnknownEngine(other.to_owned())),
        }
    }

    async fn open_sqlite(url: &str) -> Result<Self, StoreError> {
        let url = match url.split_once('?') {
            Some((_, query)) if query.contains("mode=") => url.to_owned(),
            Some(_) => format!("{url}&mode=rwc"),
            None => format!("{url}?mode=rwc"),
        };
        // The writer first: it creates the file and switches it to the write-ahead log.
        let writer = sqlite_pool(1, &[SQLITE_SETUP]).connect(&url).await?;
        let reader = sqlite_pool(SQLITE_READERS, &[SQLITE_SETUP, SQLITE_READER]).connect(&url).await?;
        let file = SqliteConnectOptions::from_str(&url)?.get_filename().to_path_buf();
        let log = Log::beside(file).map_err(sqlx::Error::Io)?;
        Ok(Self { engine: Engine::Sqlite, url: url.into(), writer, reader, log: Some(Arc::new(log)) })
    }

    pub(super) const fn engine(&self) -> Engine {
        self.engine
    }

    /// What it was opened by, for a connection that is no pool's.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// For statements that only read.
    pub(super) const fn reader(&self) -> &AnyPool {
        &self.reader
    }

    /// For single statements whose loss in a power cut does no harm, as leases', and for reading what was just written.
    pub(super) const fn writer(&self) -> &AnyPool {
        &self.writer
    }

    /// Runs a single statement that writes; several belong into one [`Database::begin`].
    pub(super) async fn execute(&self, query: Query<'_, Any, AnyArguments>) -> Result<AnyQueryResult, sqlx::Error> {
        let done = query.execute(&self.writer).await?;
        flush(self.log.as_deref()).await?;
        Ok(done)
    }

    /// Begins a transaction that may write. SQLite takes its write lock at once, so that it can't fail half-way.
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        let inner = match self.engine {
            Engine::Sqlite => self.writer.begin_with("begin immediate").await?,
            Engine::Postgres => self.writer.begin().await?,
        };
        Ok(Tx { inner, log: self.log.clone() })
    }

    /// The statement of this engine, where one word must differ.
    pub(super) const fn pick(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self.engine {
            Engine::Sqlite => sqlite,
            Engine::Postgres => postgres,
        }
    }
}

async fn flush(log: Option<&Log>) -> Result<(), sqlx::Error> {
    match log {
        Some(log) => log.flush().await.map_err(sqlx::Error::Io),
        None => Ok(()),
    }
}

fn pool(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_millis(ACQUIRE_TIMEOUT_MS))
}

fn sqlite_pool(connections: u32, setup: &'static [&'static str]) -> AnyPoolOptions {
    // A file does not drop connections: they live as long as the pool, unasked.
    prepared(pool(connections).idle_timeout(None).max_lifetime(None).test_before_acquire(false), setup)
}

/// Each new connection begins with these statements.
fn prepared(pool: AnyPoolOptions, setup: &'static [&'static str]) -> AnyPoolOptions {
    pool.after_connect(move |connection: &mut AnyConnection, _| {
        Box::pin(async move {
            for statements in setup {
                connection.execute(sqlx::raw_sql(*statements)).await?;
            }
            Ok(())
        })
    })
}
