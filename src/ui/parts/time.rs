//! Moments and countdowns: absolute UTC from the server, which a page that is awake writes in the reader's own time.

use crate::islands::times::Shape;
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
    let text = match shape {
        Shape::Date => at.date(),
        Shape::DateTime => at.date_time(),
        Shape::Clock => at.clock(),
        Shape::Countdown => format!("Next check at {}", at.clock()),
    };
    view! {
        <time datetime=at.rfc3339() data-shape=shape.word()>
            {text}
        </time>
    }
}

/// "Next check in 0:12"; without script, the time of the next check.
#[component]
pub fn NextCheck(
    /// When it is due.
    at: When,
) -> impl IntoView {
    view! { <Time at shape=Shape::Countdown /> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Millis;

    #[test]
    fn the_server_writes_utc() {
        let html = view! { <Time at=When(Millis(1_795_254_067_250)) /> }.to_html();
        let time =
            r#"<time datetime="2026-11-21T09:41:07.25Z" data-shape="date-time">21 November 2026, 09:41 UTC</time>"#;
        assert_eq!(html, time);
    }
}
