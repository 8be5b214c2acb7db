//! The renewal, rehearsed: whether it would succeed today, and what is in its way.

use super::certificates::Moment;
use crate::wire::domain::RehearsalView;
use leptos::prelude::*;

/// The forecast, below the certificate that it is about.
#[component]
pub fn Rehearsal(
    /// How it would go.
    rehearsal: RehearsalView,
) -> impl IntoView {
    let RehearsalView { due_at, looked_at, because, .. } = rehearsal;
    let (title, words) = match because {
        None => ("It would renew", "Everything that the certificate authority will look for is in place.".to_owned()),
        Some(bar) => ("It would fail", format!("{}. {} {}", bar.title, bar.explanation, bar.fix)),
    };
    view! {
        <section class="panel" aria-labelledby="rehearsal">
            <h2 id="rehearsal">"Renewal rehearsal"</h2>
            <p>
                <strong>{title}</strong>
                {": "}
                {words}
            </p>
            <dl class="facts">
                <Moment name="The renewal is due about" at=due_at />
                <Moment name="DNS was looked at on" at=looked_at />
            </dl>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Millis;
    use crate::ui::parts::examples::finding;
    use crate::wire::when::When;

    #[test]
    fn a_forecast_says_what_it_would_fail_by() {
        let rehearsal = RehearsalView {
            due_at: When(Millis(1_795_254_067_250)),
            looked_at: When(Millis(1_795_254_067_250)),
            would_renew: true,
            because: None,
        };
        let html = view! { <Rehearsal rehearsal=rehearsal.clone() /> }.to_html();
        assert!(html.contains("It would renew") && html.contains("21 November 2026"), "{html}");
        let because = Some(finding("caa_added", "A CAA rule bars us"));
        let html = view! { <Rehearsal rehearsal=RehearsalView { because, ..rehearsal } /> }.to_html();
        assert!(html.contains("It would fail") && html.contains("A CAA rule bars us"), "{html}");
    }
}
