//! A web domain's page: the answer, the way to Live, its records, certificates and timeline.

use crate::api::domains::{RefreshDomain, RenewDomain, domain, timeline};
use crate::api::links::{EndLink, MakeLink, links};
use crate::domain::role::{Act, Role};
use crate::ui::live::{self, Heard, Voice};
use crate::ui::pages::Loading;
use crate::ui::parts::answer::AnswerBox;
use crate::ui::parts::certificates::Certificates;
use crate::ui::parts::errors::{ErrorSummary, came_back, refusal_of};
use crate::ui::parts::heading::{Crumbs, Heading};
use crate::ui::parts::layout::Session;
use crate::ui::parts::links::Links;
use crate::ui::parts::records::RecordsPanel;
use crate::ui::parts::refused::Refused;
use crate::ui::parts::steps::{Steps, done};
use crate::ui::parts::tag::{DomainTag, SslTag};
use crate::ui::parts::time::NextCheck;
use crate::ui::parts::timeline::Timeline;
use crate::wire::domain::{DomainView, EventView, Page, sheet};
use crate::wire::error::{Kind, Refusal};
use crate::wire::link::LinkView;
use crate::wire::when::When;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// What a domain's page may have done from it.
#[derive(Clone, Copy)]
struct Deeds {
    refresh: ServerAction<RefreshDomain>,
    renew: ServerAction<RenewDomain>,
    make_link: ServerAction<MakeLink>,
    end_link: ServerAction<EndLink>,
    may_refresh: bool,
    may_manage: bool,
}

type Shown = Resource<Result<DomainView, Refusal>>;
type Last<T> = StoredValue<Option<(String, T)>>;
type History = Result<Page<EventView>, Refusal>;

/// The page.
#[component]
pub fn DomainPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let refresh = ServerAction::<RefreshDomain>::new();
    let renew = ServerAction::<RenewDomain>::new();
    let (make_link, end_link) = (ServerAction::<MakeLink>::new(), ServerAction::<EndLink>::new());
    let looks = live::looks(Signal::derive(move || format!("/events?domain={}", id.get())));
    let done = move || (refresh.version().get(), renew.version().get(), looks.get());
    let shown: Shown = Resource::new_blocking(move || (id.get(), done()), |(id, _)| domain(id));
    announce(shown, refresh);
    let before = Memo::new(move |_| query.with(|query| query.get("before")).unwrap_or_default());
    let history =
        Resource::new_blocking(move || (id.get(), before.get(), done()), |(id, before, _)| timeline(id, before));
    let linked = move || (id.get(), make_link.version().get(), end_link.version().get());
    let links = Resource::new_blocking(linked, |(id, ..)| links(id));
    let (last, last_history) = (Last::new(None), Last::new(None));
    let session = expect_context::<Session>();
    let (refreshed, renewed) = (refusal_of(refresh), refusal_of(renew));
    let (made, ended) = (refusal_of(make_link), refusal_of(end_link));
    let refused = move || refreshed.get().or_else(|| renewed.get()).or_else(|| made.get()).or_else(|| ended.get());
    view! {
        <ErrorSummary refusal=Signal::derive(refused) />
        <Transition fallback=Loading>
            {move || {
                let (asked, cursor) = (id.get(), before.get());
                let older = !cursor.is_empty();
                let still = older || query.with(|query| came_back(query) || query.get("reload").is_some());
                Suspend::new(async move {
                    let role = session.viewer().await.map(|viewer| viewer.role);
                    let may = move |act| role.is_some_and(|role: Role| role.may(act));
                    let (may_refresh, may_manage) = (may(Act::Refresh), may(Act::Manage));
                    let deeds = Deeds { refresh, renew, make_link, end_link, may_refresh, may_manage };
                    let answer = keep(last, asked.clone(), shown.await);
                    let history = keep(last_history, asked + &cursor, history.await);
                    let links = links.await.unwrap_or_default();
                    match answer {
                        Ok(view) => view! { <Body view history links older deeds still /> }.into_any(),
                        Err(refusal) => view! { <Refused refusal /> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
}

/// What was shown under an address stays when a later look fails by our own fault or the network's.
fn keep<T>(last: Last<T>, address: String, answer: Result<T, Refusal>) -> Result<T, Refusal>
where
    T: Clone + Send + Sync + 'static,
{
    match answer {
        Ok(read) => {
            last.set_value(Some((address, read.clone())));
            Ok(read)
        }
        Err(refusal) if refusal.kind == Kind::Broken => {
            last.get_value().filter(|(shown, _)| *shown == address).map(|(_, read)| read).ok_or(refusal)
        }
        Err(refusal) => Err(refusal),
    }
}

/// Says a change of status aloud, once; and what a look came to, when the person asked for one.
fn announce(shown: Shown, refresh: ServerAction<RefreshDomain>) {
    let voice = use_context::<Voice>();
    // When the look before the one that was asked for was made.
    let asked = StoredValue::new(None::<Option<When>>);
    Effect::new(move |_| {
        if matches!(refresh.value().get(), Some(Ok(()))) {
            let checked_at = shown.with_untracked(|answer| answer.as_ref()?.as_ref().ok()?.checked_at);
            asked.set_value(Some(checked_at));
        }
    });
    Effect::new(move |before: Option<Option<Heard>>| {
        let before = before.flatten();
        let view = shown.with(|answer| answer.as_ref()?.as_ref().ok().cloned());
        let now = view.as_ref().map(Heard::of);
        let answered = view.filter(|view| asked.get_value().is_some_and(|last| last != view.checked_at));
        if answered.is_some() {
            asked.set_value(None);
        }
        let changed = before.as_ref().zip(now.as_ref()).and_then(|(before, now)| now.since(before));
        if let (Some(sentence), Some(voice)) =
            (changed.or_else(|| Some(format!("Checked. {}.", answered?.headline))), voice)
        {
            voice.say(&sentence);
        }
        now.or(before)
    });
}

#[component]
fn Body(
    view: DomainView,
    history: History,
    links: Vec<LinkView>,
    older: bool,
    deeds: Deeds,
    still: bool,
) -> impl IntoView {
    let (id, title) = (view.id.clone(), view.domain.clone());
    let has_certificate = view.certificates.iter().any(|certificate| certificate.status == "active");
    let refresh = deeds.may_refresh.then(|| view! { <Refresh id=id.clone() refresh=deeds.refresh /> });
    let renew = (deeds.may_manage && has_certificate).then(|| view! { <Renew id=id.clone() renew=deeds.renew /> });
    let remove = deeds.may_manage.then(|| view! { <Remove id title=title.clone() /> });
    let settings = deeds.may_manage.then(|| format!("/domains/{}/settings", view.id));
    let links = deeds.may_manage.then(|| {
        view! { <Links id=view.id.clone() links make=deeds.make_link end=deeds.end_link /> }
    });
    let path = format!("/domains/{}", view.id);
    // What keeps a timeline from being read is no reason to hide the domain.
    let history = history.ok().map(|events| view! { <Timeline path events is_older=older /> });
    let steps = (!view.ready).then(|| view! { <Steps done=done(&view) /> });
    let reloads = !view.ready && !still;
    let certificates = view.certificates.clone();
    let files = format!("/api/v1/domains/{}/dns-records", view.id);
    let sheet = sheet(&view.domain, view.dns_provider.as_ref(), &view.dns_records);
    view! {
        <Title text=title />
        {reloads.then(|| view! { <ReloadWithoutScript /> })}
        <Top view=view.clone() settings>
            {refresh}
        </Top>
        <AnswerBox view=view.clone() />
        {steps}
        <RecordsPanel records=view.dns_records checked_at=view.checked_at sheet files>
            {links}
        </RecordsPanel>
        <Certificates certificates>{renew}</Certificates>
        {history}
        {remove}
    }
}

#[component]
fn Top(view: DomainView, settings: Option<String>, children: Children) -> impl IntoView {
    let name = (view.name != view.domain).then_some(view.name);
    let next = view.next_check_at;
    view! {
        <Crumbs here=view.domain.clone() />
        <Heading text=view.domain />
        <p class="subtitle">
            {name.map(|name| view! { <span>{name}</span> })}
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
                    <dd>
                        <DomainTag status=view.domain_status />
                    </dd>
                </div>
                <div>
                    <dt>"SSL Status"</dt>
                    <dd>
                        <SslTag status=view.ssl_status />
                    </dd>
                </div>
            </dl>
            <div class="next">
                <p>
                    <NextCheck at=next />
                </p>
                {children()}
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Refresh(id: String, refresh: ServerAction<RefreshDomain>) -> impl IntoView {
    let pending = refresh.pending();
    view! {
        <ActionForm action=refresh>
            <input type="hidden" name="id" value=id />
            <button class="usa-button" type="submit">
                {move || if pending.get() { "Looking…" } else { "Refresh" }}
            </button>
        </ActionForm>
    }
    .into_any()
}

#[component]
fn Renew(id: String, renew: ServerAction<RenewDomain>) -> impl IntoView {
    view! {
        <ActionForm action=renew>
            <input type="hidden" name="id" value=id />
            <button class="usa-button usa-button--outline" type="submit">
                "Renew now"
            </button>
        </ActionForm>
    }
    .into_any()
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
    // A browser with script keeps what stands in `noscript` as text: so it is one constant text here too.
    const RELOAD: &str = concat!(
        r#"<meta http-equiv="refresh" content="10">"#,
        r#"<p class="panel__note">This page reloads by itself every 10 seconds. "#,
        r#"<a class="usa-link" href="?reload=off">Stop reloading</a></p>"#,
    );
    view! { <noscript inner_html=RELOAD></noscript> }
}
