//! Signing in.

use crate::api::session::SignIn;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::TextField;
use crate::ui::parts::heading::{FormTitle, Heading};
use crate::ui::parts::layout::Session;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_query_map;

/// The form; a plain one, so that a new session always starts with a new page.
#[component]
pub fn SignInPage() -> impl IntoView {
    let refusal = refusal_of(ServerAction::<SignIn>::new());
    let query = use_query_map();
    let next = move || query.with(|query| query.get("next")).unwrap_or_else(|| "/domains".to_owned());
    view! {
        <FormTitle text="Sign in" refusal />
        <ErrorSummary refusal />
        <Heading text="Sign in" />
        <Suspense>
            {move || {
                let session = expect_context::<Session>();
                Suspend::new(async move { session.viewer().await.map(|_| view! { <Redirect path="/domains" /> }) })
            }}
        </Suspense>
        <form class="form" action=SignIn::url() method="post" novalidate=true>
            <TextField name="email" label="Email" kind="email" autocomplete="username" refusal />
            <TextField name="password" label="Password" kind="password" autocomplete="current-password" refusal />
            <input type="hidden" name="next" value=next />
            <button class="usa-button" type="submit">
                "Sign in"
            </button>
        </form>
    }
}
