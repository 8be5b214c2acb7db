//! Signing in.

use crate::api::session::SignIn;
use crate::ui::pages::query;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::TextField;
use crate::ui::parts::heading::{FormTitle, Heading};
use crate::ui::parts::layout::{House, Session};
use crate::wire::error::{Kind, Refusal};
use crate::wire::openid::NotLetIn;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_query_map;

/// The form; a plain one, so that a new session always starts with a new page.
#[component]
pub fn SignInPage() -> impl IntoView {
    let asked = use_query_map();
    let typed = refusal_of(ServerAction::<SignIn>::new());
    let refusal = Signal::derive(move || {
        let why = asked.with(|asked| asked.get("why").and_then(|why| NotLetIn::from_word(&why)));
        typed.get().or_else(|| why.map(|why| Refusal::new(Kind::Forbidden, "not_let_in", why.words())))
    });
    let next = move || asked.with(|asked| asked.get("next")).unwrap_or_else(|| "/domains".to_owned());
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
        <Suspense>
            {move || {
                let (house, next) = (expect_context::<House>(), next());
                Suspend::new(async move {
                    let label = house.view().await.sign_in_with;
                    label.map(|label| view! { <Elsewhere label next /> })
                })
            }}
        </Suspense>
    }
}

/// The way to an OpenID provider.
#[component]
fn Elsewhere(label: String, next: String) -> impl IntoView {
    view! {
        <p>
            <a class="usa-button usa-button--outline" href=format!("/sign-in/openid{}", query(&[("next", &next)])) rel="external">
                {format!("Sign in with {label}")}
            </a>
        </p>
    }
    .into_any()
}
