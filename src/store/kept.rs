//! Connections to the database, which stay open.
//!
//! sqlx's pool asks each connection for a sign of life when it comes back and again when it goes out: ways to a file's thread
//! or to a server, before and after each statement, while others queue for it. Here those that were used just now are handed
//! on unasked, as long as nothing speaks against it. One that does not answer is closed, and opened anew when it is wanted.

use super::outage::{Outage, Trouble};
use super::patience::{SIGN_OF_LIFE, in_time};
use sqlx::{AnyConnection, Connection as _, Error, Executor as _};
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};

/// Between two tries to open one.
const TRY_AGAIN: Duration = Duration::from_millis(100);

/// Connections that are alike. Clones share them.
#[derive(Clone)]
pub(super) struct Kept(Arc<Inner>);

/// How they are kept.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    /// What each begins with.
    pub(super) setup: &'static [&'static str],
    /// So many at most.
    pub(super) connections: usize,
    /// Longest wait for one, a new one too.
    pub(super) acquire: Duration,
    /// One that was used within this time is handed on unasked, unless the database is in trouble.
    pub(super) trust: Duration,
    /// One that is older, or that nobody needed for so long, is closed when another comes back, with all that it gathered.
    pub(super) age: Duration,
}

struct Inner {
    url: Arc<str>,
    terms: Terms,
    trouble: Trouble,
    idle: Mutex<Vec<Open>>,
    places: Arc<Semaphore>,
}

struct Open {
    connection: AnyConnection,
    began: Instant,
    used: Instant,
}

/// One of them, until it is dropped.
pub(super) struct Held {
    open: Option<Open>,
    doubt: Doubt,
    kept: Kept,
    place: Option<OwnedSemaphorePermit>,
}

/// In what state a connection may be when it is dropped. In doubt it keeps its place until it has ended what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It waits for the next statement.
    None,
    /// At work still, or broken.
    Cut,
    /// In a transaction besides, which is taken back.
    Begun,
}

impl Kept {
    /// Opens one at once.
    pub(super) async fn open(url: &Arc<str>, terms: Terms, trouble: &Trouble) -> Result<Self, Error> {
        let places = Arc::new(Semaphore::new(terms.connections));
        let inner = Inner { url: Arc::clone(url), terms, trouble: trouble.clone(), idle: Mutex::default(), places };
        let kept = Self(Arc::new(inner));
        drop(kept.acquire().await?);
        Ok(kept)
    }

    /// What this process last saw of their database.
    pub(super) fn trouble(&self) -> &Trouble {
        &self.0.trouble
    }

    /// Waits for one.
    pub(super) async fn acquire(&self) -> Result<Held, Error> {
        let mut refused = None;
        let ended = timeout(self.0.terms.acquire, self.next(&mut refused)).await;
        ended.unwrap_or_else(|_| Err(refused.unwrap_or(Error::PoolTimedOut)))
    }

    /// Works on one of them; one on which work was cut short, or that may be broken, is in doubt.
    pub(super) async fn on<T>(
        &self,
        work: impl AsyncFnOnce(&mut AnyConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut held = self.acquire().await?;
        held.doubt(Doubt::Cut);
        let ended = work(held.get()?).await;
        if ended.as_ref().err().is_none_or(is_about_the_statement) {
            held.doubt(Doubt::None);
        }
        ended
    }

    async fn next(&self, refused: &mut Option<Error>) -> Result<Held, Error> {
        let place = Arc::clone(&self.0.places).acquire_owned().await.map_err(|_| Error::PoolClosed)?;
        let open = match self.fit().await {
            Some(open) => open,
            None => self.connect(refused).await?,
        };
        Ok(Held { open: Some(open), doubt: Doubt::None, kept: self.clone(), place: Some(place) })
    }

    /// The one that was used last: it knows the most pages, and is the least in doubt. After one that does not answer no other
    /// is asked: a server that went away without a word keeps each one waiting.
    async fn fit(&self) -> Option<Open> {
        let trust = self.0.terms.trust;
        let mut open = self.idle().pop()?;
        let trusted = trust == Duration::MAX || open.used.elapsed() <= trust && self.trouble().now().is_none();
        (trusted || is_fit(&mut open.connection, Doubt::Cut).await).then_some(open)
    }

    /// A server that is just starting is tried until the wait is over; then what it said last is the reason.
    async fn connect(&self, refused: &mut Option<Error>) -> Result<Open, Error> {
        loop {
            match self.connect_once().await {
                Err(error) if comes_up(&error) => *refused = Some(error),
                connected => return connected,
            }
            sleep(TRY_AGAIN).await;
        }
    }

    async fn connect_once(&self) -> Result<Open, Error> {
        let mut connection = AnyConnection::connect(&self.0.url).await?;
        for statements in self.0.terms.setup {
            connection.execute(sqlx::raw_sql(*statements)).await?;
        }
        let now = Instant::now();
        Ok(Open { connection, began: now, used: now })
    }

    fn give_back(&self, open: Open) {
        let (now, age) = (Instant::now(), self.0.terms.age);
        let mut idle = self.idle();
        idle.push(Open { used: now, ..open });
        idle.retain(|open| now.duration_since(open.began) <= age && now.duration_since(open.used) <= age);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Open>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    pub(super) fn get(&mut self) -> Result<&mut AnyConnection, Error> {
        self.open.as_mut().map(|open| &mut open.connection).ok_or(Error::PoolClosed)
    }

    /// Whether a transaction was begun on it.
    pub(super) fn is_begun(&self) -> bool {
        self.doubt == Doubt::Begun
    }

    pub(super) fn trouble(&self) -> &Trouble {
        self.kept.trouble()
    }

    /// What it would leave behind if it were dropped now.
    pub(super) const fn doubt(&mut self, doubt: Doubt) {
        self.doubt = doubt;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        if self.doubt == Doubt::None {
            self.kept.give_back(open);
            return;
        }
        let (Ok(runtime), kept, place) = (Handle::try_current(), self.kept.clone(), self.place.take()) else { return };
        let doubt = self.doubt;
        runtime.spawn(async move {
            if is_fit(&mut open.connection, doubt).await {
                kept.give_back(open);
            }
            drop(place);
        });
    }
}

/// Whether a server says that it will be there soon: nobody listens yet, or it begins or ends, or has no room for one more.
fn comes_up(error: &Error) -> bool {
    const SOON: [&str; 2] = ["57P03", "53300"];
    match error {
        Error::Io(error) => error.kind() == ErrorKind::ConnectionRefused,
        Error::Database(error) => error.code().is_some_and(|code| SOON.contains(&&*code)),
        _ => false,
    }
}

/// Whether a connection is as good as before: an error about the statement says nothing about it, one about the database does.
fn is_about_the_statement(error: &Error) -> bool {
    error.as_database_error().is_some() && Outage::of(error).is_none()
}

/// Whether a connection answers, and is in no transaction.
async fn is_fit(connection: &mut AnyConnection, doubt: Doubt) -> bool {
    /// SQLite's error for having none.
    const NO_TRANSACTION: &str = "1";
    let asked = match doubt {
        Doubt::Begun => in_time(SIGN_OF_LIFE, connection.execute("rollback")).await.map(drop),
        Doubt::None | Doubt::Cut => in_time(SIGN_OF_LIFE, connection.ping()).await,
    };
    match asked {
        Ok(()) => true,
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

    const TERMS: Terms = Terms {
        setup: &["create temp table marks (n integer)"],
        connections: 1,
        acquire: Duration::from_secs(10),
        trust: Duration::MAX,
        age: Duration::MAX,
    };

    async fn marks(held: &mut Held) -> i64 {
        let count = sqlx::query_scalar("select count(*) from marks");
        count.fetch_one(held.get().unwrap()).await.unwrap()
    }

    async fn mark(held: &mut Held) {
        held.get().unwrap().execute("insert into marks values (1)").await.unwrap();
    }

    async fn kept(terms: Terms) -> (tempfile::TempDir, Kept) {
        sqlx::any::install_default_drivers();
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("a.db").display());
        let kept = Kept::open(&url.into(), terms, &Trouble::default()).await.unwrap();
        (folder, kept)
    }

    #[tokio::test]
    async fn they_are_handed_on_and_what_was_not_committed_is_taken_back() {
        let (_folder, kept) = kept(TERMS).await;
        let mut held = kept.acquire().await.unwrap();
        assert!(kept.acquire().now_or_never().is_none(), "there is one only");
        mark(&mut held).await;
        drop(held);
        // It is the same one: another would have a table of its own.
        let mut held = kept.acquire().await.unwrap();
        assert_eq!(marks(&mut held).await, 1);
        held.doubt(Doubt::Begun);
        held.get().unwrap().execute("begin").await.unwrap();
        mark(&mut held).await;
        drop(held);
        let mut held = kept.acquire().await.unwrap();
        assert_eq!(marks(&mut held).await, 1);
        // In doubt without a reason, it is handed on as well.
        for doubt in [Doubt::Begun, Doubt::Cut] {
            held.doubt(doubt);
            drop(held);
            held = kept.acquire().await.unwrap();
            assert_eq!(marks(&mut held).await, 1);
        }
    }

    #[tokio::test]
    async fn one_that_is_older_is_opened_anew() {
        for (age, marked) in [(Duration::MAX, 1), (Duration::ZERO, 0)] {
            let (_folder, kept) = kept(Terms { trust: Duration::ZERO, age, ..TERMS }).await;
            let mut held = kept.acquire().await.unwrap();
            mark(&mut held).await;
            drop(held);
            assert_eq!(marks(&mut kept.acquire().await.unwrap()).await, marked);
        }
    }
}
