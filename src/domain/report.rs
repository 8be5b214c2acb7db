//! Monitoring Reports: to whom they go, and how often.

use super::time::{DAY_MS, HOUR_MS, Millis};
use serde::{Deserialize, Serialize};

/// How often a report is mailed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// Each day.
    Daily,
    /// Each week.
    Weekly,
    /// Not at all; it can still be read in the Console.
    #[default]
    Never,
}

impl Every {
    /// All of them, in the order shown.
    pub const ALL: [Self; 3] = [Self::Daily, Self::Weekly, Self::Never];

    /// The word in the REST API and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Never => "never",
        }
    }

    /// The words that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Daily => "Every day",
            Self::Weekly => "Every week",
            Self::Never => "Never",
        }
    }

    /// The number of the day or week that a moment lies in: days begin at six in the morning, weeks with a Monday's (UTC). So a
    /// report is there when people come to work.
    #[must_use]
    pub const fn period(self, at: Millis) -> Option<i64> {
        const MORNING_MS: i64 = 6 * HOUR_MS;
        /// The first day that was counted, 1 January 1970, was a Thursday.
        const MONDAY_MS: i64 = 4 * DAY_MS;
        match self {
            Self::Daily => Some((at.0 - MORNING_MS).div_euclid(DAY_MS)),
            Self::Weekly => Some((at.0 - MORNING_MS - MONDAY_MS).div_euclid(7 * DAY_MS)),
            Self::Never => None,
        }
    }

    /// Reads that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|every| every.word() == word)
    }
}

/// The Monitoring Reports of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reports {
    /// Mail addresses.
    pub addresses: Vec<String>,
    /// How often.
    pub every: Every,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_in_the_morning_and_weeks_with_mondays() {
        // Monday, 23 November 2026, 06:00 UTC.
        let monday = Millis(1_795_413_600_000);
        let (day, week) = (Every::Daily.period(monday).expect("a day"), Every::Weekly.period(monday).expect("a week"));
        assert_eq!(Every::Daily.period(monday.plus(-1)), Some(day - 1));
        assert_eq!(Every::Daily.period(monday.plus(DAY_MS - 1)), Some(day));
        assert_eq!(Every::Weekly.period(monday.plus(-1)), Some(week - 1));
        assert_eq!(Every::Weekly.period(monday.plus(7 * DAY_MS - 1)), Some(week));
        assert_eq!(Every::Never.period(monday), None);
    }
}
