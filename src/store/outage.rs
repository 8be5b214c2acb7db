//! The database away, full or locked: told apart from our own mistakes, said once when it begins and once when it ends.

use sqlx::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A failed write counts against this node for so long, if nothing was written since: nobody may be trying any more.
const REMEMBERED: Duration = Duration::from_secs(30);

/// Why the database can't be used for now, though nothing is wrong with what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// No connection, or no answer in time.
    Away,
    /// There is no room left for what is written.
    Full,
    /// Somebody else holds a lock for longer than we wait.
    Locked,
    /// Its file can't be read or written.
    File,
}

impl Outage {
    /// The reason, in words for operators.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Away => "the database does not answer",
            Self::Full => "the database has no room left on its disk",
            Self::Locked => "the database is locked by another process",
            Self::File => "the database's file can't be read or written",
        }
    }

    /// What an error says about the database; none when it is about the statement.
    pub(super) fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Io(_)
            | Error::Tls(_)
            | Error::Protocol(_)
            | Error::PoolTimedOut
            | Error::PoolClosed
            | Error::WorkerCrashed => Some(Self::Away),
            Error::Database(error) => Self::by_code(error.code().as_deref()?),
            _ => None,
        }
    }

    /// PostgreSQL's codes have five characters (its manual, appendix A); SQLite's are numbers whose last byte is the kind.
    fn by_code(code: &str) -> Option<Self> {
        match (code.len(), code) {
            (5, "53100") => Some(Self::Full),
            (5, "55P03" | "40P01" | "40001") => Some(Self::Locked),
            (5, "57014" | "25P03" | "58030") => Some(Self::Away),
            // Connections lost or refused, too little of something, and a server that stops or starts.
            (5, _) if ["08", "53", "57P"].iter().any(|class| code.starts_with(class)) => Some(Self::Away),
            (5, _) => None,
            _ => match code.parse::<u32>().ok()? & 0xff {
                5 | 6 => Some(Self::Locked),
                13 => Some(Self::Full),
                8 | 10 | 14 => Some(Self::File),
                _ => None,
            },
        }
    }
}

/// What this process last saw of the database. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<Seen>>>);

#[derive(Clone, Copy, Debug)]
struct Seen {
    outage: Outage,
    began: Instant,
    last: Instant,
}

impl Trouble {
    /// The outage that this process is in.
    pub(super) fn now(&self) -> Option<Outage> {
        let seen = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.filter(|seen| seen.last.elapsed() < REMEMBERED).map(|seen| seen.outage)
    }

    /// Takes note of how a statement ended; `wrote` when it surely wrote. That it could read is no sign of room or locks.
    pub(super) fn note<T>(&self, ended: &Result<T, Error>, wrote: bool) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match ended {
            Ok(_) => {
                let over = |seen: &mut Seen| wrote || seen.outage == Outage::Away || seen.last.elapsed() >= REMEMBERED;
                if let Some(seen) = seen.take_if(over) {
                    tracing::info!(after_ms = seen.began.elapsed().as_millis() as u64, "the database works again");
                }
            }
            Err(error) => {
                let Some(outage) = Outage::of(error) else { return };
                let now = Instant::now();
                // Those who queue behind a writer that waits for room or a lock only know that nobody answers.
                let known = seen.filter(|seen| outage == Outage::Away && seen.last.elapsed() < REMEMBERED);
                if known.is_some_and(|seen| seen.outage != Outage::Away) {
                    return;
                }
                let same = seen.filter(|seen| seen.outage == outage);
                if same.is_none() {
                    tracing::error!(%error, "{}; certificates and DNS answers are served on from memory", outage.words());
                }
                *seen = Some(Seen { outage, began: same.map_or(now, |seen| seen.began), last: now });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_engines_are_told_apart() {
        let cases = [
            ("53100", Some(Outage::Full)),
            ("13", Some(Outage::Full)),
            ("5", Some(Outage::Locked)),
            ("517", Some(Outage::Locked)),
            ("55P03", Some(Outage::Locked)),
            ("57P01", Some(Outage::Away)),
            ("08006", Some(Outage::Away)),
            ("53300", Some(Outage::Away)),
            ("778", Some(Outage::File)),
            ("23505", None),
            ("2067", None),
            ("42P01", None),
        ];
        for (code, outage) in cases {
            assert_eq!(Outage::by_code(code), outage, "{code}");
        }
    }

    #[test]
    fn reading_ends_an_absence_only_a_queue_hides_no_reason_and_time_ends_all() {
        let trouble = Trouble::default();
        let fails = |outage, last| *trouble.0.lock().unwrap() = Some(Seen { outage, began: last, last });
        trouble.note(&Err::<(), _>(Error::RowNotFound), false);
        assert_eq!(trouble.now(), None);
        trouble.note(&Err::<(), _>(Error::PoolTimedOut), false);
        assert_eq!(trouble.now(), Some(Outage::Away));
        trouble.note(&Ok(()), false);
        assert_eq!(trouble.now(), None);

        fails(Outage::Full, Instant::now());
        trouble.note(&Ok(()), false);
        trouble.note(&Err::<(), _>(Error::PoolTimedOut), false);
        assert_eq!(trouble.now(), Some(Outage::Full));
        trouble.note(&Ok(()), true);
        assert_eq!(trouble.now(), None);

        let long_ago = Instant::now().checked_sub(REMEMBERED).unwrap();
        fails(Outage::Full, long_ago);
        assert_eq!(trouble.now(), None);
        trouble.note(&Err::<(), _>(Error::PoolTimedOut), false);
        assert_eq!(trouble.now(), Some(Outage::Away));
    }
}
