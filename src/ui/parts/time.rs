//! Moments and countdowns: absolute UTC from the server, the reader's own time once the page is awake.

use crate::domain::time::{Millis, SECOND_MS};
use crate::ui::browser::{self, Shape};
use crate::ui::live::Clock;
use crate::wire::when::When;
use leptos::prelude::*;

/// A moment.
#[component]
pub fn Time(
    /// When.
    at: When,
    /// How it is written.
    #[prop(default = Shape::DateTime)]
    shape: Shape,
) -> impl IntoView {
    let awake = Clock::is_awake();
    let text = move || if awake() { browser::local(at, shape) } else { absolute(at, shape) };
    view! { <time datetime=at.rfc3339()>{text}</time> }
}

fn absolute(at: When, shape: Shape) -> String {
    match shape {
        Shape::Date => at.date(),
        Shape::DateTime => at.date_time(),
        Shape::Clock => at.clock(),
    }
}

/// "Next check in 0:12"; without script, the time of the next check.
#[component]
pub fn NextCheck(
    /// When it is due.
    at: When,
) -> impl IntoView {
    let now = Clock::now();
    let words = move || match now() {
        None => format!("Next check at {}", at.clock()),
        Some(now) => countdown(at.0.since(now)),
    };
    view! { <time datetime=at.rfc3339()>{words}</time> }
}

/// A day and more is a date's business: then the countdown only names hours.
fn countdown(left_ms: i64) -> String {
    let left_s = Millis(left_ms).0.div_euclid(SECOND_MS);
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
    fn the_server_writes_utc() {
        let html = view! { <Time at=When(Millis(1_795_254_067_250)) /> }.to_html();
        assert_eq!(html, r#"<time datetime="2026-11-21T09:41:07.25Z">21 November 2026, 09:41 UTC</time>"#);
    }
}
