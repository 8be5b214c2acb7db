//! Help in place: every word that the Console uses has an address here, and each page links to the one that it raises.

pub mod topics;
pub mod words;

use crate::ui::parts::heading::Heading;
use crate::ui::topic::Topic;
use leptos::prelude::*;
use leptos_meta::Title;
use topics::{Active, Handshake, Https, Issuing, Live, Places, Records};
use words::{Findings, Statuses};

/// What stands below a part's heading.
fn body(topic: Topic) -> AnyView {
    match topic {
        Topic::Https => view! { <Https /> }.into_any(),
        Topic::Live => view! { <Live /> }.into_any(),
        Topic::Records => view! { <Records /> }.into_any(),
        Topic::Places => view! { <Places /> }.into_any(),
        Topic::NotActive => view! { <Active /> }.into_any(),
        Topic::NotIssuing => view! { <Issuing /> }.into_any(),
        Topic::Handshake => view! { <Handshake /> }.into_any(),
        Topic::Statuses => view! { <Statuses /> }.into_any(),
        Topic::Findings => view! { <Findings /> }.into_any(),
    }
}

/// The page; the same for everybody, signed in or not.
#[component]
pub fn HelpPage() -> impl IntoView {
    let contents = Topic::ALL.map(|topic| {
        view! {
            <li>
                <a class="usa-link" href=format!("#{}", topic.id())>
                    {topic.heading()}
                </a>
            </li>
        }
    });
    let parts = Topic::ALL.map(|topic| {
        view! {
            <section class="prose" aria-labelledby=topic.id()>
                <h2 id=topic.id() tabindex="-1">
                    {topic.heading()}
                </h2>
                {body(topic)}
            </section>
        }
    });
    view! {
        <Title text="Help" />
        <Heading text="Help" />
        <nav class="prose" aria-label="On this page">
            <ul>{contents.into_iter().collect_view()}</ul>
        </nav>
        {parts.into_iter().collect_view()}
        <section class="prose">
            <h2>"When nothing helps"</h2>
            <p>
                "The domain's page names the cause and who can mend it. If 72 hours have passed without a change, write to whoever gave you your account, and send them the page's address."
            </p>
        </section>
    }
}
