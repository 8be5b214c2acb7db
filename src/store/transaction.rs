//! A transaction: all that is written in it or nothing.
//!
//! On PostgreSQL it is sqlx's. On SQLite each statement is a way to another thread and back, so that the one that begins goes
//! with the first that asks something, those that nobody reads anything from with the next one, and the one that commits
//! with the last: mostly two ways in all.

use super::durable::{Log, Writer};
use super::joined::Joined;
use super::kept::Held;
use super::outage::Trouble;
use super::patience::{ANSWER, Patient, Step, in_time, row_in_time, steps_in_time};
use futures::future::{self, BoxFuture, FutureExt as _};
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use sqlx::any::{AnyArguments, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::query::Query;
use sqlx::{Any, Error, Execute, Executor, SqlStr, Transaction};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// A transaction that may write; dropped without [`Tx::commit`], it leaves nothing.
pub(super) struct Tx {
    statements: Statements,
    flushed: bool,
}

/// What runs a transaction's statements.
pub(super) struct Statements {
    open: Open,
    trouble: Trouble,
    patience: Duration,
}

enum Open {
    Postgres(Transaction<'static, Any>),
    Sqlite(Sqlite),
}

/// On SQLite's one writing connection, which is ours until this is dropped.
struct Sqlite {
    connection: Held,
    /// What goes with the next statement.
    waiting: Joined,
    /// Whether something was sent, and no commit since.
    begun: bool,
    log: Arc<Log>,
    writer: Option<Writer>,
}

impl Tx {
    /// Of sqlx's.
    pub(super) fn postgres(open: Transaction<'static, Any>, trouble: &Trouble) -> Self {
        Self::of(Open::Postgres(open), trouble)
    }

    /// On the one connection of its database that writes. It takes SQLite's write lock at once, so that it can't fail half-way.
    pub(super) fn sqlite(connection: Held, writer: Writer, log: Arc<Log>, trouble: &Trouble) -> Self {
        let waiting = Joined::of("begin immediate");
        let open = Sqlite { connection, waiting, begun: false, log, writer: Some(writer) };
        Self::of(Open::Sqlite(open), trouble)
    }

    fn of(open: Open, trouble: &Trouble) -> Self {
        Self { statements: Statements { open, trouble: trouble.clone(), patience: ANSWER }, flushed: true }
    }

    /// For statements that take as long as the tables are.
    pub(super) fn unhurried(mut self) -> Self {
        const PATIENCE: Duration = Duration::from_secs(3_600);
        self.statements.patience = PATIENCE;
        self
    }

    /// For what does no harm when a power cut takes it back, as a lease: its commit waits for no flush.
    pub(super) fn unflushed(self) -> Self {
        Self { flushed: false, ..self }
    }

    /// Runs a statement whose outcome is nothing to go by, at the latest with the next one or at the end. Its error is that of
    /// whatever sends it. Gives how many rows it changed where it ran at once.
    pub(super) async fn later(&mut self, query: Query<'_, Any, AnyArguments>) -> Result<Option<u64>, Error> {
        match &mut self.statements.open {
            Open::Sqlite(sqlite) => sqlite.waiting.push(query).map(|()| None),
            Open::Postgres(_) => Ok(Some(query.execute(&mut self.statements).await?.rows_affected())),
        }
    }

    /// Ends it; returns once all of it is on disk. After an error it is not known whether it was written.
    pub(super) async fn commit(self) -> Result<(), Error> {
        let Self { statements: Statements { open, trouble, patience }, flushed } = self;
        let mut written = pin!(async {
            match open {
                Open::Postgres(open) => open.commit().await,
                Open::Sqlite(mut sqlite) => {
                    sqlite.commit().await?;
                    let log = Arc::clone(&sqlite.log);
                    // Others write while this one is flushed.
                    drop(sqlite);
                    if flushed { log.flush().await.map_err(Error::Io) } else { Ok(()) }
                }
            }
        });
        let ended = in_time(patience, written.as_mut()).await;
        trouble.note(&ended, true);
        ended
    }
}

impl std::ops::Deref for Tx {
    type Target = Statements;

    fn deref(&self) -> &Statements {
        &self.statements
    }
}

impl std::ops::DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Statements {
        &mut self.statements
    }
}

impl std::fmt::Debug for Statements {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What they are about is nobody's business.
        f.debug_struct("Statements").finish_non_exhaustive()
    }
}

impl Sqlite {
    /// A statement's rows, and how many it changed; what waits goes before it.
    fn steps<'e, 'q: 'e>(
        &'e mut self,
        query: impl Execute<'q, Any>,
    ) -> Result<BoxStream<'e, Result<Step, Error>>, Error> {
        let before = self.waiting.statements();
        self.waiting.push(query)?;
        let query = self.waiting.take();
        self.begun = true;
        let steps = self.connection.get()?.fetch_many(query);
        // Of those before, nobody asks how many rows they changed.
        let mut ended = 0;
        let own = move |step: &Step| {
            let others = ended < before;
            ended += usize::from(step.is_left());
            future::ready(!others)
        };
        Ok(steps.try_filter(own).boxed())
    }

    async fn row<'q>(&mut self, query: impl Execute<'q, Any>) -> Result<Option<AnyRow>, Error> {
        let mut steps = self.steps(query)?;
        while let Some(step) = steps.try_next().await? {
            if let Some(row) = step.right() {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    async fn commit(&mut self) -> Result<(), Error> {
        // Nothing was asked for.
        if !self.begun && self.waiting.statements() == 1 {
            return Ok(());
        }
        self.steps(sqlx::query("commit"))?.try_for_each(|_| future::ok(())).await?;
        self.begun = false;
        self.writer = None;
        Ok(())
    }
}

impl Drop for Sqlite {
    /// What was not committed is taken back before anybody else writes on this connection.
    fn drop(&mut self) {
        self.connection.doubt(self.begun);
    }
}

impl<'c> Executor<'c> for &'c mut Statements {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, Q>(self, query: Q) -> BoxStream<'e, Result<Step, Error>>
    where
        'c: 'e,
        Q: 'q + Execute<'q, Any>,
    {
        let Statements { open, trouble, patience } = self;
        let steps = match open {
            Open::Postgres(open) => Ok((**open).fetch_many(query)),
            Open::Sqlite(sqlite) => sqlite.steps(query),
        };
        match steps {
            Ok(steps) => steps_in_time(steps, trouble, *patience),
            Err(error) => stream::once(future::err(error)).boxed(),
        }
    }

    fn fetch_optional<'e, 'q: 'e, Q>(self, query: Q) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'c: 'e,
        Q: 'q + Execute<'q, Any>,
    {
        let Statements { open, trouble, patience } = self;
        let row = match open {
            Open::Postgres(open) => (**open).fetch_optional(query),
            Open::Sqlite(sqlite) => sqlite.row(query).boxed(),
        };
        row_in_time(row, trouble, *patience).boxed()
    }

    fn prepare_with<'e>(self, sql: SqlStr, types: &'e [AnyTypeInfo]) -> BoxFuture<'e, Result<AnyStatement, Error>>
    where
        'c: 'e,
    {
        let prepared = async move {
            match &mut self.open {
                Open::Postgres(open) => in_time(self.patience, (**open).prepare_with(sql, types)).await,
                Open::Sqlite(sqlite) => in_time(self.patience, sqlite.connection.get()?.prepare_with(sql, types)).await,
            }
        };
        prepared.boxed()
    }
}

/// What runs several statements that read, one after the other.
pub(super) enum Source<'a> {
    Pool(Patient<'a>),
    Open(&'a mut Statements),
}

impl Source<'_> {
    pub(super) async fn fetch_optional(
        &mut self,
        query: Query<'_, Any, AnyArguments>,
    ) -> Result<Option<AnyRow>, Error> {
        match self {
            Self::Pool(pool) => query.fetch_optional(*pool).await,
            Self::Open(open) => query.fetch_optional(&mut **open).await,
        }
    }
}
