//! A time as it crosses the wire: RFC 3339 in UTC, and the few ways in which people read it.

use crate::domain::time::Millis;
use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment that is written as RFC 3339, such as `2026-11-23T09:41:07.250Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct When(pub Millis);

impl When {
    /// RFC 3339 in UTC: for `<time datetime>` and the API.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.timestamp().to_string()
    }

    /// A date as people read it: `23 November 2026`.
    #[must_use]
    pub fn date(self) -> String {
        self.0.date()
    }

    /// Date and time as people read it: `23 November 2026, 09:41 UTC`.
    #[must_use]
    pub fn date_time(self) -> String {
        self.0.date_time()
    }

    /// The time of day with seconds: `09:41:07 UTC`.
    #[must_use]
    pub fn clock(self) -> String {
        self.0.clock()
    }

    fn timestamp(self) -> Timestamp {
        let Millis(ms) = self.0;
        Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }
}

impl From<Millis> for When {
    fn from(at: Millis) -> Self {
        Self(at)
    }
}

impl Serialize for When {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rfc3339())
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let at: Timestamp = text.parse().map_err(D::Error::custom)?;
        Ok(Self(Millis(at.as_millisecond())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::fmt::strtime;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn people_read_the_same_date_as_calendars_do(ms in -30_000_000_000_000_i64..200_000_000_000_000) {
            let when = When(Millis(ms));
            let by_calendar = strtime::format("%-d %B %Y, %H:%M UTC", when.timestamp()).expect("formats");
            prop_assert_eq!(when.date_time(), by_calendar);
            prop_assert_eq!(when.clock(), strtime::format("%H:%M:%S UTC", when.timestamp()).expect("formats"));
        }
    }

    #[test]
    fn times_read_in_words_and_survive_the_wire() {
        let when = When(Millis(1_795_254_067_250));
        assert_eq!(when.rfc3339(), "2026-11-21T09:41:07.25Z");
        assert_eq!(when.date(), "21 November 2026");
        assert_eq!(when.date_time(), "21 November 2026, 09:41 UTC");
        let text = serde_json::to_string(&when).expect("a string");
        assert_eq!(serde_json::from_str::<When>(&text).expect("our own text"), when);
    }
}
