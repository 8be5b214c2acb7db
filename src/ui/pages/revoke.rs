//! Revoking a certificate: why, what will happen, and the name typed to say that it is meant.

use crate::api::certificates::certificate;
use crate::api::exports::RevokeCertificate;
use crate::domain::revocation::Reason;
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::{SelectField, TextField};
use crate::ui::parts::heading::{Crumbs, FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::wire::certificate::CertificateDetails;
use crate::wire::domain::CertificateView;
use crate::wire::error::Refusal;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;

/// The page.
#[component]
pub fn RevokePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let refusal = refusal_of(ServerAction::<RevokeCertificate>::new());
    let shown = Resource::new_blocking(move || id.get(), certificate);
    view! {
        <FormTitle text="Revoke a certificate" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok(page) => view! { <RevokeForm details=page.details refusal /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn RevokeForm(details: CertificateDetails, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let (hostname, CertificateView { id, serial, .. }) = (details.domain, details.certificate);
    let page = format!("/certificates/{id}");
    let chosen = refusal.with_untracked(|refusal| Some(refusal.as_ref()?.typed("reason")?.to_owned()));
    let reasons = Reason::ALL.into_iter().map(|reason| (reason.word().to_owned(), reason.label().to_owned())).collect();
    view! {
        <Crumbs list=("/certificates", "Certificates") through=(page.clone(), hostname.clone()) here="Revoke" />
        <Heading text=format!("Revoke the certificate of {hostname}") />
        <ul class="consequences">
            <li>{format!("The certificate authority publishes that certificate {serial} is not to be trusted any more.")}</li>
            <li>"This can't be taken back."</li>
            <li>"Another certificate with a new key is obtained at once, and served as soon as it is there."</li>
            <li>"Until then some visitors' browsers refuse the site."</li>
        </ul>
        <form class="form" action=RevokeCertificate::url() method="post" novalidate=true>
            <input type="hidden" name="id" value=id />
            <SelectField
                name="reason"
                label="Reason"
                hint="It is published."
                choices=reasons
                chosen=chosen.unwrap_or_default()
            />
            <TextField name="typed" label=format!("Type {hostname} to revoke its certificate") refusal />
            <div class="form__buttons">
                <button class="usa-button usa-button--secondary" type="submit">
                    "Revoke certificate"
                </button>
                <a class="usa-link" href=page>
                    "Keep it"
                </a>
            </div>
        </form>
    }
    .into_any()
}
