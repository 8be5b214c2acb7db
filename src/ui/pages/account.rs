//! One's own account: where one is signed in, and the way to end all of it.

use crate::api::session::{SignOutEverywhere, sessions};
use crate::ui::pages::Loading;
use crate::ui::parts::heading::Heading;
use crate::ui::parts::refused::Refused;
use crate::ui::parts::time::Time;
use crate::wire::people::SessionView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

/// The page.
#[component]
pub fn AccountPage() -> impl IntoView {
    let open = Resource::new_blocking(|| (), |()| sessions());
    view! {
        <Title text="Your account" />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match open.await {
                    Ok(open) => view! { <Sessions open /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Sessions(open: Vec<SessionView>) -> impl IntoView {
    let rows = open.into_iter().map(|one| {
        let words = if one.is_this { "This browser" } else { "Another browser" };
        view! {
            <tr>
                <th scope="row">{words}</th>
                <td data-label="Signed in">
                    <Time at=one.begun_at />
                </td>
                <td data-label="Last used">
                    <Time at=one.last_seen_at />
                </td>
            </tr>
        }
    });
    view! {
        <Heading text="Your account" />
        <p>
            <a class="usa-link" href="/account/mails">
                "Choose what we write to you about"
            </a>
        </p>
        <h2>"Where you are signed in"</h2>
        <p>"You are signed out after 30 minutes without use, and after 12 hours in any case."</p>
        <table class="listing" aria-label="Where you are signed in">
            <thead>
                <tr>
                    <th scope="col">"Browser"</th>
                    <th scope="col">"Signed in"</th>
                    <th scope="col">"Last used"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
        <form class="form" action=SignOutEverywhere::url() method="post">
            <button class="usa-button" type="submit">
                "Sign out everywhere"
            </button>
        </form>
    }
    .into_any()
}
