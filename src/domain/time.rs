//! A moment as every floor writes it: milliseconds since the Unix epoch, UTC.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z. The clock itself is read on the worker's floor and handed down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

/// One second in milliseconds.
pub const SECOND_MS: i64 = 1_000;
/// One minute in milliseconds.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// One hour in milliseconds.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// One day in milliseconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;

impl Millis {
    /// This moment and `ms` milliseconds more; stops at the ends of time instead of wrapping.
    #[must_use]
    pub const fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this moment; negative when it lies ahead.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// A date as people read it: `23 November 2026`.
    #[must_use]
    pub fn date(self) -> String {
        let (year, month, day) = self.civil();
        format!("{day} {month} {year}")
    }

    /// Date and time as people read it: `23 November 2026, 09:41 UTC`.
    #[must_use]
    pub fn date_time(self) -> String {
        let (hours, minutes, _) = self.of_day();
        format!("{}, {hours:02}:{minutes:02} UTC", self.date())
    }

    /// The time of day with seconds: `09:41:07 UTC`.
    #[must_use]
    pub fn clock(self) -> String {
        let (hours, minutes, seconds) = self.of_day();
        format!("{hours:02}:{minutes:02}:{seconds:02} UTC")
    }

    /// Hours, minutes and seconds of the day.
    const fn of_day(self) -> (i64, i64, i64) {
        let second = self.0.rem_euclid(DAY_MS) / SECOND_MS;
        (second / 3_600, second / 60 % 60, second % 60)
    }

    /// Year, month and day of the Gregorian calendar, counted in eras of 400 years that begin on a first of March, so that
    /// a leap day is the last of its year. The browser's half has no calendar of its own.
    const fn civil(self) -> (i64, &'static str, i64) {
        const MONTHS: [&str; 12] = [
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
            "January",
            "February",
        ];
        let days = self.0.div_euclid(DAY_MS) + 719_468;
        let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let of_month = day - (153 * month + 2) / 5 + 1;
        // January and February belong to the year that has begun meanwhile.
        let year = year + 400 * era + (month / 10);
        (year, MONTHS[(month % 12) as usize], of_month)
    }
}
