//! Help in place: every word that the Console uses has an address here, and each page links to the one that it raises.

pub mod topics;
pub mod words;

use crate::ui::parts::heading::Heading;
use leptos::prelude::*;
use leptos_meta::Title;
use topics::{Active, Handshake, Https, Issuing, Live, Places, Records};
use words::{Findings, Statuses};

/// The page's parts: address, heading, and what stands below it.
type Part = (&'static str, &'static str, fn() -> AnyView);

const PARTS: [Part; 9] = [
    ("https", "What SSL and HTTPS are", || view! { <Https /> }.into_any()),
    ("live", "How a web domain goes live", || view! { <Live /> }.into_any()),
    ("records", "The three records, and what each is for", || view! { <Records /> }.into_any()),
    ("places", "When a record is not found", || view! { <Places /> }.into_any()),
    ("status-not-active", "Status not active", || view! { <Active /> }.into_any()),
    ("certificate-not-issuing", "Certificate not issuing", || view! { <Issuing /> }.into_any()),
    ("handshake-failed", "SSL handshake failed", || view! { <Handshake /> }.into_any()),
    ("statuses", "What each status means", || view! { <Statuses /> }.into_any()),
    ("findings", "What each finding means", || view! { <Findings /> }.into_any()),
];

/// The page; the same for everybody, signed in or not.
#[component]
pub fn HelpPage() -> impl IntoView {
    let contents = PARTS.map(|(id, heading, _)| {
        view! {
            <li>
                <a class="usa-link" href=format!("#{id}")>
                    {heading}
                </a>
            </li>
        }
    });
    let parts = PARTS.map(|(id, heading, body)| {
        view! {
            <section class="prose" aria-labelledby=id>
                <h2 id=id tabindex="-1">
                    {heading}
                </h2>
                {body()}
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
