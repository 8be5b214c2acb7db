//! A transaction: all that is written in it or nothing.
//!
//! Each statement is a way to another thread and back, or to the server. So those that nobody reads anything from go together,
//! with the next one on SQLite, and before it on PostgreSQL. On SQLite so do the one that begins and the one that commits:
//! mostly two ways in all. On PostgreSQL nothing is begun before somebody reads: when nobody does, all of it is one statement,
//! which is a transaction by itself.

use super::durable::{Log, Writer};
use super::engine::Engine;
use super::joined::{Joined, Part, unguarded};
use super::kept::{Doubt, Held};
use super::outage::Trouble;
use super::patience::{ANSWER, Patient, Step, in_time, one_row, row_in_time, steps_in_time};
use futures::future::{self, BoxFuture, FutureExt as _, TryFutureExt as _};
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use sqlx::any::{AnyArguments, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::query::Query;
use sqlx::{Any, Error, Execute, Executor, SqlStr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// A transaction that may write; dropped without [`Tx::commit`], it leaves nothing.
pub(super) struct Tx {
    statements: Statements,
    flushed: bool,
}

/// What runs a transaction's statements, on a connection that is ours until this is dropped.
pub(super) struct Statements {
    engine: Engine,
    connection: Held,
    /// What goes with the next statement, or before it.
    waiting: Joined,
    /// SQLite's.
    log: Option<(Arc<Log>, Writer)>,
    trouble: Trouble,
    patience: Duration,
}

impl Tx {
    /// On a connection that writes. On SQLite it is the only one of its database; with the first statement it takes the write
    /// lock, so that it can't fail half-way.
    pub(super) fn on(engine: Engine, connection: Held, log: Option<(Arc<Log>, Writer)>) -> Result<Self, Error> {
        let mut waiting = Joined::on(engine);
        if engine == Engine::Sqlite {
            waiting.push(Part::of(sqlx::query("begin immediate"))?);
        }
        let trouble = connection.trouble().clone();
        let statements = Statements { engine, connection, waiting, log, trouble, patience: ANSWER };
        Ok(Self { statements, flushed: true })
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
    /// whatever sends it.
    pub(super) async fn later(&mut self, query: Query<'_, Any, AnyArguments>) -> Result<(), Error> {
        self.together([query]).await
    }

    /// The same for several, between which nobody else changes anything.
    pub(super) async fn together<const N: usize>(
        &mut self,
        queries: [Query<'_, Any, AnyArguments>; N],
    ) -> Result<(), Error> {
        let parts = queries.into_iter().map(Part::of).collect::<Result<Vec<_>, _>>()?;
        if !self.statements.waiting.takes(&parts) {
            self.send_waiting().await?;
        }
        parts.into_iter().for_each(|part| self.statements.waiting.push(part));
        Ok(())
    }

    /// Runs a statement that must change one row of this table: without it, at the latest what ends the transaction says
    /// [`Error::RowNotFound`], and nothing has happened.
    pub(super) async fn guard(&mut self, query: Query<'_, Any, AnyArguments>, table: &str) -> Result<(), Error> {
        match self.engine {
            Engine::Sqlite => match query.execute(&mut self.statements).await?.rows_affected() {
                1 => Ok(()),
                _ => Err(Error::RowNotFound),
            },
            Engine::Postgres => {
                self.send_waiting().await?;
                self.statements.waiting.guard(Part::of(query)?, table);
                Ok(())
            }
        }
    }

    /// A row that what waits changes nothing about: it is asked for without sending that.
    pub(super) async fn row_beside(&mut self, query: Query<'_, Any, AnyArguments>) -> Result<Option<AnyRow>, Error> {
        let statements = &mut self.statements;
        if statements.engine == Engine::Sqlite || statements.connection.is_begun() {
            return query.fetch_optional(statements).await;
        }
        statements.connection.doubt(Doubt::Cut);
        let connection = statements.connection.get()?;
        let row = row_in_time(one_row(connection.fetch_many(query)), statements.trouble.clone(), statements.patience);
        let row = row.await?;
        statements.connection.doubt(Doubt::None);
        Ok(row)
    }

    async fn send_waiting(&mut self) -> Result<(), Error> {
        if self.statements.waiting.statements() > 0 {
            let waiting = self.statements.waiting.take();
            waiting.execute(&mut self.statements).await.map_err(unguarded)?;
        }
        Ok(())
    }

    /// Ends it; returns once all of it is on disk. After an error it is not known whether it was written.
    pub(super) async fn commit(self) -> Result<(), Error> {
        let Self { mut statements, flushed } = self;
        let (trouble, patience) = (statements.trouble.clone(), statements.patience);
        let mut written = pin!(async {
            statements.commit().await?;
            let log = statements.log.as_ref().map(|(log, _)| Arc::clone(log));
            // Others write while this one is flushed.
            drop(statements);
            match log.filter(|_| flushed) {
                Some(log) => log.flush().await.map_err(Error::Io),
                None => Ok(()),
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

impl Statements {
    /// A statement's rows, and how many it changed.
    fn steps<'e, 'q: 'e>(&'e mut self, query: impl Execute<'q, Any> + 'q) -> BoxStream<'e, Result<Step, Error>> {
        let steps = match self.engine {
            Engine::Sqlite => self.with_waiting(query),
            Engine::Postgres => Ok(self.after_waiting(query)),
        };
        steps.unwrap_or_else(|error| stream::once(future::err(error)).boxed())
    }

    /// What waits goes with it.
    fn with_waiting<'e, 'q: 'e>(
        &'e mut self,
        query: impl Execute<'q, Any> + 'q,
    ) -> Result<BoxStream<'e, Result<Step, Error>>, Error> {
        let before = self.waiting.statements();
        self.waiting.push(Part::of(query)?);
        let query = self.waiting.take();
        self.connection.doubt(Doubt::Begun);
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

    /// What waits goes before it.
    fn after_waiting<'e, 'q: 'e>(
        &'e mut self,
        query: impl Execute<'q, Any> + 'q,
    ) -> BoxStream<'e, Result<Step, Error>> {
        let before = (self.waiting.statements() > 0).then(|| self.waiting.take());
        let begin = !self.connection.is_begun();
        self.connection.doubt(Doubt::Begun);
        let steps = async move {
            let connection = self.connection.get()?;
            if begin {
                connection.execute("begin").await?;
            }
            if let Some(before) = before {
                connection.execute(before).await.map_err(unguarded)?;
            }
            Ok(connection.fetch_many(query))
        };
        steps.try_flatten_stream().boxed()
    }

    async fn row<'q>(&mut self, query: impl Execute<'q, Any> + 'q) -> Result<Option<AnyRow>, Error> {
        let mut steps = self.steps(query);
        while let Some(step) = steps.try_next().await? {
            if let Some(row) = step.right() {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    async fn commit(&mut self) -> Result<(), Error> {
        let (nothing_yet, waiting) = (!self.connection.is_begun(), self.waiting.statements());
        match (self.engine, nothing_yet) {
            // Nothing was asked for.
            (Engine::Sqlite, true) if waiting == 1 => return Ok(()),
            (Engine::Postgres, true) if waiting == 0 => return Ok(()),
            (Engine::Sqlite, _) => self.steps(sqlx::query("commit")).try_for_each(|_| future::ok(())).await?,
            (Engine::Postgres, true) => {
                let all = self.waiting.take();
                self.connection.doubt(Doubt::Cut);
                self.connection.get()?.execute(all).await.map_err(unguarded)?;
            }
            (Engine::Postgres, false) => self.steps(sqlx::raw_sql("commit")).try_for_each(|_| future::ok(())).await?,
        }
        self.connection.doubt(Doubt::None);
        Ok(())
    }
}

impl<'c> Executor<'c> for &'c mut Statements {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, Q>(self, query: Q) -> BoxStream<'e, Result<Step, Error>>
    where
        'c: 'e,
        Q: 'q + Execute<'q, Any>,
    {
        let (trouble, patience) = (self.trouble.clone(), self.patience);
        steps_in_time(self.steps(query), trouble, patience)
    }

    fn fetch_optional<'e, 'q: 'e, Q>(self, query: Q) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'c: 'e,
        Q: 'q + Execute<'q, Any>,
    {
        let (trouble, patience) = (self.trouble.clone(), self.patience);
        row_in_time(self.row(query), trouble, patience).boxed()
    }

    fn prepare_with<'e>(self, sql: SqlStr, types: &'e [AnyTypeInfo]) -> BoxFuture<'e, Result<AnyStatement, Error>>
    where
        'c: 'e,
    {
        let prepared = async move {
            let connection = self.connection.get()?;
            in_time(self.patience, connection.prepare_with(sql, types)).await
        };
        prepared.boxed()
    }
}

/// What runs several statements that read, one after the other.
pub(super) enum Source<'a> {
    Pool(Patient<'a>),
    Open(&'a mut Statements),
    /// See [`Tx::row_beside`].
    Beside(&'a mut Tx),
}

impl Source<'_> {
    pub(super) async fn fetch_optional(
        &mut self,
        query: Query<'_, Any, AnyArguments>,
    ) -> Result<Option<AnyRow>, Error> {
        match self {
            Self::Pool(pool) => query.fetch_optional(*pool).await,
            Self::Open(open) => query.fetch_optional(&mut **open).await,
            Self::Beside(tx) => tx.row_beside(query).await,
        }
    }
}
