//! The two engines, where a statement gets a connection on each, and how a transaction begins.

use super::durable::Log;
use super::error::StoreError;
use super::kept::{Kept, Terms};
use super::outage::Trouble;
use super::patience::{ANSWER, Patient, in_time};
use super::transaction::Tx;
use sqlx::Any;
use sqlx::any::{AnyArguments, AnyQueryResult};
use sqlx::query::Query;
use sqlx::sqlite::SqliteConnectOptions;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

/// Readers beside SQLite's one writer: each is a thread, and a page needs one for a few milliseconds.
const SQLITE_READERS: usize = 4;
/// Longest wait for a connection: every walk queues for the one that writes while domains come in by the hundred.
const SQLITE_ACQUIRE: Duration = Duration::from_secs(10);
/// Connections of one node to PostgreSQL, whose default allows a hundred in all: for its Console, edge and name server.
const POSTGRES_CONNECTIONS: usize = 6;
/// And for its worker, whose walks queue for them by the hundred: nobody else shall stand in that queue. They are few, since each
/// learns all tables and statements anew: that costs the server as much as some ten certificates.
const POSTGRES_WORKER_CONNECTIONS: usize = 4;
/// Longest wait for a connection to PostgreSQL, a new one too: a page would rather hear that the server does not answer.
const POSTGRES_ACQUIRE: Duration = Duration::from_secs(3);
/// The same for a walk, which nobody watches: it would rather wait than look again at what it knows.
const POSTGRES_WORKER_ACQUIRE: Duration = Duration::from_secs(9);
/// A worker's connection that was used within this time is not asked before it is used: no server stops and is there again in
/// less, so that none of these is from before. A page's always is: on one to a frozen server it would wait too long.
const POSTGRES_WORKER_TRUST: Duration = Duration::from_millis(50);
/// A server's memory for one connection grows with what was asked on it.
const POSTGRES_AGE: Duration = Duration::from_secs(30 * 60);

/// Another process (a command line beside a running node) may hold SQLite's write lock: wait up to 5 s for it. Commits are
/// flushed by [`Log`].
const SQLITE_SETUP: &str = "pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = normal; \
    pragma foreign_keys = on; pragma temp_store = memory";
/// The server ends what takes too long: a node that is paused inside a transaction would keep its rows locked, and skipped
/// by every claim. It notices within half a minute that a node is gone without a word. The first two are under our own
/// limits, so that its error is heard.
const POSTGRES_SETUP: &str = "set statement_timeout = 8000; set lock_timeout = 5000; \
    set idle_in_transaction_session_timeout = 10000; set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; \
    set tcp_keepalives_count = 3; set tcp_user_timeout = 20000";
/// A worker's statements name their rows: planned once for each connection they are planned well, and not six times.
const POSTGRES_WORKER: &str = "set plan_cache_mode = force_generic_plan";
/// Everything is written by one connection: it keeps more pages in memory, and moves the log into the file less often.
const SQLITE_WRITER: &str = "pragma cache_size = -16000; pragma wal_autocheckpoint = 4000";
/// A reader that writes would be a mistake of ours. Twice the usual number of pages: a join comes back to what it just left.
const SQLITE_READER: &str = "pragma query_only = on; pragma cache_size = -4000";

/// Which database this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    /// One file, one node.
    Sqlite,
    /// A server, several nodes.
    Postgres,
}

/// One file's connections. A file does not drop them.
const SQLITE: Terms = Terms {
    setup: &[SQLITE_SETUP, SQLITE_WRITER],
    connections: 1,
    acquire: SQLITE_ACQUIRE,
    trust: Duration::MAX,
    age: Duration::MAX,
};
const POSTGRES: Terms = Terms {
    setup: &[POSTGRES_SETUP],
    connections: POSTGRES_CONNECTIONS,
    acquire: POSTGRES_ACQUIRE,
    trust: Duration::ZERO,
    age: POSTGRES_AGE,
};

/// Connections for reading and for writing; the same ones on PostgreSQL.
#[derive(Clone)]
pub(super) struct Database {
    engine: Engine,
    writer: Kept,
    reader: Kept,
    /// SQLite's, which does not flush its commits itself.
    log: Option<Arc<Log>>,
    /// May hold a password.
    url: Arc<str>,
}

impl Database {
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
        match scheme {
            "sqlite" if url.contains("memory") => Err(StoreError::InMemory),
            "sqlite" => Self::open_sqlite(url).await,
            "postgres" | "postgresql" => {
                let (url, trouble) = (url.into(), Trouble::default());
                let kept = Kept::open(&url, POSTGRES, &trouble).await?;
                Ok(Self { engine: Engine::Postgres, writer: kept.clone(), reader: kept, log: None, url })
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
        let file = SqliteConnectOptions::from_str(&url)?.get_filename().to_path_buf();
        let (url, trouble) = (url.into(), Trouble::default());
        // The writer first: it creates the file and switches it to the write-ahead log.
        let writer = Kept::open(&url, SQLITE, &trouble).await?;
        let reading = Terms { setup: &[SQLITE_SETUP, SQLITE_READER], connections: SQLITE_READERS, ..SQLITE };
        let reader = Kept::open(&url, reading, &trouble).await?;
        let log = Some(Arc::new(Log::beside(file).map_err(sqlx::Error::Io)?));
        Ok(Self { engine: Engine::Sqlite, writer, reader, log, url })
    }

    /// The same database by a worker's connections; on SQLite by those that everybody has.
    pub(super) async fn of_worker(&self) -> Result<Self, StoreError> {
        if self.engine == Engine::Sqlite {
            return Ok(self.clone());
        }
        let working = Terms {
            setup: &[POSTGRES_SETUP, POSTGRES_WORKER],
            connections: POSTGRES_WORKER_CONNECTIONS,
            acquire: POSTGRES_WORKER_ACQUIRE,
            trust: POSTGRES_WORKER_TRUST,
            ..POSTGRES
        };
        let kept = Kept::open(&self.url, working, self.trouble()).await?;
        Ok(Self { writer: kept.clone(), reader: kept, ..self.clone() })
    }

    pub(super) const fn engine(&self) -> Engine {
        self.engine
    }

    /// What it was opened by, for a connection that is none of these.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// For statements that only read.
    pub(super) const fn reader(&self) -> Patient<'_> {
        Patient(&self.reader)
    }

    /// For single statements whose loss in a power cut does no harm, as leases', and for reading what was just written.
    pub(super) const fn writer(&self) -> Patient<'_> {
        Patient(&self.writer)
    }

    /// What this process last saw of the database.
    pub(super) fn trouble(&self) -> &Trouble {
        self.writer.trouble()
    }

    /// Runs a single statement that writes; several belong into one [`Database::begin`].
    pub(super) async fn execute(&self, query: Query<'_, Any, AnyArguments>) -> Result<AnyQueryResult, sqlx::Error> {
        let done = query.execute(self.writer()).await?;
        if let Some(log) = &self.log {
            log.flush().await.map_err(sqlx::Error::Io)?;
        }
        Ok(done)
    }

    /// Begins a transaction that may write; on SQLite once nobody else of this process does.
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        let log = self.log.as_ref().map(|log| (Arc::clone(log), log.writer()));
        let connection = in_time(ANSWER, self.writer.acquire()).await;
        // Nothing was asked yet: that there is one says nothing.
        if connection.is_err() {
            self.trouble().note(&connection, false);
        }
        Ok(Tx::on(self.engine, connection?, log)?)
    }

    /// The statement of this engine, where one word must differ.
    pub(super) const fn pick(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self.engine() {
            Engine::Sqlite => sqlite,
            Engine::Postgres => postgres,
        }
    }
}
