//! What a link without sign-in leads to: one domain's records, for whoever manages its DNS.

use crate::api::links::shared;
use crate::domain::observed::RecordState;
use crate::islands::live::Live;
use crate::ui::pages::Loading;
use crate::ui::pages::domain::ReloadWithoutScript;
use crate::ui::parts::answer::AtProvider;
use crate::ui::parts::copy::CopyButton;
use crate::ui::parts::heading::Heading;
use crate::ui::parts::layout::Session;
use crate::ui::parts::records::RecordsPanel;
use crate::ui::parts::refused::Refused;
use crate::ui::parts::time::{NextCheck, Time};
use crate::wire::domain::sheet;
use crate::wire::link::SharedView;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// The page.
#[component]
pub fn SharedPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let secret = Memo::new(move |_| params.with(|params| params.get("secret")).unwrap_or_default());
    let shown = Resource::new_blocking(move || secret.get(), shared);
    let session = expect_context::<Session>();
    view! {
        <Suspense fallback=Loading>
            {move || {
                let secret = secret.get();
                let still = query.with(|query| query.get("reload").is_some());
                Suspend::new(async move {
                    let signed_in = session.viewer().await.is_some();
                    match shown.await {
                        Ok(view) => view! { <Body view secret signed_in still /> }.into_any(),
                        Err(refusal) => view! { <Refused refusal /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Body(view: SharedView, secret: String, signed_in: bool, still: bool) -> impl IntoView {
    let SharedView { domain, customer, dns_records: records, token_file, dns_provider, checked_at, .. } = view;
    let sheet = sheet(&domain, dns_provider.as_ref(), &records);
    let files = format!("/api/v1/shared/{secret}/dns-records");
    let title = format!("DNS records of {domain}");
    let waits = !still && records.iter().any(|record| record.state != RecordState::Detected);
    view! {
        <Title text=title.clone() />
        <Live stream="" />
        {waits.then(|| view! { <ReloadWithoutScript /> })}
        <Heading text=title />
        <p class="lead">
            {format!("{customer} asks for these records at the DNS provider of {domain}. Nothing else is needed.")}
        </p>
        {signed_in.then(|| view! { <HandOn address=view.url /> })}
        {dns_provider.map(|provider| view! { <AtProvider provider /> })}
        <p class="panel__note">
            <NextCheck at=view.next_check_at />
        </p>
        <p class="panel__note keeps-room">
            "This page works until " <Time at=view.expires_at />
        </p>
        <RecordsPanel records token_file checked_at sheet files />
    }
    .into_any()
}

/// For who made the link: its address, to copy. It is kept nowhere else.
#[component]
fn HandOn(address: String) -> impl IntoView {
    view! {
        <section class="answer" aria-labelledby="hand-on">
            <h2 class="answer__title" id="hand-on">
                "Send this address"
            </h2>
            <p>
                "This is what your DNS administrator will see. Copy the address now: we don't keep it, and can't show it again."
            </p>
            <p>
                <code id="link-address">{address}</code>
                " "
                <CopyButton what="the address".into() shown_in="link-address".into() />
            </p>
        </section>
    }
    .into_any()
}
