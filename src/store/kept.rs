//! Connections to one SQLite file, which stay open.
//!
//! sqlx's pool asks each connection that comes back for a sign of life: a way to its thread and back, after each statement,
//! while others queue for it. A file does not drop connections, so that they are handed on unasked here, all but those in
//! doubt. One that does not answer is closed, and opened anew when it is wanted.

use super::patience::{SIGN_OF_LIFE, in_time};
use sqlx::{AnyConnection, Connection as _, Error, Executor as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Longest wait for a connection: every walk queues for the one that writes while domains come in by the hundred.
const ACQUIRE: Duration = Duration::from_secs(10);

/// Connections that are alike. Clones share them.
#[derive(Clone)]
pub(super) struct Kept(Arc<Inner>);

struct Inner {
    url: String,
    /// What each begins with.
    setup: &'static [&'static str],
    idle: Mutex<Vec<AnyConnection>>,
    places: Arc<Semaphore>,
}

/// One of them, until it is dropped.
pub(super) struct Held {
    connection: Option<AnyConnection>,
    doubted: bool,
    kept: Kept,
    place: Option<OwnedSemaphorePermit>,
}

impl Kept {
    /// So many at most; one is opened at once.
    pub(super) async fn open(url: &str, connections: usize, setup: &'static [&'static str]) -> Result<Self, Error> {
        let places = Arc::new(Semaphore::new(connections));
        let kept = Self(Arc::new(Inner { url: url.to_owned(), setup, idle: Mutex::default(), places }));
        drop(kept.acquire().await?);
        Ok(kept)
    }

    /// Waits for one.
    pub(super) async fn acquire(&self) -> Result<Held, Error> {
        let place = timeout(ACQUIRE, Arc::clone(&self.0.places).acquire_owned()).await;
        let place = place.map_err(|_| Error::PoolTimedOut)?.map_err(|_| Error::PoolClosed)?;
        // The one that was used last knows the most pages.
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        Ok(Held { connection: Some(connection), doubted: false, kept: self.clone(), place: Some(place) })
    }

    async fn connect(&self) -> Result<AnyConnection, Error> {
        let mut connection = AnyConnection::connect(&self.0.url).await?;
        for statements in self.0.setup {
            connection.execute(sqlx::raw_sql(*statements)).await?;
        }
        Ok(connection)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<AnyConnection>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    pub(super) fn get(&mut self) -> Result<&mut AnyConnection, Error> {
        self.connection.as_mut().ok_or(Error::PoolClosed)
    }

    /// Whether it may be at work still when it is dropped, in a transaction, or broken: then it keeps its place until it has
    /// ended what it does and taken back what was not committed.
    pub(super) const fn doubt(&mut self, doubted: bool) {
        self.doubted = doubted;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        if !self.doubted {
            self.kept.idle().push(connection);
            return;
        }
        let (Ok(runtime), kept, place) = (Handle::try_current(), self.kept.clone(), self.place.take()) else { return };
        runtime.spawn(async move {
            if is_fit(&mut connection).await {
                kept.idle().push(connection);
            }
            drop(place);
        });
    }
}

/// Whether a connection answers, and is in no transaction.
async fn is_fit(connection: &mut AnyConnection) -> bool {
    const NO_TRANSACTION: &str = "1";
    match in_time(SIGN_OF_LIFE, connection.execute("rollback")).await {
        Ok(_) => true,
        Err(error) => {
            error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == NO_TRANSACTION)
        }
    }
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    async fn marks(held: &mut Held) -> i64 {
        let count = sqlx::query_scalar("select count(*) from marks");
        count.fetch_one(held.get().unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn they_are_handed_on_and_what_was_not_committed_is_taken_back() {
        sqlx::any::install_default_drivers();
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("a.db").display());
        let kept = Kept::open(&url, 1, &["create temp table marks (n integer)"]).await.unwrap();
        let mut held = kept.acquire().await.unwrap();
        assert!(kept.acquire().now_or_never().is_none(), "there is one only");
        held.get().unwrap().execute("insert into marks values (1)").await.unwrap();
        drop(held);
        // It is the same one: another would have a table of its own.
        let mut held = kept.acquire().await.unwrap();
        assert_eq!(marks(&mut held).await, 1);
        held.get().unwrap().execute("begin; insert into marks values (2)").await.unwrap();
        held.doubt(true);
        drop(held);
        let mut held = kept.acquire().await.unwrap();
        assert_eq!(marks(&mut held).await, 1);
        // In doubt without a reason, it is handed on as well.
        held.doubt(true);
        drop(held);
        assert_eq!(marks(&mut kept.acquire().await.unwrap()).await, 1);
    }
}
