//! PostgreSQL's call that another process has left a notice, so that nobody waits for the next poll.
//!
//! A call carries no state: it names who wrote, so that a process is not called by itself. It follows the commit and
//! answers for all that were made meanwhile. `NOTIFY` inside the recording transaction was refused: it holds a lock of
//! the whole cluster while the commit is flushed, so that commits wait for each other (a sixth of them a second, at 16
//! connections). A call that gets lost, as when a process is killed in between, costs the time to the next poll.

use super::Store;
use super::engine::Engine;
use super::error::StoreError;
use sqlx::postgres::PgListener;
use std::io::{Error, ErrorKind};
use std::sync::Arc;

/// Where processes call each other.
const CHANNEL: &str = "padlock";
const CALL: &str = "select cast(pg_notify($1, $2) as text)";

/// A connection that is called.
pub struct Calls {
    listener: PgListener,
    own: Arc<str>,
}

impl Store {
    /// Begins to listen. None on SQLite, which calls nobody: the processes beside this one are command lines.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn calls(&self) -> Result<Option<Calls>, StoreError> {
        match self.database.engine() {
            Engine::Sqlite => Ok(None),
            Engine::Postgres => {
                let mut listener = PgListener::connect(self.database.url()).await?;
                // Whoever listens is told of a lost connection, and begins anew.
                listener.eager_reconnect(false);
                listener.listen(CHANNEL).await?;
                Ok(Some(Calls { listener, own: Arc::clone(&self.origin) }))
            }
        }
    }

    /// Waits until this process has written something since it was last asked, and calls the others.
    ///
    /// # Errors
    /// When the database can't be reached; the others find what was written by polling.
    pub async fn call(&self) -> Result<(), StoreError> {
        self.wrote.notified().await;
        if self.database.engine() == Engine::Postgres {
            sqlx::query(CALL).bind(CHANNEL).bind(&*self.origin).execute(self.database.writer()).await?;
        }
        Ok(())
    }
}

impl Calls {
    /// Until another process has left a notice.
    ///
    /// # Errors
    /// When the connection is gone: calls may have been missed.
    pub async fn next(&mut self) -> Result<(), StoreError> {
        loop {
            match self.listener.try_recv().await? {
                Some(call) if call.payload() == &*self.own => {}
                Some(_) => return Ok(()),
                None => return Err(sqlx::Error::Io(Error::from(ErrorKind::ConnectionAborted)).into()),
            }
        }
    }
}
