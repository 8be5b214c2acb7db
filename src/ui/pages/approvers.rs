//! Approver's Email: choosing whom to ask, and what came of it.

use crate::api::approvals::{AskApproval, approvers};
use crate::islands::times::Shape;
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::SelectField;
use crate::ui::parts::heading::{Crumbs, FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::ui::parts::time::Time;
use crate::wire::approval::{ApprovalView, ApproversView};
use crate::wire::error::Refusal;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;

/// The page.
#[component]
pub fn ApproversPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let refusal = refusal_of(ServerAction::<AskApproval>::new());
    let shown = Resource::new_blocking(move || id.get(), approvers);
    view! {
        <FormTitle text="Approver's Email" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok(view) => view! { <Body id=id.get_untracked() view refusal /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Body(id: String, view: ApproversView, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let ApproversView { domain, addresses, without_mail, request } = view;
    let again = request.is_some();
    let approved = request.as_ref().is_some_and(|request| request.state == "approved");
    let chosen = request.as_ref().map(|request| request.address.clone()).unwrap_or_default();
    let none = addresses.is_empty();
    let choices: Vec<_> = addresses.into_iter().map(|address| (address.clone(), address)).collect();
    view! {
        <Crumbs through=(format!("/domains/{id}"), domain.clone()) here="Approver's Email" />
        <Heading text=format!("Approver's Email of {domain}") />
        <p>
            "We write to an address that only whoever controls the domain can read. They open the link, read what is asked, and approve or decline on the page."
        </p>
        <p class="panel__note">
            "This proves ownership to us only. Certificate authorities check the domain by the DCV record, or over HTTP: they stop accepting e-mail for that on 15 March 2028."
        </p>
        {request.map(|request| view! { <Last request /> })}
        {(!without_mail.is_empty())
            .then(|| {
                view! {
                    <p class="panel__note">{format!("No mail is taken at {}.", without_mail.join(", "))}</p>
                }
            })}
        {(none && !approved)
            .then(|| {
                view! {
                    <p>
                        "There is no address that could be asked. Name one in DNS, in a TXT record at _validation-contactemail or a CAA record contactemail, or use the Verification Method TXT."
                    </p>
                }
            })}
        {(!none && !approved)
            .then(|| {
                view! {
                    <form class="form" action=AskApproval::url() method="post" novalidate=true>
                        <input type="hidden" name="id" value=id />
                        <SelectField
                            name="address"
                            label="Approver's Email"
                            hint="Other addresses can't be asked."
                            choices
                            chosen
                            refusal
                        />
                        <button class="usa-button" type="submit">
                            {if again { "Send again" } else { "Send the request" }}
                        </button>
                    </form>
                }
            })}
    }
    .into_any()
}

#[component]
fn Last(request: ApprovalView) -> impl IntoView {
    let words = match request.state.as_str() {
        "approved" => "approved.",
        "declined" => "declined. Ask them why before you send another request.",
        "expired" => "did not answer in time. Send the request again.",
        _ => "has not answered yet.",
    };
    let waits = request.state == "waiting";
    view! {
        <section class="answer" aria-labelledby="last-request">
            <h2 class="answer__title" id="last-request">
                {format!("{} {words}", request.address)}
            </h2>
            <p>
                {format!("{} asked on ", request.requested_by)} <Time at=request.sent_at shape=Shape::DateTime /> "."
                {waits
                    .then(|| {
                        view! { " The link in the mail works until " <Time at=request.expires_at shape=Shape::DateTime /> "." }
                    })}
            </p>
        </section>
    }
    .into_any()
}
