//! What a person is written about: a page of the account, and the one that a mail's link leads to.

use crate::api::notices::{ChooseMail, Unsubscribe, mail_choices, unsubscribing};
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::CheckField;
use crate::ui::parts::heading::{FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::wire::error::Refusal;
use crate::wire::notices::{ChoiceView, UnsubscribeView};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// The page of the account.
#[component]
pub fn MailsPage() -> impl IntoView {
    let query = use_query_map();
    let saved = query.with(|query| query.get("saved").is_some());
    let choices = Resource::new_blocking(|| (), |()| mail_choices());
    let refusal = refusal_of(ServerAction::<ChooseMail>::new());
    view! {
        <FormTitle text="Your mails" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match choices.await {
                    Ok(choices) => view! { <Choices choices saved refusal /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Choices(choices: Vec<ChoiceView>, saved: bool, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let chosen = choices.iter().filter(|choice| choice.wanted).map(|choice| choice.topic.clone()).collect();
    let choices = choices.into_iter().map(|choice| (choice.topic, choice.label)).collect();
    view! {
        <Heading text="Your mails" />
        {saved.then(|| view! { <p role="status">"Saved."</p> })}
        <p>"We write to you about the domains of the customers that you belong to, once for each thing that happens."</p>
        <p>"When a private key was exported, or strangers may have it, whoever manages the domain always hears of that."</p>
        <form class="form" action=ChooseMail::url() method="post">
            <CheckField name="wanted" label="Write to me when" hint="" choices chosen refusal />
            <button class="usa-button" type="submit">
                "Save"
            </button>
        </form>
    }
    .into_any()
}

/// The page that a mail's link leads to; opening it ends nothing.
#[component]
pub fn UnsubscribePage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let token = Memo::new(move |_| params.with(|params| params.get("token")).unwrap_or_default());
    let topic = Memo::new(move |_| query.with(|query| query.get("topic")).unwrap_or_default());
    let offered =
        Resource::new_blocking(move || (token.get(), topic.get()), |(token, topic)| unsubscribing(token, topic));
    view! {
        <Title text="Unsubscribe" />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match offered.await {
                    Ok(offer) => {
                        view! { <End offer token=token.get_untracked() topic=topic.get_untracked() /> }.into_any()
                    }
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn End(offer: UnsubscribeView, token: String, topic: String) -> impl IntoView {
    let about = offer.topic.map(|topic| view! { <p>"You get mails when: " <strong>{topic}</strong> "."</p> });
    let only_all = about.is_none();
    let (all, one) = (token.clone(), token);
    view! {
        <Heading text="Unsubscribe" />
        {about}
        {(!only_all)
            .then(|| {
                view! {
                    <form action=Unsubscribe::url() method="post">
                        <input type="hidden" name="token" value=one />
                        <input type="hidden" name="topic" value=topic />
                        <button class="usa-button" type="submit">
                            "End these mails"
                        </button>
                    </form>
                }
            })}
        <form class="form" action=Unsubscribe::url() method="post">
            <input type="hidden" name="token" value=all />
            <input type="hidden" name="topic" value="" />
            <button class="usa-button usa-button--outline" type="submit">
                "End all mails about domains"
            </button>
        </form>
        <p>
            "Signed in, you choose each topic at " <a class="usa-link" href="/account/mails">
                "Your mails"
            </a> "."
        </p>
    }
    .into_any()
}

/// What follows.
#[component]
pub fn UnsubscribedPage() -> impl IntoView {
    view! {
        <Title text="Unsubscribed" />
        <Heading text="Unsubscribed" />
        <p>"You get no more of these mails."</p>
    }
}
