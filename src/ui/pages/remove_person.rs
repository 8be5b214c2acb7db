//! Taking somebody's access away: what will happen, asked once more.

use crate::api::people::{RemovePerson, access};
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::heading::{FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::wire::people::AccessView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::{use_params_map, use_query_map};

/// The page.
#[component]
pub fn RemovePersonPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let customer = Memo::new(move |_| query.with(|query| query.get("customer")).unwrap_or_default());
    let refusal = refusal_of(ServerAction::<RemovePerson>::new());
    let shown = Resource::new_blocking(move || (id.get(), customer.get()), |(id, customer)| access(id, customer));
    view! {
        <FormTitle text="Remove a person" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok(view) => view! { <RemoveForm view /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn RemoveForm(view: AccessView) -> impl IntoView {
    let AccessView { id, email, membership } = view;
    let customer = membership.customer_id().to_owned();
    let place = if customer.is_empty() { "all customers".to_owned() } else { membership.customer_name().to_owned() };
    view! {
        <Heading text=format!("Remove {email}") />
        <ul class="consequences">
            <li>{format!("{email} is {} of {place}, and loses that at once.", membership.role.word())}</li>
            <li>"What they did stays in the timelines under their name."</li>
            <li>"To let them in again, send a new invitation."</li>
        </ul>
        <form class="form" action=RemovePerson::url() method="post">
            <input type="hidden" name="id" value=id />
            <input type="hidden" name="customer" value=customer />
            <div class="form__buttons">
                <button class="usa-button usa-button--secondary" type="submit">
                    {format!("Remove {email}")}
                </button>
                <a class="usa-link" href="/people">
                    "Change nothing"
                </a>
            </div>
        </form>
    }
    .into_any()
}
