//! Export Certificate: which file, by which password, and why.

use crate::api::exports::exportable;
use crate::ui::pages::Loading;
use crate::ui::parts::errors::ErrorSummary;
use crate::ui::parts::fields::{SelectField, TextField};
use crate::ui::parts::heading::{Crumbs, FormTitle, Heading};
use crate::ui::parts::refused::Refused;
use crate::wire::certificate::ExportableView;
use crate::wire::domain::CertificateView;
use crate::wire::error::Refusal;
use leptos::prelude::*;
use leptos::server_fn::error::ServerFnUrlError;
use leptos_router::hooks::{use_params_map, use_query_map};

const FORMATS: [(&str, &str); 3] = [
    ("pfx", "PFX: certificate, issuers and key in one protected file"),
    ("pem", "PEM: certificate, issuers and key in one open file"),
    ("key", "PEM: the private key alone, open"),
];
const ENCODINGS: [(&str, &str); 2] = [
    ("modern", "Modern: AES-256, for servers of the last years"),
    ("legacy", "Legacy: Triple DES, for servers that read nothing else"),
];

/// The page.
#[component]
pub fn ExportPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let refusal = Signal::derive(move || {
        let error = query.with(|query| query.get("__err"))?;
        Some(ServerFnUrlError::<Refusal>::decode_err(&error))
    });
    let shown = Resource::new_blocking(move || id.get(), exportable);
    view! {
        <FormTitle text="Export Certificate" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok(view) => view! { <ExportForm view refusal /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn ExportForm(view: ExportableView, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let ExportableView { certificate: CertificateView { id, hostname, serial, .. }, has_password } = view;
    let (page, chain) = (format!("/certificates/{id}"), format!("/api/v1/certificates/{id}/download"));
    let typed = |field: &str| {
        refusal.with_untracked(|refusal| Some(refusal.as_ref()?.typed(field)?.to_owned())).unwrap_or_default()
    };
    let (format, reason) = (typed("format"), typed("reason"));
    let choices = |listed: &[(&str, &str)]| -> Vec<(String, String)> {
        listed.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect()
    };
    view! {
        <Crumbs list=("/certificates", "Certificates") through=(page, hostname.clone()) here="Export Certificate" />
        <Heading text=format!("Export the certificate of {hostname}") />
        <p>
            {format!("Certificate {serial}. ")} "The public chain alone is no secret: "
            <a class="usa-link" href=chain download="">
                "download the chain"
            </a> "."
        </p>
        <p>
            "With the private key, whoever has the file can pose as this name. The export is written to the audit log, and its owners are told by mail."
        </p>
        <form class="form" action=format!("/api/v1/certificates/{id}/export") method="post" novalidate=true>
            <SelectField name="format" label="File" hint="What the other server reads." choices=choices(&FORMATS) chosen=format />
            <SelectField
                name="encoding"
                label="Protection of a PFX file"
                hint="Choose the modern one unless the other server refuses it."
                choices=choices(&ENCODINGS)
            />
            <TextField
                name="password"
                label="Password of the PFX file"
                hint="12 characters at least. You type it again where the file is imported."
                kind="password"
                autocomplete="new-password"
                required=false
                refusal
            />
            <TextField
                name="password_again"
                label="The same password again"
                kind="password"
                autocomplete="new-password"
                required=false
                refusal
            />
            <TextField name="reason" label="Reason" hint="Where the key goes, and why." filled=reason refusal />
            {has_password
                .then(|| {
                    view! {
                        <TextField
                            name="own_password"
                            label="Your own password"
                            hint="The one that you sign in with, so that nobody exports keys at your desk."
                            kind="password"
                            autocomplete="current-password"
                            refusal
                        />
                    }
                })}
            <div class="form__buttons">
                <button class="usa-button" type="submit">
                    "Export Certificate"
                </button>
            </div>
        </form>
    }
    .into_any()
}
