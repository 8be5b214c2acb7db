//! The accept loop, with a place taken before a connection is, and the tasks that connections run in.

use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// First wait after a failed accept (out of file descriptors, mostly); doubled up to the longest.
const FIRST_BACKOFF_MS: u64 = 5;
/// Long enough to let connections end, short enough not to be noticed as an outage.
const LONGEST_BACKOFF_MS: u64 = 500;

/// A place under the connection cap; a tunnel keeps it after its connection's task has ended.
pub(super) type Place = Arc<OwnedSemaphorePermit>;

/// Hands connections to `connection`, each in a task of its own, until shutdown.
pub(super) async fn accept<F>(
    listener: TcpListener,
    places: usize,
    tasks: &Tasks,
    connection: impl Fn(TcpStream, SocketAddr, Place) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(places));
    let mut backoff_ms = FIRST_BACKOFF_MS;
    while let Some(Ok(place)) = tasks.until_shutdown(Arc::clone(&places).acquire_owned()).await {
        match tasks.until_shutdown(listener.accept()).await {
            None => break,
            Some(Ok((stream, peer))) => {
                backoff_ms = FIRST_BACKOFF_MS;
                // It only fails for a connection that is gone already, which its own task finds out.
                let _ = stream.set_nodelay(true);
                tasks.spawn(connection(stream, peer, Arc::new(place)));
            }
            Some(Err(problem)) if is_about_one_connection(&problem) => {}
            Some(Err(problem)) => {
                tracing::warn!(error = %problem, wait.ms = backoff_ms, "the edge could not accept a connection");
                tasks.until_shutdown(sleep(Duration::from_millis(backoff_ms))).await;
                backoff_ms = (backoff_ms * 2).min(LONGEST_BACKOFF_MS);
            }
        }
    }
}

fn is_about_one_connection(problem: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(problem.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Every task of the edge: told of the shutdown, given its time to finish, and waited for.
#[derive(Clone)]
pub(super) struct Tasks {
    running: TaskTracker,
    shutdown: CancellationToken,
    drain: Duration,
}

impl Tasks {
    pub(super) fn new(shutdown: CancellationToken, drain: Duration) -> Self {
        Self { running: TaskTracker::new(), shutdown, drain }
    }

    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.running.spawn(task);
    }

    /// The future's outcome, or `None` when shutdown came first.
    pub(super) async fn until_shutdown<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.shutdown.run_until_cancelled(future).await
    }

    /// Drives a connection or a tunnel to its end; after shutdown `stop` is called on it and it has the drain time left.
    pub(super) async fn drive<C, E>(&self, connection: C, stop: impl FnOnce(Pin<&mut C>))
    where
        C: Future<Output = Result<(), E>>,
        E: Display,
    {
        let mut connection = pin!(connection);
        let outcome = match self.until_shutdown(connection.as_mut()).await {
            Some(outcome) => outcome,
            None => {
                stop(connection.as_mut());
                timeout(self.drain, connection).await.unwrap_or(Ok(()))
            }
        };
        if let Err(problem) = outcome {
            tracing::debug!(error = %problem, "a connection ended early");
        }
    }

    /// Waits for all of them; each ends within the drain time once shutdown has come.
    pub(super) async fn finished(&self) {
        self.running.close();
        self.running.wait().await;
    }
}
