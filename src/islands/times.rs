//! Times of a page: the server writes absolute UTC; the reader's own time, countdowns and "today" on a bar are added here.
//!
//! A time is a `<time datetime data-shape>`; a bar's part that lies behind is a `<rect data-from data-to>`.

use super::browser;
use crate::domain::time::{Millis, SECOND_MS};
use web_sys::Element;

/// How a moment is written for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Day, month and year.
    Date,
    /// The same with hours and minutes.
    DateTime,
    /// Hours, minutes and seconds.
    Clock,
    /// How long until then; without script, when.
    Countdown,
}

impl Shape {
    const ALL: [Self; 4] = [Self::Date, Self::DateTime, Self::Clock, Self::Countdown];

    /// The word in `data-shape`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::DateTime => "date-time",
            Self::Clock => "clock",
            Self::Countdown => "countdown",
        }
    }

    fn of(element: &Element) -> Option<Self> {
        let word = element.get_attribute("data-shape")?;
        Self::ALL.into_iter().find(|shape| shape.word() == word)
    }

    /// What the reader reads.
    pub(super) fn words(self, at: Millis) -> String {
        const DAY: [(&str, &str); 3] = [("day", "numeric"), ("month", "long"), ("year", "numeric")];
        const MINUTE: [(&str, &str); 3] = [("hour", "2-digit"), ("minute", "2-digit"), ("timeZoneName", "short")];
        match self {
            Self::Date => browser::local(at, &DAY),
            Self::DateTime => browser::local(at, &[DAY, MINUTE].concat()),
            Self::Clock => browser::local(at, &[&MINUTE[..], &[("second", "2-digit")]].concat()),
            Self::Countdown => countdown(at.since(browser::now())),
        }
    }
}

/// Dresses the page, and counts down each second.
pub fn start() {
    if let Some(root) = browser::root() {
        dress(&root);
    }
    browser::every(SECOND_MS.unsigned_abs(), || {
        if let Some(root) = browser::root() {
            browser::all(&root, "time[data-shape=countdown]").iter().for_each(write);
        }
    });
}

/// Writes all times below an element for the reader.
pub fn dress(within: &Element) {
    browser::all(within, "time[data-shape]").iter().for_each(write);
    for bar in browser::all(within, "rect[data-from]") {
        let moment = |name| bar.get_attribute(name).and_then(|text| browser::moment(&text));
        if let (Some(from), Some(to)) = (moment("data-from"), moment("data-to")) {
            // The name is a good one.
            _ = bar.set_attribute("width", &hundredths(browser::now(), from, to).to_string());
        }
    }
}

fn write(time: &Element) {
    let at = time.get_attribute("datetime").and_then(|text| browser::moment(&text));
    let (Some(shape), Some(at)) = (Shape::of(time), at) else { return };
    let words = shape.words(at);
    if time.text_content().as_ref() != Some(&words) {
        time.set_text_content(Some(&words));
    }
}

/// Where a moment lies in a certificate's life, in hundredths.
#[must_use]
pub fn hundredths(at: Millis, from: Millis, to: Millis) -> i64 {
    let life = to.since(from).max(1);
    (at.since(from).saturating_mul(100) / life).clamp(0, 100)
}

/// A day and more is a date's business: then the countdown only names hours.
fn countdown(left_ms: i64) -> String {
    let left_s = left_ms.div_euclid(SECOND_MS);
    match left_s {
        ..=0 => "Checking now".to_owned(),
        1..=3_599 => format!("Next check in {}:{:02}", left_s / 60, left_s % 60),
        _ => format!("Next check in {} h {:02} min", left_s / 3_600, left_s % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countdowns_read_well() {
        assert_eq!(countdown(-5), "Checking now");
        assert_eq!(countdown(12_400), "Next check in 0:12");
        assert_eq!(countdown(83_000), "Next check in 1:23");
        assert_eq!(countdown(4 * 3_600_000), "Next check in 4 h 00 min");
    }

    #[test]
    fn a_moment_lies_inside_a_life() {
        let at = |at, from, to| hundredths(Millis(at), Millis(from), Millis(to));
        assert_eq!(at(150, 100, 200), 50);
        assert_eq!(at(0, 100, 200), 0);
        assert_eq!(at(900, 100, 200), 100);
        assert_eq!(at(100, 100, 100), 0);
    }
}
