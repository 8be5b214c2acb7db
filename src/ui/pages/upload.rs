//! Upload Certificate: one form for a PFX file or PEM files; what comes of it is checked on the next page.

use crate::api::domains::domain;
use crate::domain::certificate::Reach;
use crate::domain::role::Role;
use crate::ui::pages::Loading;
use crate::ui::parts::errors::ErrorSummary;
use crate::ui::parts::fields::{FileField, SelectField, TextField};
use crate::ui::parts::heading::{Crumbs, FormTitle, Heading};
use crate::ui::parts::layout::Session;
use crate::ui::parts::refused::Refused;
use crate::wire::domain::DomainView;
use crate::wire::error::Refusal;
use leptos::prelude::*;
use leptos::server_fn::error::ServerFnUrlError;
use leptos_router::hooks::{use_params_map, use_query_map};

const PEM: &str = ".pem,.crt,.cer,.key,.txt";

/// The page.
#[component]
pub fn UploadPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let refusal = Signal::derive(move || {
        let error = query.with(|query| query.get("__err"))?;
        Some(ServerFnUrlError::<Refusal>::decode_err(&error))
    });
    let shown = Resource::new_blocking(move || id.get(), domain);
    let session = expect_context::<Session>();
    view! {
        <FormTitle text="Upload Certificate" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                let role = session.viewer().await.map_or(Role::Viewer, |viewer| viewer.role);
                match shown.await {
                    Ok(view) => view! { <UploadForm view role refusal /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn UploadForm(view: DomainView, role: Role, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let DomainView { id, domain, agency, .. } = view;
    let page = format!("/domains/{id}");
    let offered = Reach::ALL.into_iter().filter(|reach| match reach {
        Reach::Domain | Reach::Customer => true,
        Reach::Agency => agency.is_some(),
        Reach::Everyone => role == Role::Operator,
    });
    let scopes: Vec<_> = offered.map(|reach| (reach.word().to_owned(), reach.label().to_owned())).collect();
    let chosen = refusal.with_untracked(|refusal| Some(refusal.as_ref()?.typed("scope")?.to_owned()));
    let again = move || {
        let words = "Browsers forget which files were chosen: choose them again.";
        refusal.with(Option::is_some).then(|| view! { <p class="notice">{words}</p> })
    };
    view! {
        <Crumbs through=(page.clone(), domain.clone()) here="Upload Certificate" />
        <Heading text=format!("Upload a certificate for {domain}") />
        <p>
            "Bring a certificate of your own, with its private key. You see what is in the files, and nothing is served before you say yes. It outranks the one that we obtain until it expires or you remove it. We can't renew it."
        </p>
        {again}
        <form
            class="form"
            action=format!("/api/v1/domains/{id}/certificates")
            method="post"
            enctype="multipart/form-data"
            novalidate=true
        >
            <Files refusal />
            <TextField
                name="password"
                label="Certificate Password"
                hint="Of the PFX file or the private key, if there is one."
                kind="password"
                required=false
                refusal
            />
            <TextField
                name="name"
                label="Certificate Name"
                hint="What your office calls it. Left empty, it is called after the name that it is for."
                required=false
                refusal
            />
            <SelectField
                name="scope"
                label="Scope"
                hint="Which domains serve it."
                choices=scopes
                chosen=chosen.unwrap_or_default()
            />
            <div class="form__buttons">
                <button class="usa-button" type="submit">
                    "Check the files"
                </button>
                <a class="usa-link" href=page>
                    "Upload nothing"
                </a>
            </div>
        </form>
    }
    .into_any()
}

/// Two ways to bring the same things.
#[component]
fn Files(refusal: Signal<Option<Refusal>>) -> impl IntoView {
    view! {
        <fieldset class="fieldset">
            <legend>"Either one PFX file"</legend>
            <FileField
                name="pfx"
                label="Certificate PFX File"
                hint="A .pfx or .p12 file with the certificate, its issuers and the key."
                accept=".pfx,.p12"
                refusal
            />
        </fieldset>
        <fieldset class="fieldset">
            <legend>"Or PEM files"</legend>
            <FileField
                name="certificate"
                label="Public Certificate File"
                hint="The others may be in this file too, in any order."
                accept=PEM
                refusal
            />
            <FileField
                name="intermediate"
                label="Intermediate Certificate File"
                hint="The certificate of the authority that issued yours."
                accept=PEM
                refusal
            />
            <FileField
                name="ca_bundle"
                label="CA Bundle File"
                hint="Every authority up to the root, if you were given them in one file."
                accept=PEM
                refusal
            />
            <FileField
                name="private_key"
                label="Private Key File"
                hint="The key that was made together with the certificate's request."
                accept=PEM
                refusal
            />
        </fieldset>
    }
    .into_any()
}
