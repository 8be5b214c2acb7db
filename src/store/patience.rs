//! Every statement ends in time: a server that is frozen, or gone without a word, must hold nobody for ever.
//!
//! sqlx waits for an answer as long as the connection stands, and a connection stands as long as nothing is sent over it.
//! So each statement, in a transaction or not, has a time-out here, and how it ended is noted as a sign of the database's
//! health. What was sent may still happen after we stop waiting: whoever wrote reads again before writing on.

use super::kept::Kept;
use super::outage::Trouble;
use futures::future::{BoxFuture, FutureExt as _, TryFutureExt as _};
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use sqlx::any::{AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::{Any, Either, Error, Execute, Executor, SqlStr};
use std::io;
use std::task::Poll;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Longest wait for an answer; above SQLite's wait for its lock and PostgreSQL's own limits, whose errors say more.
pub(super) const ANSWER: Duration = Duration::from_secs(10);
/// Longest wait for a sign of life from a connection in doubt.
pub(super) const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// Connections whose statements end in time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patient<'p>(pub(super) &'p Kept);

pub(super) type Step = Either<AnyQueryResult, AnyRow>;

impl<'c> Executor<'c> for Patient<'c> {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, Q>(self, query: Q) -> BoxStream<'e, Result<Step, Error>>
    where
        'c: 'e,
        Q: 'q + Execute<'q, Any>,
    {
        // All of them are read before the first is looked at: whoever asks wants them all.
        let all = self.0.on(async |connection| connection.fetch_many(query).try_collect::<Vec<Step>>().await);
        let steps = all.map_ok(|steps| stream::iter(steps.into_iter().map(Ok))).try_flatten_stream();
        steps_in_time(steps.boxed(), self.0.trouble().clone(), ANSWER)
    }

    fn fetch_optional<'e, 'q: 'e, Q>(self, query: Q) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'c: 'e,
        Q: 'q + Execute<'q, Any>,
    {
        let row = self.0.on(async |connection| one_row(connection.fetch_many(query)).await);
        row_in_time(row, self.0.trouble().clone(), ANSWER).boxed()
    }

    fn prepare_with<'e>(self, sql: SqlStr, types: &'e [AnyTypeInfo]) -> BoxFuture<'e, Result<AnyStatement, Error>>
    where
        'c: 'e,
    {
        in_time(ANSWER, self.0.on(async |connection| connection.prepare_with(sql, types).await)).boxed()
    }
}

/// The first row, read to the end: an error may follow it, and would be the next statement's.
pub(super) async fn one_row(steps: BoxStream<'_, Result<Step, Error>>) -> Result<Option<AnyRow>, Error> {
    let steps: Vec<Step> = steps.try_collect().await?;
    Ok(steps.into_iter().find_map(Step::right))
}

/// A statement's row.
pub(super) async fn row_in_time(
    fetched: impl Future<Output = Result<Option<AnyRow>, Error>>,
    trouble: Trouble,
    patience: Duration,
) -> Result<Option<AnyRow>, Error> {
    let ended = in_time(patience, fetched).await;
    trouble.note(&ended, false);
    ended
}

/// A statement's rows, and an error in place of those that come too late.
pub(super) fn steps_in_time<'e>(
    mut steps: BoxStream<'e, Result<Step, Error>>,
    trouble: Trouble,
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
