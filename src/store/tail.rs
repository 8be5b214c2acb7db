//! Reading other processes' notices: each is told once and none is passed over, whatever clocks say and however late a
//! commit comes.
//!
//! A notice's position is the number of its transaction on PostgreSQL, and of its row on SQLite, where writers stand in
//! line. Every reading is told a floor by the same snapshot: below it no transaction is open any more, so that the next
//! reading begins there. What lies above may be read again, and is told once.

use super::Store;
use super::error::StoreError;
use super::outbox::read;
use super::row::readable;
use crate::domain::time::Millis;
use sqlx::Row as _;
use std::collections::HashMap;

/// Notices of one statement; a longer burst takes several.
const POLLED_ROWS: i64 = 5_000;
/// A transaction that stays open while so many others are made is not waited for: by then the server has ended it.
const OPEN_FOR: i64 = 100_000;

macro_rules! floor_sqlite {
    () => {
        "select coalesce(max(position), 0) + 1 as floor from outbox"
    };
}

macro_rules! floor_postgres {
    () => {
        "select cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint) as floor"
    };
}

// The outer join gives the floor when there is nothing else to tell.
macro_rules! poll {
    ($floor:expr) => {
        concat!(
            "select here.floor, outbox.position, outbox.id, outbox.domain, outbox.customer, outbox.payload from (",
            $floor,
            ") here left join outbox on (outbox.position, outbox.id) > ($1, $2) and outbox.origin <> $3 \
             order by outbox.position, outbox.id limit $4"
        )
    };
}
const FLOOR_SQLITE: &str = floor_sqlite!();
const FLOOR_POSTGRES: &str = floor_postgres!();
/// On SQLite and on PostgreSQL.
pub(super) const POLL: [&str; 2] = [poll!(floor_sqlite!()), poll!(floor_postgres!())];

/// How far one process has read other processes' notices.
#[derive(Debug)]
pub struct Tail {
    from: i64,
    read_at: Millis,
    /// Notices above the floor that were told already, with their positions.
    told: HashMap<String, i64>,
}

/// What came of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relayed {
    /// So many notices were told.
    Told(usize),
    /// This process was away for so long that notices may be gone: the tables have to be read again.
    Missed,
}

impl Store {
    /// Where notices begin for a process that reads the tables after this.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tail(&self, now: Millis) -> Result<Tail, StoreError> {
        let statement = self.database.pick(FLOOR_SQLITE, FLOOR_POSTGRES);
        let from = sqlx::query_scalar(statement).fetch_one(self.database.reader()).await?;
        Ok(Tail { from, read_at: now, told: HashMap::new() })
    }

    /// Tells this process's listeners what other processes changed since the last call.
    ///
    /// # Errors
    /// When the database fails; the next call then starts where this one did.
    pub async fn relay(&self, tail: &mut Tail, now: Millis) -> Result<Relayed, StoreError> {
        let mut key = (tail.from, String::new());
        let (mut floor, mut fresh) = (None, 0);
        loop {
            let rows = sqlx::query(self.database.pick(POLL[0], POLL[1]))
                .bind(key.0)
                .bind(key.1)
                .bind(&*self.origin)
                .bind(POLLED_ROWS)
                .fetch_all(self.database.reader())
                .await?;
            let Some((first, last)) = rows.first().zip(rows.last()) else { break };
            // The first page's: what was committed since lies above it.
            if floor.is_none() {
                floor = Some(first.try_get::<i64, _>("floor")?);
            }
            let Some(position) = last.try_get::<Option<i64>, _>("position")? else { break };
            for (id, at, changed) in
                readable(&rows, |row| Ok((row.try_get("id")?, row.try_get("position")?, read(row)?)))
            {
                if tail.told.insert(id, at).is_none() {
                    fresh += 1;
                    // No listener is no error: roles that listen may run elsewhere.
                    let _ = self.notices.send(changed);
                }
            }
            key = (position, last.try_get("id")?);
            if (rows.len() as i64) < POLLED_ROWS {
                break;
            }
        }
        tail.from = tail.from.max(floor.unwrap_or(0)).max(key.0 - OPEN_FOR);
        tail.told.retain(|_, position| *position >= tail.from);
        let away = now.since(std::mem::replace(&mut tail.read_at, now));
        Ok(if away > super::outbox::KEPT_MS / 2 { Relayed::Missed } else { Relayed::Told(fresh) })
    }
}
