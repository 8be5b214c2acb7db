//! `Retry-After` (RFC 9110 §10.2.3) as a number of milliseconds, and the `Date` it is measured against.
//!
//! A date is measured against the answer's own `Date` field: no clock is read here, and a CA whose clock runs wrong
//! still gets the pause that it means.

use crate::domain::time::Millis;
use hyper::HeaderMap;
use hyper::header::{DATE, HeaderName, RETRY_AFTER};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// CAs' limits last a week at most, and a pause on an account not much longer: whoever names more has a broken clock.
const LONGEST_PAUSE_MS: u64 = 31 * 24 * 3_600_000;

/// How long the server asks us to wait, from its answer on.
pub(super) fn retry_after_ms(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let pause_ms = if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
        // More digits than fit are a number all the same, a very large one.
        text.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(1_000)
    } else {
        let until = date(headers, &RETRY_AFTER)?.as_millisecond();
        let Millis(answered) = answered_at(headers)?;
        u64::try_from(until.saturating_sub(answered)).unwrap_or(0)
    };
    Some(pause_ms.min(LONGEST_PAUSE_MS))
}

/// When the server answered, by its own clock.
pub(super) fn answered_at(headers: &HeaderMap) -> Option<Millis> {
    Some(Millis(date(headers, &DATE)?.as_millisecond()))
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<Timestamp> {
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(headers.get(name)?.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;
    use proptest::prelude::*;

    #[track_caller]
    fn check(retry_after: &str, date: Option<&str>, want: Option<u64>) {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(retry_after).expect("a header's value"));
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_str(date).expect("a header's value"));
        }
        assert_eq!(retry_after_ms(&headers), want, "{retry_after} {date:?}");
    }

    #[test]
    fn seconds_and_dates_are_understood() {
        check("0", None, Some(0));
        check(" 120 ", None, Some(120_000));
        check("Sun, 06 Nov 1994 08:49:37 GMT", Some("Sun, 06 Nov 1994 08:49:07 GMT"), Some(30_000));
        check("Sun, 06 Nov 1994 08:49:37 GMT", Some("Sun, 06 Nov 1994 09:00:00 GMT"), Some(0));
    }

    #[test]
    fn what_says_nothing_counts_as_absent() {
        assert_eq!(retry_after_ms(&HeaderMap::new()), None);
        check("", None, None);
        check("soon", None, None);
        check("-5", None, None);
        check("1.5", None, None);
        check("Sun, 06 Nov 1994 08:49:37 GMT", None, None);
    }

    #[test]
    fn absurd_pauses_are_cut() {
        check("999999999999999999999999", None, Some(LONGEST_PAUSE_MS));
        check("Fri, 31 Dec 9998 23:59:59 GMT", Some("Sun, 06 Nov 1994 08:49:07 GMT"), Some(LONGEST_PAUSE_MS));
    }

    proptest! {
        #[test]
        fn any_value_is_read_without_panic(value in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                let headers = [(RETRY_AFTER, value.clone()), (DATE, value)].into_iter().collect::<HeaderMap>();
                prop_assert!(retry_after_ms(&headers).is_none_or(|ms| ms <= LONGEST_PAUSE_MS));
            }
        }
    }
}
