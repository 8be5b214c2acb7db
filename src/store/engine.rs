//! The two engines, where a statement gets a connection on each, and how a transaction begins.

use super::durable::Log;
use super::error::StoreError;
use super::kept::Kept;
use super::outage::Trouble;
use super::patience::{ANSWER, Connections, Patient, SIGN_OF_LIFE, in_time};
use super::transaction::Tx;
use sqlx::any::{AnyArguments, AnyPoolOptions, AnyQueryResult};
use sqlx::query::Query;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Any, AnyConnection, AnyPool, Connection as _, Executor as _};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

/// Readers beside SQLite's one writer: each is a thread, and a page needs one for a few milliseconds.
const SQLITE_READERS: usize = 4;
/// Connections of one node to PostgreSQL, whose default allows a hundred in all: for its Console, edge and name server.
const POSTGRES_CONNECTIONS: u32 = 6;
/// And for its worker, whose walks queue for them by the hundred: nobody else shall stand in that queue.
const POSTGRES_WORKER_CONNECTIONS: u32 = 10;
/// Longest wait for a connection to PostgreSQL, a new one too: a page would rather hear that the server does not answer.
const POSTGRES_ACQUIRE: Duration = Duration::from_secs(3);
/// The same for a walk, which nobody watches: it would rather wait than look again at what it knows.
const POSTGRES_WORKER_ACQUIRE: Duration = Duration::from_secs(9);
/// A worker's connection that was used within this time is not asked for one before it is used: no server stops and is there
/// again in less, so that none of these is from before. A page's always is: on one to a frozen server it would wait too long.
const POSTGRES_WORKER_TRUST: Duration = Duration::from_millis(50);

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

/// Connections for reading and for writing; the same ones on PostgreSQL.
#[derive(Clone)]
pub(super) struct Database {
    place: Place,
    /// May hold a password.
    url: Arc<str>,
    trouble: Trouble,
}

#[derive(Clone)]
enum Place {
    Sqlite {
        writer: Kept,
        reader: Kept,
        /// Commits are not flushed by SQLite itself.
        log: Arc<Log>,
    },
    Postgres(AnyPool),
}

impl Database {
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
        match scheme {
            "sqlite" if url.contains("memory") => Err(StoreError::InMemory),
            "sqlite" => Self::open_sqlite(url).await,
            "postgres" | "postgresql" => {
                let trouble = Trouble::default();
                let pool = postgres_pool(POSTGRES_CONNECTIONS, &[POSTGRES_SETUP], POSTGRES_ACQUIRE, &trouble)
                    .connect(url)
                    .await?;
                Ok(Self { place: Place::Postgres(pool), url: url.into(), trouble })
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
        let writer = Kept::open(&url, 1, &[SQLITE_SETUP, SQLITE_WRITER]).await?;
        let reader = Kept::open(&url, SQLITE_READERS, &[SQLITE_SETUP, SQLITE_READER]).await?;
        let file = SqliteConnectOptions::from_str(&url)?.get_filename().to_path_buf();
        let log = Arc::new(Log::beside(file).map_err(sqlx::Error::Io)?);
        Ok(Self { place: Place::Sqlite { writer, reader, log }, url: url.into(), trouble: Trouble::default() })
    }

    /// The same database by a worker's connections; on SQLite by those that everybody has.
    pub(super) async fn of_worker(&self) -> Result<Self, StoreError> {
        if self.engine() == Engine::Sqlite {
            return Ok(self.clone());
        }
        let setup = &[POSTGRES_SETUP, POSTGRES_WORKER];
        let pool = postgres_pool(POSTGRES_WORKER_CONNECTIONS, setup, POSTGRES_WORKER_ACQUIRE, &self.trouble);
        let pool = trusting(pool, &self.trouble).connect(&self.url).await?;
        Ok(Self { place: Place::Postgres(pool), ..self.clone() })
    }

    pub(super) const fn engine(&self) -> Engine {
        match self.place {
            Place::Sqlite { .. } => Engine::Sqlite,
            Place::Postgres(_) => Engine::Postgres,
        }
    }

    /// What it was opened by, for a connection that is no pool's.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// For statements that only read.
    pub(super) const fn reader(&self) -> Patient<'_> {
        let connections = match &self.place {
            Place::Sqlite { reader, .. } => Connections::Sqlite(reader),
            Place::Postgres(pool) => Connections::Postgres(pool),
        };
        Patient::new(connections, &self.trouble)
    }

    /// For single statements whose loss in a power cut does no harm, as leases', and for reading what was just written.
    pub(super) const fn writer(&self) -> Patient<'_> {
        let connections = match &self.place {
            Place::Sqlite { writer, .. } => Connections::Sqlite(writer),
            Place::Postgres(pool) => Connections::Postgres(pool),
        };
        Patient::new(connections, &self.trouble)
    }

    /// What this process last saw of the database.
    pub(super) const fn trouble(&self) -> &Trouble {
        &self.trouble
    }

    /// Runs a single statement that writes; several belong into one [`Database::begin`].
    pub(super) async fn execute(&self, query: Query<'_, Any, AnyArguments>) -> Result<AnyQueryResult, sqlx::Error> {
        let done = query.execute(self.writer()).await?;
        if let Place::Sqlite { log, .. } = &self.place {
            log.flush().await.map_err(sqlx::Error::Io)?;
        }
        Ok(done)
    }

    /// Begins a transaction that may write; on SQLite once nobody else of this process does.
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        match &self.place {
            Place::Sqlite { writer, log, .. } => {
                let turn = log.writer();
                let connection = in_time(ANSWER, writer.acquire()).await;
                if connection.is_err() {
                    self.trouble.note(&connection, false);
                }
                Ok(Tx::sqlite(connection?, turn, Arc::clone(log), &self.trouble))
            }
            Place::Postgres(pool) => {
                let begun = in_time(ANSWER, pool.begin()).await;
                self.trouble.note(&begun, false);
                Ok(Tx::postgres(begun?, &self.trouble))
            }
        }
    }

    /// The statement of this engine, where one word must differ.
    pub(super) const fn pick(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self.engine() {
            Engine::Sqlite => sqlite,
            Engine::Postgres => postgres,
        }
    }
}

fn postgres_pool(
    connections: u32,
    setup: &'static [&'static str],
    acquire: Duration,
    trouble: &Trouble,
) -> AnyPoolOptions {
    let pool = checked(AnyPoolOptions::new(), setup, trouble);
    pool.max_connections(connections).min_connections(1).acquire_timeout(acquire)
}

/// A worker's pool: it asks for a sign of life in doubt only, since a walk takes a connection a hundred times.
fn trusting(pool: AnyPoolOptions, trouble: &Trouble) -> AnyPoolOptions {
    let trouble = trouble.clone();
    pool.test_before_acquire(false).before_acquire(move |connection, meta| {
        let doubted = meta.idle_for > POSTGRES_WORKER_TRUST || trouble.now().is_some();
        Box::pin(async move { if doubted { is_alive(connection).await } else { Ok(true) } })
    })
}

/// Each new connection begins with these statements, and one that can't be used again is closed: a server that froze or went
/// away leaves such ones, and they must not use up the pool. Where there is no doubt sqlx's own question, without which no
/// connection comes back, is enough: each is a round trip.
fn checked(pool: AnyPoolOptions, setup: &'static [&'static str], trouble: &Trouble) -> AnyPoolOptions {
    let trouble = trouble.clone();
    let pool = pool.after_release(move |connection, _| {
        let doubted = connection.is_in_transaction() || trouble.now().is_some();
        Box::pin(async move { if doubted { is_alive(connection).await } else { Ok(true) } })
    });
    pool.after_connect(move |connection: &mut AnyConnection, _| {
        Box::pin(async move {
            for statements in setup {
                connection.execute(sqlx::raw_sql(*statements)).await?;
            }
            Ok(())
        })
    })
}

/// Whether a connection answers, and has ended what was begun on it: a rollback is only on its way when its transaction is
/// dropped.
async fn is_alive(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    in_time(SIGN_OF_LIFE, connection.ping()).await?;
    Ok(!connection.is_in_transaction())
}
