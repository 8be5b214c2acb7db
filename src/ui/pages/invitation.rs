//! Accepting an invitation: what it offers, and a password for an account that does not exist yet.

use crate::api::session::{Accept, invited};
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::TextField;
use crate::ui::parts::heading::{FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::wire::error::{Kind, Refusal};
use crate::wire::people::InvitedView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;

/// The page; whoever has the link may open it.
#[component]
pub fn InvitationPage() -> impl IntoView {
    let params = use_params_map();
    let token = Memo::new(move |_| params.with(|params| params.get("token")).unwrap_or_default());
    let refusal = refusal_of(ServerAction::<Accept>::new());
    let offered = Resource::new_blocking(move || token.get(), invited);
    view! {
        <FormTitle text="Your invitation" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match offered.await {
                    Ok(offer) => view! { <AcceptForm offer token=token.get_untracked() refusal /> }.into_any(),
                    Err(refusal) if refusal.kind == Kind::NotFound => {
                        let words = "This invitation was used, withdrawn, or has expired. Ask for a new one.";
                        view! { <Refused refusal=Refusal::new(Kind::NotFound, "not_found", words) /> }.into_any()
                    }
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn AcceptForm(offer: InvitedView, token: String, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let InvitedView { email, membership, brand, needs_password } = offer;
    let place = membership.customer.map_or_else(|| brand.clone(), |customer| customer.name);
    let password = if needs_password {
        view! {
            // Password managers keep the password under this name.
            <input type="hidden" name="username" autocomplete="username" value=email.clone() />
            <TextField
                name="password"
                label="Choose a password"
                hint="15 characters or more. Several words in a row are fine."
                kind="password"
                autocomplete="new-password"
                refusal
            />
        }
        .into_any()
    } else {
        view! {
            <input type="hidden" name="password" value="" />
            <p>"You have an account already: sign in with its password afterwards."</p>
        }
        .into_any()
    };
    view! {
        <Heading text=format!("You are invited to {place}") />
        <p>{format!("{email} will be {} of {place} on {brand}.", membership.role.word())}</p>
        <form class="form" action=Accept::url() method="post" novalidate=true>
            <input type="hidden" name="token" value=token />
            {password}
            <button class="usa-button" type="submit">
                "Accept"
            </button>
        </form>
    }
    .into_any()
}
