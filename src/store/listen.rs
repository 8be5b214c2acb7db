//! PostgreSQL's call when another process has left a notice, so that nobody waits for the next poll.
//!
//! `NOTIFY` is part of the transaction that records, and carries no state: it names who wrote, so that a process is not
//! called by itself. A call that gets lost costs the time to the next poll, and nothing else.

use super::Store;
use super::engine::Engine;
use super::error::StoreError;
use super::outbox::CHANNEL;
use sqlx::postgres::PgListener;
use std::io::{Error, ErrorKind};
use std::sync::Arc;

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
