//! Notify: the records mailed to whoever manages DNS: addresses and a note, then the letter as it will be sent.

use crate::api::domains::domain;
use crate::api::links::{NotifyDomain, letter};
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::LinesField;
use crate::ui::parts::heading::{Crumbs, FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::wire::error::{Kind, Refusal};
use crate::wire::link::LetterView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::{use_params_map, use_query_map};

/// What was filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Typed {
    to: String,
    note: String,
}

/// The page.
#[component]
pub fn NotifyPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let typed = Memo::new(move |_| {
        let said = |name| query.with(|query| query.get(name));
        said("to").map(|to| Typed { to, note: said("note").unwrap_or_default() })
    });
    let refusal = refusal_of(ServerAction::<NotifyDomain>::new());
    let shown = Resource::new_blocking(
        move || (id.get(), typed.get()),
        |(id, typed)| async move {
            let view = domain(id.clone()).await?;
            let looked = match typed {
                None => None,
                Some(Typed { to, note }) => Some(letter(id, to, note).await),
            };
            Ok::<_, Refusal>((view.domain, looked))
        },
    );
    view! {
        <Suspense fallback=Loading>
            {move || {
                let (id, typed) = (id.get(), typed.get().unwrap_or_default());
                Suspend::new(async move {
                    match shown.await {
                        Err(refusal) => view! { <Refused refusal /> }.into_any(),
                        Ok((domain, None)) => view! { <Form id domain typed refusal /> }.into_any(),
                        Ok((_, Some(Ok(letter)))) => view! { <Preview id letter typed refusal /> }.into_any(),
                        Ok((domain, Some(Err(wrong)))) if wrong.kind == Kind::Invalid => {
                            view! { <Form id domain typed refusal=Signal::stored(Some(wrong)) /> }.into_any()
                        }
                        Ok((_, Some(Err(refusal)))) => view! { <Refused refusal /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Form(id: String, domain: String, typed: Typed, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let page = format!("/domains/{id}");
    let shown_at = format!("{page}/notify");
    view! {
        <FormTitle text="Mail the DNS records" refusal />
        <ErrorSummary refusal />
        <Crumbs through=(page.clone(), domain.clone()) here="Notify" />
        <Heading text=format!("Mail the DNS records of {domain}") />
        <p class="lead">
            "Whoever manages DNS gets the records as text, as a zone file and as a table, and a link that shows whether each is in place. They need no account."
        </p>
        <form class="form" action=shown_at method="get" novalidate=true>
            <LinesField
                name="to"
                label="Addresses"
                hint="At most 5, one on each line. Each gets a mail of its own."
                filled=typed.to
                rows=3
                refusal
            />
            <LinesField
                name="note"
                label="Note (optional)"
                hint="A few words of yours, as plain text. At most 1,000 characters."
                filled=typed.note
                most=1_000
                refusal
            />
            <div class="form__buttons">
                <button class="usa-button" type="submit">
                    "See the mail"
                </button>
                <a class="usa-link" href=page>
                    "Cancel"
                </a>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Preview(id: String, letter: LetterView, typed: Typed, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let LetterView { domain, to, subject, text, attachments } = letter;
    let page = format!("/domains/{id}");
    let back = format!("{page}/notify");
    let words = if to.len() == 1 { "Send the mail".to_owned() } else { format!("Send {} mails", to.len()) };
    view! {
        <FormTitle text="Check the mail" refusal />
        <ErrorSummary refusal />
        <Crumbs through=(page, domain) here="Notify" />
        <Heading text="Check the mail" />
        <dl class="facts">
            <div class="facts__row">
                <dt>"To"</dt>
                <dd>{to.join(", ")}</dd>
            </div>
            <div class="facts__row">
                <dt>"Subject"</dt>
                <dd>{subject}</dd>
            </div>
            <div class="facts__row">
                <dt>"Attached"</dt>
                <dd>{attachments.join(", ")}</dd>
            </div>
        </dl>
        <pre class="letter" tabindex="0" role="region" aria-label="Text of the mail">
            {text}
        </pre>
        <form class="form" action=NotifyDomain::url() method="post">
            <input type="hidden" name="id" value=id />
            <input type="hidden" name="to" value=typed.to />
            <input type="hidden" name="note" value=typed.note />
            <div class="form__buttons">
                <button class="usa-button" type="submit">
                    {words}
                </button>
                <a class="usa-link" href=back>
                    "Change it"
                </a>
            </div>
        </form>
    }
    .into_any()
}
