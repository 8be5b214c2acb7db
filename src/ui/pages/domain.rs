//! A web domain's page: the answer, the way to Live, its records, certificates and timeline.

use crate::api::domains::{ChangeValidation, RefreshDomain, RenewDomain, TakeStep, domain, timeline};
use crate::api::links::{EndLink, MakeLink, links};
use crate::api::people::agencies;
use crate::api::uploads::RemoveUpload;
use crate::domain::observed::RecordState;
use crate::domain::record::Purpose;
use crate::domain::reply::reply;
use crate::domain::role::{Act, Role};
use crate::domain::setup::VerificationMethod;
use crate::islands::live::Live;
use crate::ui::pages::Loading;
use crate::ui::parts::about::About;
use crate::ui::parts::answer::AnswerBox;
use crate::ui::parts::by_hand::ByHand;
use crate::ui::parts::certificates::Certificates;
use crate::ui::parts::errors::{ErrorSummary, came_back, refusal_of};
use crate::ui::parts::heading::{Crumbs, Heading};
use crate::ui::parts::layout::Session;
use crate::ui::parts::links::Links;
use crate::ui::parts::records::RecordsPanel;
use crate::ui::parts::refused::Refused;
use crate::ui::parts::rehearsal::Rehearsal;
use crate::ui::parts::reply::ReplyToCopy;
use crate::ui::parts::steps::{Steps, done};
use crate::ui::parts::tag::{DomainTag, SslTag};
use crate::ui::parts::time::NextCheck;
use crate::ui::parts::timeline::Timeline;
use crate::wire::domain::{DomainView, EventView, Page, sheet};
use crate::wire::error::Refusal;
use crate::wire::link::LinkView;
use crate::wire::people::AgencyView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

type History = Result<Page<EventView>, Refusal>;

/// What the person may do on the page.
#[derive(Clone, Copy)]
struct Deeds {
    may_refresh: bool,
    may_manage: bool,
    /// Helps customers.
    helps: bool,
}

/// The page.
#[component]
pub fn DomainPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let before = Memo::new(move |_| query.with(|query| query.get("before")).unwrap_or_default());
    let shown = Resource::new_blocking(move || id.get(), domain);
    let history = Resource::new_blocking(move || (id.get(), before.get()), |(id, before)| timeline(id, before));
    let links = Resource::new_blocking(move || id.get(), links);
    let offices = Resource::new_blocking(|| (), |()| agencies());
    let session = expect_context::<Session>();
    let refusals = [
        refusal_of(ServerAction::<RefreshDomain>::new()),
        refusal_of(ServerAction::<RenewDomain>::new()),
        refusal_of(ServerAction::<RemoveUpload>::new()),
        refusal_of(ServerAction::<ChangeValidation>::new()),
        refusal_of(ServerAction::<TakeStep>::new()),
        refusal_of(ServerAction::<MakeLink>::new()),
        refusal_of(ServerAction::<EndLink>::new()),
    ];
    let refusal = Signal::derive(move || refusals.into_iter().find_map(|refusal| refusal.get()));
    view! {
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || {
                let older = !before.get().is_empty();
                let still = older || query.with(|query| came_back(query) || query.get("reload").is_some());
                Suspend::new(async move {
                    let role = session.viewer().await.map(|viewer| viewer.role);
                    let may = move |act| role.is_some_and(|role: Role| role.may(act));
                    let deeds = Deeds {
                        may_refresh: may(Act::Refresh),
                        may_manage: may(Act::Manage),
                        helps: may(Act::Triage),
                    };
                    let history = history.await;
                    let offices = offices.await.map(|page| page.items).unwrap_or_default();
                    let links = links.await.unwrap_or_default();
                    match shown.await {
                        Ok(view) => view! { <Body view offices history links older deeds still /> }.into_any(),
                        Err(refusal) => view! { <Refused refusal /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Body(
    view: DomainView,
    offices: Vec<AgencyView>,
    history: History,
    links: Vec<LinkView>,
    older: bool,
    deeds: Deeds,
    still: bool,
) -> impl IntoView {
    let (id, title) = (view.id.clone(), view.domain.clone());
    let active = |source: &str| {
        let mut listed = view.certificates.iter();
        listed.any(|one| one.source == source && matches!(one.status.as_str(), "active" | "pending_deployment"))
    };
    let (has_ours, has_upload) = (active("acme"), active("upload"));
    let refresh = deeds.may_refresh.then(|| view! { <Refresh id=id.clone() /> });
    let renew = (deeds.may_manage && has_ours).then(|| view! { <Renew id=id.clone() /> });
    let take_back = (deeds.may_manage && has_upload).then(|| view! { <RemoveUploaded id=id.clone() /> });
    let upload = deeds.may_manage.then(|| format!("/domains/{id}/upload")).map(|href| {
        view! {
            <a class="usa-button usa-button--outline" href=href>
                "Upload Certificate"
            </a>
        }
    });
    let remove = deeds.may_manage.then(|| view! { <Remove id title=title.clone() /> });
    let settings = deeds.may_manage.then(|| format!("/domains/{}/settings", view.id));
    let cause = view.findings.first().filter(|_| deeds.helps && !view.ready).cloned();
    let answer = cause.map(|cause| {
        let text = reply(&view.domain, &cause.title, &cause.explanation, &cause.fix, cause.owner);
        view! { <ReplyToCopy text about=cause.title id="reply" /> }
    });
    let links = deeds.may_manage.then(|| view! { <Links id=view.id.clone() links /> });
    let path = format!("/domains/{}", view.id);
    // What keeps a timeline from being read is no reason to hide the domain.
    let history = history.ok().map(|events| view! { <Timeline path events is_older=older /> });
    let offer = (deeds.may_manage && by_http_instead(&view)).then(|| view! { <HttpInstead id=view.id.clone() /> });
    let steps_by_hand = deeds.may_manage.then(|| {
        view! { <ByHand id=view.id.clone() by_hand=view.by_hand next_step=view.next_step.clone() /> }
    });
    let by_email = view.verification_method == VerificationMethod::Email && view.certificates.is_empty();
    let by_email = (deeds.may_manage && by_email).then(|| view! { <ByEmail id=view.id.clone() /> });
    let steps = (!view.ready).then(|| view! { <Steps done=done(&view) /> });
    let reloads = !view.ready && !still;
    let certificates = view.certificates.clone();
    let files = format!("/api/v1/domains/{}/dns-records", view.id);
    let stream = format!("/events?domain={}", view.id);
    let sheet = sheet(&view.domain, view.dns_provider.as_ref(), &view.dns_records);
    view! {
        <Title text=title />
        <Live stream />
        {reloads.then(|| view! { <ReloadWithoutScript /> })}
        <Top view=view.clone() offices settings>
            {refresh}
        </Top>
        <AnswerBox view=view.clone() />
        {answer}
        {offer}
        {by_email}
        {steps}
        <RecordsPanel records=view.dns_records token_file=view.token_file checked_at=view.checked_at sheet files>
            {links}
        </RecordsPanel>
        <Certificates certificates>{upload} {take_back} {renew}</Certificates>
        {view.renewal_rehearsal.map(|rehearsal| view! { <Rehearsal rehearsal /> })}
        {steps_by_hand}
        {history}
        {remove}
    }
}

#[component]
fn Top(view: DomainView, offices: Vec<AgencyView>, settings: Option<String>, children: Children) -> impl IntoView {
    let used_by = used_by(&view, offices);
    let name = (view.name != view.domain).then_some(view.name);
    let next = view.next_check_at;
    let report = format!("/domains/{}/report", view.id);
    let (domain_status, ssl_status) = (view.domain_status, view.ssl_status);
    view! {
        <Crumbs here=view.domain.clone() />
        <Heading text=view.domain />
        <p class="subtitle">
            {name.map(|name| view! { <span>{name}</span> })}
            {used_by.map(|words| view! { <span>{words}</span> })}
            {settings
                .map(|href| {
                    view! {
                        <a class="usa-link" href=href>
                            "Settings"
                        </a>
                    }
                })}
        </p>
        <div class="top">
            <dl class="statuses">
                <div>
                    <dt>"Domain Status"</dt>
                    <dd data-said="Domain Status">
                        <DomainTag status=domain_status />
                    </dd>
                    <dd>
                        <About
                            href=format!("/help#status-{}", domain_status.word())
                            what=format!("Domain Status {}", domain_status.label())
                        />
                    </dd>
                </div>
                <div>
                    <dt>"SSL Status"</dt>
                    <dd data-said="SSL Status">
                        <SslTag status=ssl_status />
                    </dd>
                    <dd>
                        <About
                            href=format!("/help#status-ssl-{}", ssl_status.word())
                            what=format!("SSL Status {}", ssl_status.label())
                        />
                    </dd>
                </div>
            </dl>
            <div class="next">
                <p>
                    <NextCheck at=next />
                </p>
                {children()}
                <a class="usa-button usa-button--outline" href=report>
                    "View Report"
                </a>
            </div>
        </div>
    }
    .into_any()
}

/// The agencies that use the domain, its Default Agency first.
fn used_by(view: &DomainView, offices: Vec<AgencyView>) -> Option<String> {
    let ids = view.agency.iter().chain(&view.enabled_agencies);
    let name = |id: &String| offices.iter().find(|office| office.id == *id).map(|office| office.name.clone());
    let names: Vec<String> = ids.filter_map(name).collect();
    (!names.is_empty()).then(|| format!("Used by {}", names.join(", ")))
}

#[component]
fn Refresh(id: String) -> impl IntoView {
    view! {
        <form action=RefreshDomain::url() method="post" data-in-place="" data-awaits-look="">
            <input type="hidden" name="id" value=id />
            <button class="usa-button" type="submit">
                "Refresh"
            </button>
        </form>
    }
}

#[component]
fn Renew(id: String) -> impl IntoView {
    view! {
        <form action=RenewDomain::url() method="post" data-in-place="">
            <input type="hidden" name="id" value=id />
            <button class="usa-button usa-button--outline" type="submit" aria-describedby="renewing">
                "Renew now"
            </button>
            <p class="panel__note" id="renewing">
                "We order a new certificate at once. Visitors get the present one until the new one is in place; DNS stays as it is."
            </p>
        </form>
    }
}

/// Whether the CA could be shown what it needs on our own servers, since the record for the other way is not there.
fn by_http_instead(view: &DomainView) -> bool {
    let state = |purpose| view.dns_records.iter().find(|record| record.purpose == purpose).map(|record| record.state);
    let dcv_lacks = matches!(state(Purpose::Dcv), Some(RecordState::Missing | RecordState::Wrong));
    !view.wildcard && dcv_lacks && state(Purpose::Routing) == Some(RecordState::Detected)
}

#[component]
fn ByEmail(id: String) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="by-email">
            <h2 id="by-email">"Approver's Email"</h2>
            <p>"Ownership is proven when whoever reads that mailbox approves."</p>
            <p>
                <a class="usa-button usa-button--outline" href=format!("/domains/{id}/approval")>
                    "Choose the Approver's Email"
                </a>
            </p>
        </section>
    }
    .into_any()
}

#[component]
fn HttpInstead(id: String) -> impl IntoView {
    view! {
        <section class="answer" aria-labelledby="http-instead">
            <h2 class="answer__title" id="http-instead">
                "The DCV record can be done without"
            </h2>
            <p>
                "Visitors already come to our servers, so the certificate authority can check the domain there: now, and at every renewal as long as the domain leads here."
            </p>
            <form action=ChangeValidation::url() method="post" data-in-place="">
                <input type="hidden" name="id" value=id />
                <input type="hidden" name="ssl_validation" value="http" />
                <button class="usa-button usa-button--outline" type="submit">
                    "Switch to HTTP validation"
                </button>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn RemoveUploaded(id: String) -> impl IntoView {
    view! {
        <form action=RemoveUpload::url() method="post" data-in-place="">
            <input type="hidden" name="id" value=id />
            <button class="usa-button usa-button--outline" type="submit">
                "Remove uploaded certificate"
            </button>
        </form>
    }
}

#[component]
fn Remove(id: String, title: String) -> impl IntoView {
    view! {
        <details class="more remove">
            <summary>"Remove this domain"</summary>
            <p>
                {format!(
                    "We stop serving {title} and stop renewing its certificate. The next page asks you to type the name before anything happens.",
                )}
            </p>
            <p>
                <a class="usa-link" href=format!("/domains/{id}/remove")>
                    "Go on to remove the domain"
                </a>
            </p>
        </details>
    }
    .into_any()
}

/// Reloads while something is pending, for browsers without script; says so, and can be stopped (WCAG 2.2.2).
#[component]
pub(super) fn ReloadWithoutScript() -> impl IntoView {
    const RELOAD: &str = concat!(
        r#"<meta http-equiv="refresh" content="10">"#,
        r#"<p class="panel__note">This page reloads by itself every 10 seconds. "#,
        r#"<a class="usa-link" href="?reload=off">Stop reloading</a></p>"#,
    );
    view! { <noscript inner_html=RELOAD></noscript> }
}
