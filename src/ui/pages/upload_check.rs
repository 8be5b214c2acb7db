//! Check your answers: what was found in the uploaded files, before anything of it is served.

use crate::api::uploads::{DiscardUpload, ServeUpload, waiting_upload};
use crate::domain::finding::{listed, printable};
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::heading::{Crumbs, FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::ui::parts::time::Time;
use crate::wire::upload::UploadView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;

/// The page.
#[component]
pub fn UploadCheckPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let refusal = refusal_of(ServerAction::<ServeUpload>::new());
    let shown = Resource::new_blocking(move || id.get(), waiting_upload);
    view! {
        <FormTitle text="Check the certificate" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok(view) => view! { <Check view /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Check(view: UploadView) -> impl IntoView {
    let page = format!("/domains/{}", view.domain_id);
    let warnings = view.warnings.clone();
    let unverified = (!view.verified).then(|| {
        format!(
            "Control of {} is not proven yet: the certificate is served once its validation record is there.",
            view.domain
        )
    });
    let warned: Vec<_> = warnings.into_iter().chain(unverified).map(|words| view! { <li>{words}</li> }).collect();
    let warned = (!warned.is_empty()).then(|| {
        view! {
            <h2>"Before you go on"</h2>
            <ul class="consequences">{warned}</ul>
        }
    });
    let id = view.domain_id.clone();
    view! {
        <Crumbs through=(page, view.domain.clone()) here="Check the certificate" />
        <Heading text=format!("Check the certificate for {}", view.domain) />
        <p>
            "The key belongs to the certificate and its issuers are there. Nothing is served yet; it waits until "
            <Time at=view.waits_until /> "."
        </p>
        <Found view=view.clone() />
        {warned}
        <div class="form__buttons">
            <form action=ServeUpload::url() method="post">
                <input type="hidden" name="id" value=id.clone() />
                <input type="hidden" name="upload" value=view.id />
                <button class="usa-button" type="submit">
                    "Serve this certificate"
                </button>
            </form>
            <form action=DiscardUpload::url() method="post">
                <input type="hidden" name="id" value=id />
                <button class="usa-button usa-button--outline" type="submit">
                    "Choose other files"
                </button>
            </form>
        </div>
    }
    .into_any()
}

#[component]
fn Found(view: UploadView) -> impl IntoView {
    let sent = match view.chain {
        1 => "the certificate alone".to_owned(),
        2 => "the certificate and 1 issuer".to_owned(),
        more => format!("the certificate and {} issuers", more - 1),
    };
    let facts = [
        ("Certificate Name", view.name),
        ("Scope", view.reach.label().to_owned()),
        ("Covers", listed(&view.names)),
        ("Certificate Authority", printable(&view.certificate_authority)),
        ("Issuer", printable(&view.issuer)),
        ("Visitors are sent", sent),
        ("Serial number", view.serial),
        ("SHA-256 fingerprint", view.fingerprint_sha256),
    ];
    let row = |(name, value): (&'static str, String)| {
        view! {
            <div class="facts__row">
                <dt>{name}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    view! {
        <dl class="facts">
            {facts.into_iter().map(row).collect_view()} <div class="facts__row">
                <dt>"Issued date"</dt>
                <dd>
                    <Time at=view.issued_at />
                </dd>
            </div> <div class="facts__row">
                <dt>"Expiry date"</dt>
                <dd>
                    <Time at=view.expires_at />
                </dd>
            </div>
        </dl>
    }
    .into_any()
}
