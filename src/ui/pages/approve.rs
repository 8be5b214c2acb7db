//! What the link in an approver's mail leads to: the request, and a form to answer it. Opening it changes nothing.

use crate::api::approvals::{AnswerApproval, approval_asked};
use crate::islands::times::Shape;
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::TextField;
use crate::ui::parts::heading::{FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::ui::parts::time::Time;
use crate::wire::approval::AskedView;
use crate::wire::error::{Kind, Refusal};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// The page; whoever has the link may open it.
#[component]
pub fn ApprovePage() -> impl IntoView {
    let params = use_params_map();
    let token = Memo::new(move |_| params.with(|params| params.get("token")).unwrap_or_default());
    let refusal = refusal_of(ServerAction::<AnswerApproval>::new());
    let asked = Resource::new_blocking(move || token.get(), approval_asked);
    view! {
        <FormTitle text="Approve a domain" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match asked.await {
                    Ok(view) => view! { <AnswerForm view token=token.get_untracked() refusal /> }.into_any(),
                    Err(refusal) if refusal.kind == Kind::NotFound => {
                        let words = "This request was answered, replaced by a newer one, or has expired.";
                        view! { <Refused refusal=Refusal::new(Kind::NotFound, "not_found", words) /> }.into_any()
                    }
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn AnswerForm(view: AskedView, token: String, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let AskedView { domain, customer, agency, requested_by, address, expires_at } = view;
    view! {
        <Heading text=format!("Does {customer} control {domain}?") />
        <p>
            {format!(
                "{requested_by} asks, for {}, to serve {domain} over HTTPS and to get certificates for it. You were asked because you read {address}.",
                agency.unwrap_or_else(|| customer.clone()),
            )}
        </p>
        <p>"Approve only if your office knows of this. It can be answered until " <Time at=expires_at shape=Shape::DateTime /> "."</p>
        <p class="panel__note">
            "Your approval proves to us that the domain is theirs, and to nobody else: certificate authorities check it in their own way, and stop accepting e-mail on 15 March 2028."
        </p>
        <form class="form" action=AnswerApproval::url() method="post" novalidate=true>
            <input type="hidden" name="token" value=token />
            <TextField
                name="typed"
                label=format!("Type {domain} to show that you mean it")
                hint="Whichever you answer."
                refusal
            />
            <div class="form__buttons">
                <button class="usa-button" type="submit" name="answer" value="approve">
                    "Approve"
                </button>
                <button class="usa-button usa-button--outline" type="submit" name="answer" value="decline">
                    "Decline"
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// What follows an answer.
#[component]
pub fn AnsweredPage() -> impl IntoView {
    let query = use_query_map();
    let given = query.with(|query| query.get("approval")).as_deref() == Some("given");
    let (title, words) = if given {
        ("You approved the domain", "Nothing else is needed from you. Whoever asked sees it on the domain's page.")
    } else {
        ("You declined", "The domain is not approved, and whoever asked is told so.")
    };
    view! {
        <Title text=title />
        <Heading text=title.to_owned() />
        <p>{words}</p>
    }
}
