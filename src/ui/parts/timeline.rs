//! The timeline: what happened to a domain, newest first.

use super::time::Time;
use crate::domain::finding::printable;
use crate::ui::pages::query;
use crate::wire::domain::{EventView, Page};
use leptos::prelude::*;

/// A page of it.
#[component]
pub fn Timeline(
    /// The domain's page.
    path: String,
    /// The events.
    events: Page<EventView>,
    /// Whether these are older ones.
    is_older: bool,
) -> impl IntoView {
    let none = events.items.is_empty();
    let rows = events.items.into_iter().map(|event| view! { <Entry event /> }).collect_view();
    let newest = is_older.then(|| view! { <a class="usa-link" href=format!("{path}#timeline")>"Newest events"</a> });
    let older = events.next_cursor.map(|cursor| {
        view! {
            <a class="usa-link" href=format!("{path}{}#timeline", query(&[("before", &cursor)]))>
                "Older events"
            </a>
        }
    });
    view! {
        <section class="panel" aria-labelledby="timeline">
            <h2 id="timeline">"Timeline"</h2>
            {none.then(|| view! { <p class="panel__note">"Nothing has happened yet."</p> })}
            <ol class="timeline" role="list">
                {rows}
            </ol>
            <p class="paging">{newest} {older}</p>
        </section>
    }
    .into_any()
}

#[component]
fn Entry(event: EventView) -> impl IntoView {
    view! {
        <li class="timeline__entry">
            <span class="timeline__at">
                <Time at=event.at />
            </span>
            <span class="timeline__what">{printable(&event.summary)}</span>
            <span class="timeline__who">{printable(&event.actor)}</span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::parts::examples::events;

    #[test]
    fn events_have_times_and_older_ones_a_link() {
        let html = view! { <Timeline path="/domains/d1".into() events=events() is_older=false /> }.to_html();
        assert!(html.contains("<time datetime="), "{html}");
        assert!(html.contains("/domains/d1?before=a%26b#timeline"), "{html}");
        assert!(!html.contains("Newest events"), "{html}");
    }
}
