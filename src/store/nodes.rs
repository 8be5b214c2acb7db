//! The processes that run on this database: each says every few seconds that it is alive, and where its edge is reached.
//!
//! A row here is no lease, and nobody's work depends on it: it tells workers which edges to ask, and operators what runs.

use super::Store;
use super::error::StoreError;
use super::row::readable;
use crate::domain::time::{Millis, SECOND_MS};
use sqlx::Row as _;
use std::net::SocketAddr;

/// A process that has been silent for longer counts as gone: three of its words were not heard.
const SILENT_MS: i64 = 15 * SECOND_MS;
/// More are never listed: an installation has a handful.
const LISTED_ROWS: i64 = 200;

const BEAT: &str = "insert into nodes (id, name, version, roles, edge, started_at, seen_at) \
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do update set seen_at = excluded.seen_at";
const LEAVE: &str = "delete from nodes where id = $1";
const FORGET: &str = "delete from nodes where seen_at <= $1";
const LIVE: &str = "select id, name, version, roles, edge, started_at, seen_at from nodes where seen_at > $1 \
    order by name, started_at, id limit $2";

/// One process, as the others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its machine's name.
    pub name: String,
    /// Its version of Padlock.
    pub version: String,
    /// The parts that it runs, comma-separated.
    pub roles: String,
    /// Where other nodes reach its edge over TLS, when they know.
    pub edge: Option<SocketAddr>,
    /// Since when it runs.
    pub started_at: Millis,
    /// When it was last heard.
    pub seen_at: Millis,
    /// Whether it is this process.
    pub own: bool,
}

impl Node {
    /// Whether it serves visitors.
    #[must_use]
    pub fn is_edge(&self) -> bool {
        self.roles.split(',').any(|role| role == "edge")
    }
}

impl Store {
    /// Says that this process is alive.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn beat(&self, node: &Node, now: Millis) -> Result<(), StoreError> {
        sqlx::query(BEAT)
            .bind(&*self.origin)
            .bind(node.name.as_str())
            .bind(node.version.as_str())
            .bind(node.roles.as_str())
            .bind(node.edge.map(|address| address.to_string()))
            .bind(node.started_at.0)
            .bind(now.0)
            .execute(self.database.writer())
            .await?;
        Ok(())
    }

    /// Says that this process ends.
    ///
    /// # Errors
    /// When the database fails; the others notice by themselves.
    pub async fn leave(&self) -> Result<(), StoreError> {
        sqlx::query(LEAVE).bind(&*self.origin).execute(self.database.writer()).await?;
        Ok(())
    }

    /// Clears the rows of processes that ended without a word.
    pub(super) async fn forget_silent(&self, now: Millis) -> Result<(), StoreError> {
        sqlx::query(FORGET).bind(now.plus(-SILENT_MS).0).execute(self.database.writer()).await?;
        Ok(())
    }

    /// The processes that are alive.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn nodes(&self, now: Millis) -> Result<Vec<Node>, StoreError> {
        let rows =
            sqlx::query(LIVE).bind(now.plus(-SILENT_MS).0).bind(LISTED_ROWS).fetch_all(self.database.reader()).await?;
        Ok(readable(&rows, |row| {
            let edge: Option<String> = row.try_get("edge")?;
            Ok(Node {
                name: row.try_get("name")?,
                version: row.try_get("version")?,
                roles: row.try_get("roles")?,
                edge: edge.and_then(|address| address.parse().ok()),
                started_at: Millis(row.try_get("started_at")?),
                seen_at: Millis(row.try_get("seen_at")?),
                own: row.try_get::<String, _>("id")? == *self.origin,
            })
        }))
    }
}
