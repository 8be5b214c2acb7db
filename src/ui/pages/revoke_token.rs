//! Revoking an API token: what will happen, asked once more.

use crate::api::tokens::{RevokeToken, token};
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::heading::{FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::ui::parts::time::Time;
use crate::wire::people::TokenView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;

/// The page.
#[component]
pub fn RevokeTokenPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let refusal = refusal_of(ServerAction::<RevokeToken>::new());
    let shown = Resource::new_blocking(move || id.get(), token);
    view! {
        <FormTitle text="Revoke an API token" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok(token) => view! { <RevokeForm token /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn RevokeForm(token: TokenView) -> impl IntoView {
    let used = match token.last_used_at {
        Some(at) => view! { "It was last used on " <Time at />"." }.into_any(),
        None => view! { "It was never used." }.into_any(),
    };
    view! {
        <Heading text=format!("Revoke {}", token.name) />
        <ul class="consequences">
            <li>"Whatever uses this token is refused from now on, and needs a new one."</li>
            <li>{used}</li>
            <li>"This can't be undone. What was done with it stays in the audit log under its name."</li>
        </ul>
        <form class="form" action=RevokeToken::url() method="post">
            <input type="hidden" name="id" value=token.id />
            <div class="form__buttons">
                <button class="usa-button usa-button--secondary" type="submit">
                    {format!("Revoke {}", token.name)}
                </button>
                <a class="usa-link" href="/tokens">
                    "Change nothing"
                </a>
            </div>
        </form>
    }
    .into_any()
}
