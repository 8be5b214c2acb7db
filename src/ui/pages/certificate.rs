//! One certificate: whose names it holds, how long it lives, when it renews, its chain, and those before and after it.

use crate::api::certificates::certificate;
use crate::domain::finding::{listed, printable};
use crate::islands::times::Shape;
use crate::ui::pages::Loading;
use crate::ui::parts::certificates::{Fact, Moment, Validity, status, yes_no};
use crate::ui::parts::heading::{Crumbs, Heading};
use crate::ui::parts::refused::Refused;
use crate::ui::parts::tag::Tag;
use crate::ui::parts::time::Time;
use crate::wire::certificate::{
    CHAIN_PASSWORD, CertificateDetails, CertificatePage as View, ChainPart, LastCheck, RenewalWindow,
};
use crate::wire::domain::CertificateView;
use crate::wire::when::When;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// The page.
#[component]
pub fn CertificatePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let shown = Resource::new_blocking(move || id.get(), certificate);
    view! {
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match shown.await {
                    Ok(view) => view! { <Body view /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Body(view: View) -> impl IntoView {
    let View { details, history, exportable, revocable } = view;
    let CertificateDetails { certificate, domain_id, domain, names, key_type, chain, renewal_window, last_check } =
        details;
    let title = format!("Certificate of {domain}");
    let (word, label, tone) = status(&certificate.status);
    let (issued_at, expires_at, renew_at) = (certificate.issued_at, certificate.expires_at, certificate.renew_at);
    let source = if certificate.source == "upload" { "Uploaded" } else { "Automatic" };
    view! {
        <Title text=title.clone() />
        <Crumbs list=("/certificates", "Certificates") here=domain.clone() />
        <Heading text=title />
        <p class="subtitle">
            <Tag word label tone />
            " "
            <a class="usa-link" href=format!("/domains/{domain_id}")>
                {format!("Web domain {domain}")}
            </a>
        </p>
        <section class="panel" aria-labelledby="validity">
            <div class="panel__head">
                <h2 id="validity">"Validity and renewal"</h2>
            </div>
            <Validity issued_at expires_at renew_at />
            <Renewal at=renew_at window=renewal_window />
            {last_check.map(|last| view! { <Checked last /> })}
        </section>
        <section class="panel" aria-labelledby="details">
            <div class="panel__head">
                <h2 id="details">"Certificate Details"</h2>
                <Actions id=certificate.id.clone() exportable revocable />
            </div>
            <p class="panel__note">
                "Neither download of the public chain holds the private key. The PFX file asks for a password: "
                <code>{CHAIN_PASSWORD}</code> "."
            </p>
            <dl class="facts">
                <Fact name="Subject names" value=listed(&names) />
                <Fact name="Certificate Authority" value=printable(&certificate.certificate_authority) />
                <Fact name="Issuer" value=printable(&certificate.issuer) />
                <Fact name="Source" value=source.to_owned() />
                <Fact name="Wildcard Support" value=yes_no(certificate.wildcard).to_owned() />
                <Fact name="Key type" value=key_type />
                <Moment name="Issued date" at=issued_at />
                <Moment name="Expiry date" at=expires_at />
                <Fact name="Serial number" value=certificate.serial />
                <Fact name="SHA-256 fingerprint" value=certificate.fingerprint_sha256 />
            </dl>
        </section>
        <Chain parts=chain />
        <History this=certificate.id all=history />
    }
    .into_any()
}

/// What may be done with it.
#[component]
fn Actions(id: String, exportable: bool, revocable: bool) -> impl IntoView {
    let act = |may: bool, class: &'static str, act: &str, words: &'static str| {
        let href = format!("/certificates/{id}/{act}");
        may.then(|| view! { <a class=class href=href>{words}</a> })
    };
    let download = |format: &'static str, words: &'static str| {
        let href = format!("/api/v1/certificates/{id}/download?format={format}");
        let file = format!("certificate.{format}");
        view! { <a class="usa-button usa-button--outline" href=href download=file>{words}</a> }
    };
    view! {
        <div class="panel__actions">
            {download("pem", "Download public chain (PEM)")}
            {download("pfx", "Download public chain (PFX)")}
            {act(exportable, "usa-button usa-button--outline", "export", "Export Certificate")}
            {act(revocable, "usa-link", "revoke", "Revoke")}
        </div>
    }
    .into_any()
}

#[component]
fn Renewal(at: Option<When>, window: Option<RenewalWindow>) -> impl IntoView {
    let planned = at.map(|at| {
        view! {
            <p>"It is renewed by itself, as long as the DCV record stays in DNS."</p>
            <dl class="facts">
                <Moment name="The renewal is due about" at />
            </dl>
        }
    });
    let window = window.map(|window| {
        let why =
            window.explanation_url.map(|url| view! { <p class="panel__note">"The CA explains this at " {url}</p> });
        view! {
            <p>"The certificate authority asks for the renewal within a time of its own choice (ARI window)."</p>
            <dl class="facts">
                <Moment name="It asks for it from" at=window.from />
                <Moment name="It asks for it until" at=window.until />
            </dl>
            {why}
        }
    });
    view! {
        {planned}
        {window}
    }
    .into_any()
}

/// What the last validity check came to.
#[component]
fn Checked(last: LastCheck) -> impl IntoView {
    let revocation = match last.revocation.as_str() {
        "not_listed" => "its authority does not list it as revoked",
        "listed" => "its authority lists it as revoked",
        "no_list" => "its authority names no list of revoked certificates",
        _ => "its authority's list of revoked certificates could not be had",
    };
    let trust = match last.trust.as_str() {
        "public" => "its chain leads to a root that browsers know",
        "private" => "its chain leads to no root that browsers know",
        _ => "a certificate of its chain has ended",
    };
    view! {
        <p>{format!("What the last check found: {revocation}, and {trust}.")}</p>
        <dl class="facts">
            <Moment name="Last checked" at=last.at />
            <Moment name="It is checked again about" at=last.next_at />
        </dl>
    }
    .into_any()
}

#[component]
fn Chain(parts: Vec<ChainPart>) -> impl IntoView {
    let part = |part: ChainPart| {
        let whose = match part.subject.as_str() {
            "" => "The certificate itself".to_owned(),
            subject => printable(subject),
        };
        view! {
            <li>
                <h3 class="chain__whose">{whose}</h3>
                <dl class="facts">
                    <Fact name="Signed by" value=printable(&part.issuer) />
                    <Fact name="Key type" value=part.key_type />
                    <Moment name="Valid until" at=part.expires_at />
                    <Fact name="SHA-256 fingerprint" value=part.fingerprint_sha256 />
                </dl>
            </li>
        }
    };
    view! {
        <section class="panel" aria-labelledby="chain">
            <div class="panel__head">
                <h2 id="chain">"Chain"</h2>
            </div>
            <p class="panel__note">
                "What visitors' browsers are shown: each certificate is signed by the one below it, and the last one by a root that browsers know."
            </p>
            <ol class="chain" role="list">{parts.into_iter().map(part).collect_view()}</ol>
        </section>
    }
    .into_any()
}

#[component]
fn History(this: String, all: Vec<CertificateView>) -> impl IntoView {
    let row = |one: CertificateView| {
        let (word, label, tone) = status(&one.status);
        let is_this = one.id == this;
        view! {
            <tr>
                <th scope="row">
                    <a class="usa-link" href=format!("/certificates/{}", one.id) aria-current=is_this.then_some("page")>
                        <Time at=one.issued_at shape=Shape::Date />
                    </a>
                    {is_this.then_some(" (this one)")}
                </th>
                <td data-label="Expires">
                    <Time at=one.expires_at shape=Shape::Date />
                </td>
                <td data-label="Status">
                    <Tag word label tone />
                </td>
                <td data-label="Certificate Authority">{printable(&one.certificate_authority)}</td>
                <td data-label="Serial number">{one.serial}</td>
            </tr>
        }
    };
    view! {
        <section class="panel" aria-labelledby="history">
            <div class="panel__head">
                <h2 id="history">"History"</h2>
            </div>
            <table class="listing" aria-labelledby="history">
                <thead>
                    <tr>
                        <th scope="col">"Issued"</th>
                        <th scope="col">"Expires"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Certificate Authority"</th>
                        <th scope="col">"Serial number"</th>
                    </tr>
                </thead>
                <tbody>{all.into_iter().map(row).collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}
