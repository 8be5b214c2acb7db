//! Makes SQLite's commits outlast a power cut, many of them by one flush of the write-ahead log.
//!
//! SQLite would flush the log within each commit (`synchronous=full`), and every other writer would wait for the disk.
//! With `synchronous=normal` a commit is written and not flushed; it is flushed here, after the commit and before its
//! writer hears of it, which is the same promise. Whoever commits while a flush is under way shares the next one, and while
//! several more are about to commit a flush waits for them: it costs as much for one as for many.
//!
//! Somebody else may read a commit before it is flushed. That does no harm: the log is flushed in order, so that whatever
//! was written on top of a lost commit is lost with it, and nobody acts on the outside before a flush of their own.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

/// So many writers beside one are worth waiting for.
const SEVERAL: usize = 4;
/// A flush waits for them so long.
const GATHERED: Duration = Duration::from_millis(4);

/// The write-ahead log of one database.
pub(super) struct Log {
    path: PathBuf,
    /// Flushes that ever began.
    begun: AtomicU64,
    /// The number of the last one that succeeded; held while one is under way.
    done: Mutex<u64>,
    /// Who is about to commit.
    writers: AtomicUsize,
}

/// One who is about to commit, until it is dropped.
pub(super) struct Writer(Arc<Log>);

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.writers.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Log {
    /// The log beside a database file, which is there already: SQLite puts it where the file really is.
    pub(super) fn beside(database: PathBuf) -> io::Result<Self> {
        let mut path = database.canonicalize()?.into_os_string();
        path.push("-wal");
        Ok(Self { path: path.into(), begun: AtomicU64::new(0), done: Mutex::default(), writers: AtomicUsize::new(0) })
    }

    /// Somebody begins to write, and is about to commit.
    pub(super) fn writer(self: &Arc<Self>) -> Writer {
        self.writers.fetch_add(1, Ordering::Relaxed);
        Writer(Arc::clone(self))
    }

    /// Returns once everything that was committed before this call is on disk.
    pub(super) async fn flush(&self) -> io::Result<()> {
        let before = self.begun.load(Ordering::SeqCst);
        let mut done = self.done.lock().await;
        // One that began after our commit has it.
        if *done > before {
            return Ok(());
        }
        if self.writers.load(Ordering::Relaxed) >= SEVERAL {
            tokio::time::sleep(GATHERED).await;
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let path = self.path.clone();
        // Opened anew each time: a log that SQLite made anew meanwhile is another file.
        tokio::task::spawn_blocking(move || File::open(path)?.sync_data()).await.map_err(io::Error::other)??;
        *done = number;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;

    async fn log() -> (tempfile::TempDir, Log) {
        let folder = tempfile::TempDir::new().unwrap();
        let database = folder.path().join("a.db");
        std::fs::write(&database, "").unwrap();
        let log = Log::beside(database).unwrap();
        (folder, log)
    }

    #[tokio::test]
    async fn those_who_come_during_a_flush_share_the_next() {
        let (_folder, log) = log().await;
        std::fs::write(&log.path, "").unwrap();
        log.flush().await.unwrap();
        assert_eq!(log.begun.load(Ordering::SeqCst), 1, "a flush that was over before counts for nobody");
        let outcomes = join_all((0..100).map(|_| log.flush())).await;
        assert!(outcomes.iter().all(Result::is_ok));
        // The first one's was under way when the others came.
        assert_eq!(log.begun.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn a_flush_waits_for_those_who_are_about_to_commit() {
        let (_folder, log) = log().await;
        std::fs::write(&log.path, "").unwrap();
        let log = Arc::new(log);
        let writers: Vec<_> = (0..SEVERAL).map(|_| log.writer()).collect();
        let (first, second) = tokio::join!(log.flush(), log.flush());
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(log.begun.load(Ordering::SeqCst), 1, "one for both");
        drop(writers);
        assert_eq!(log.writers.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_log_that_cannot_be_flushed_is_an_error_for_everyone() {
        let (_folder, log) = log().await;
        let outcomes = join_all((0..3).map(|_| log.flush())).await;
        assert!(outcomes.iter().all(Result::is_err));
    }
}
