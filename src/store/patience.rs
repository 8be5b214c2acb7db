//! Every statement ends in time: a server that is frozen, or gone without a word, must hold nobody for ever.
//!
//! sqlx waits for an answer as long as the connection stands, and a connection stands as long as nothing is sent over it.
//! So each statement, in a transaction or not, has a time-out here, and how it ended is noted as a sign of the database's
//! health. What was sent may still happen after we stop waiting: whoever wrote reads again before writing on.

use super::durable::Log;
use super::engine::flush;
use super::joined::Joined;
use super::outage::Trouble;
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use sqlx::any::{AnyArguments, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AnyPool, Either, Error, Execute, Executor, SqlStr, Transaction};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Longest wait for an answer; above SQLite's wait for its lock and PostgreSQL's own limits, whose errors say more.
const ANSWER: Duration = Duration::from_secs(10);

/// A pool whose statements end in time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patient<'p> {
    pool: &'p AnyPool,
    trouble: &'p Trouble,
}

impl<'p> Patient<'p> {
    pub(super) const fn new(pool: &'p AnyPool, trouble: &'p Trouble) -> Self {
        Self { pool, trouble }
    }
}

/// A transaction that may write; dropped without [`Tx::commit`], it leaves nothing.
pub(super) struct Tx {
    statements: Statements,
    log: Option<Arc<Log>>,
}

/// What runs a transaction's statements.
#[derive(Debug)]
pub(super) struct Statements {
    open: Transaction<'static, Any>,
    /// Where statements are worth sending together: those that go before the next one.
    waiting: Option<Joined>,
    trouble: Trouble,
    patience: Duration,
}

impl Tx {
    /// Waits for a transaction that is beginning; `log`, which SQLite has, is flushed at its end.
    pub(super) async fn begun(
        beginning: impl Future<Output = Result<Transaction<'static, Any>, Error>>,
        log: Option<&Arc<Log>>,
        trouble: &Trouble,
    ) -> Result<Self, Error> {
        let begun = in_time(ANSWER, beginning).await;
        trouble.note(&begun, false);
        let waiting = log.map(|_| Joined::default());
        let statements = Statements { open: begun?, waiting, trouble: trouble.clone(), patience: ANSWER };
        Ok(Self { statements, log: log.cloned() })
    }

    /// For statements that take as long as the tables are.
    pub(super) fn unhurried(mut self) -> Self {
        const PATIENCE: Duration = Duration::from_secs(3_600);
        self.statements.patience = PATIENCE;
        self
    }

    /// For what does no harm when a power cut takes it back, as a lease: its commit waits for no flush.
    pub(super) fn unflushed(self) -> Self {
        Self { log: None, ..self }
    }

    /// Runs a statement whose outcome is nothing to go by, at the latest with the next one or at the end. Its error is that of
    /// whatever sends it. Gives how many rows it changed where it ran at once.
    pub(super) async fn later(&mut self, query: Query<'_, Any, AnyArguments>) -> Result<Option<u64>, Error> {
        match &mut self.statements.waiting {
            Some(waiting) => waiting.push(query).map(|()| None),
            None => Ok(Some(query.execute(&mut self.statements).await?.rows_affected())),
        }
    }

    /// Sends what waits. After an error, as after that of any statement, the transaction is to be dropped.
    pub(super) async fn send(&mut self) -> Result<(), Error> {
        self.statements.send_waiting().await
    }

    /// Ends it; returns once all of it is on disk. After an error it is not known whether it was written.
    pub(super) async fn commit(mut self) -> Result<(), Error> {
        self.send().await?;
        let Statements { open, trouble, patience, .. } = self.statements;
        let mut written = pin!(async {
            open.commit().await?;
            flush(self.log.as_deref()).await
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

impl Statements {
    /// Sends what waits for the next statement.
    async fn send_waiting(&mut self) -> Result<(), Error> {
        let Self { open, waiting, trouble, patience } = self;
        let Some(waiting) = waiting.as_mut().filter(|waiting| !waiting.is_empty()) else { return Ok(()) };
        let ended = in_time(*patience, waiting.send(connection(open))).await;
        trouble.note(&ended, false);
        ended
    }
}

type Step = Either<AnyQueryResult, AnyRow>;

impl<'c> Executor<'c> for Patient<'c> {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, Q>(self, query: Q) -> BoxStream<'e, Result<Step, Error>>
    where
        'c: 'e,
        Q: 'q + Execute<'q, Any>,
    {
        steps_in_time(self.pool.fetch_many(query), self.trouble, ANSWER)
    }

    fn fetch_optional<'e, 'q: 'e, Q>(self, query: Q) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'c: 'e,
        Q: 'q + Execute<'q, Any>,
    {
        row_in_time(self.pool.fetch_optional(query), self.trouble, ANSWER).boxed()
    }

    fn prepare_with<'e>(self, sql: SqlStr, types: &'e [AnyTypeInfo]) -> BoxFuture<'e, Result<AnyStatement, Error>>
    where
        'c: 'e,
    {
        in_time(ANSWER, self.pool.prepare_with(sql, types)).boxed()
    }
}

impl<'c> Executor<'c> for &'c mut Statements {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, Q>(self, query: Q) -> BoxStream<'e, Result<Step, Error>>
    where
        'c: 'e,
        Q: 'q + Execute<'q, Any>,
    {
        let steps = async move {
            self.send_waiting().await?;
            let Statements { open, trouble, patience, .. } = self;
            Ok::<_, Error>(steps_in_time(connection(open).fetch_many(query), trouble, *patience))
        };
        stream::once(steps).try_flatten().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, Q>(self, query: Q) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'c: 'e,
        Q: 'q + Execute<'q, Any>,
    {
        let row = async move {
            self.send_waiting().await?;
            let Statements { open, trouble, patience, .. } = self;
            row_in_time(connection(open).fetch_optional(query), trouble, *patience).await
        };
        row.boxed()
    }

    fn prepare_with<'e>(self, sql: SqlStr, types: &'e [AnyTypeInfo]) -> BoxFuture<'e, Result<AnyStatement, Error>>
    where
        'c: 'e,
    {
        let prepared = async move {
            self.send_waiting().await?;
            in_time(self.patience, connection(&mut self.open).prepare_with(sql, types)).await
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

fn connection<'c>(open: &'c mut Transaction<'static, Any>) -> &'c mut AnyConnection {
    open
}

/// A statement's row. Until it is noted how it ended the connection is not given back: what it came to decides what it is
/// asked there.
async fn row_in_time(
    mut fetched: BoxFuture<'_, Result<Option<AnyRow>, Error>>,
    trouble: &Trouble,
    patience: Duration,
) -> Result<Option<AnyRow>, Error> {
    let ended = in_time(patience, &mut fetched).await;
    trouble.note(&ended, false);
    ended
}

/// A statement's rows, and an error in place of those that come too late.
fn steps_in_time<'e>(
    mut steps: BoxStream<'e, Result<Step, Error>>,
    trouble: &'e Trouble,
    patience: Duration,
) -> BoxStream<'e, Result<Step, Error>> {
    let mut late = Box::pin(sleep(patience));
    let next = stream::poll_fn(move |context| {
        let step = match steps.poll_next_unpin(context) {
            Poll::Pending => late.as_mut().poll(context).map(|()| Some(Err(too_late(patience)))),
            ready => ready,
        };
        if let Poll::Ready(Some(ended)) = &step {
            trouble.note(ended, false);
        }
        step
    });
    next.boxed()
}

/// What it gives, or an error when that takes too long.
pub(super) async fn in_time<T>(patience: Duration, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(patience, work).await.unwrap_or_else(|_| Err(too_late(patience)))
}

fn too_late(patience: Duration) -> Error {
    let words = format!("no answer within {} s", patience.as_secs());
    Error::Io(io::Error::new(io::ErrorKind::TimedOut, words))
}
