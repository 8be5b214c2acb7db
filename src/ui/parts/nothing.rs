//! What an empty domain list says: why it is empty, and what to do.

use crate::ui::search::is_narrow;
use crate::wire::list::{Search, View};
use leptos::prelude::*;

/// Stands in for the rows.
#[component]
pub fn Nothing(
    /// What the list shows.
    search: Search,
    /// Whether the person may add domains.
    may_add: bool,
) -> impl IntoView {
    let view = View::from_word(&search.view).unwrap_or(View::Everything);
    let (title, words) = match view {
        _ if is_narrow(&search) => ("No web domain matches", "Try fewer letters, or another status."),
        View::Everything if !search.cursor.is_empty() => {
            ("No more web domains", "They may have been removed meanwhile.")
        }
        View::Everything => return view! { <NothingYet may_add /> }.into_any(),
        View::NeedsYou => {
            ("Nothing needs you", "Every web domain is active, or waits for something that comes by itself.")
        }
        View::Waiting => ("Nothing is waiting", "Every web domain is active, or needs something from you."),
        View::Active => (
            "No web domain is active yet",
            "One becomes active when its DNS records are in place and its certificate is installed.",
        ),
        View::Expiring => ("No certificate ends soon", "We renew each certificate well before it ends."),
    };
    view! {
        <div class="empty">
            <h2 id="found">{title}</h2>
            <p>{words}</p>
            <p>
                <a class="usa-link" href="/domains">
                    "Show all web domains"
                </a>
            </p>
        </div>
    }
    .into_any()
}

#[component]
fn NothingYet(may_add: bool) -> impl IntoView {
    view! {
        <div class="empty">
            <h2 id="found">"No web domains yet"</h2>
            <p>
                "A web domain is an address of your own, such as portal.agency.gov. Add it here, and we show you the DNS records to publish. When they are in place, we get its certificate, install it and renew it."
            </p>
            {may_add
                .then(|| {
                    view! {
                        <p>
                            <a class="usa-link" href="/domains/new">
                                "Add your first web domain"
                            </a>
                        </p>
                    }
                })}
        </div>
    }
}
