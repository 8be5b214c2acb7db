//! The Monitoring Report of a domain: what can be seen of it from outside, now. Printed, it is a document.

use crate::api::domains::{diagnosis, report};
use crate::domain::monitoring::{Line, Mark, Section};
use crate::domain::reach::{Outside, site};
use crate::islands::reach::Reach;
use crate::ui::asked_site::AskedSite;
use crate::ui::pages::Loading;
use crate::ui::parts::answer::FindingItems;
use crate::ui::parts::heading::{Crumbs, Heading};
use crate::ui::parts::refused::{Refused, sign_in_and_back};
use crate::ui::parts::tag::{Tag, Tone};
use crate::ui::parts::time::Time;
use crate::ui::status::PageStatus;
use crate::wire::diagnosis::DiagnosisView;
use crate::wire::domain::FindingView;
use crate::wire::error::{Kind, Refusal};
use crate::wire::report::ReportView;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_params_map;

/// The page: its head at once, and what is seen as soon as it was looked at.
#[component]
pub fn ReportPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let title = RwSignal::new("Monitoring Report".to_owned());
    let sign_in = sign_in_and_back();
    let known = Resource::new_blocking(move || id.get(), move |id| announced(id, title, sign_in.clone()));
    let made = Resource::new(move || id.get(), report);
    let head = move || {
        let id = id.get();
        Suspend::new(async move {
            match known.await {
                Ok(DiagnosisView { domain, .. }) => view! { <Head domain id /> }.into_any(),
                Err(refusal) => view! { <Refused refusal /> }.into_any(),
            }
        })
    };
    let body = move || {
        Suspend::new(async move {
            match (known.await, made.await) {
                (Ok(_), Ok(view)) => view! { <Body view /> }.into_any(),
                (Ok(_), Err(refusal)) => view! { <Refused refusal /> }.into_any(),
                // The head said so.
                (Err(_), _) => ().into_any(),
            }
        })
    };
    view! {
        <Title text=move || title.get() />
        <Suspense fallback=Loading>{head}</Suspense>
        <Suspense>{body}</Suspense>
    }
}

/// Finds the domain, and says what goes out before the page does: its status or where it leads, its title, and the site that its
/// reader asks.
async fn announced(id: String, title: RwSignal<String>, sign_in: String) -> Result<DiagnosisView, Refusal> {
    let known = diagnosis(id).await;
    match &known {
        Ok(view) => {
            title.set(title_of(&view.domain));
            AskedSite::allow(&site(&view.domain));
        }
        Err(Refusal { kind: Kind::SignedOut, .. }) => _ = view! { <Redirect path=sign_in /> },
        Err(refusal) => PageStatus::say(refusal.kind.status()),
    }
    known
}

fn title_of(domain: &str) -> String {
    format!("Monitoring Report for {domain}")
}

/// What is known before anything was looked at.
#[component]
fn Head(domain: String, id: String) -> impl IntoView {
    let title = title_of(&domain);
    view! {
        <Crumbs through=(format!("/domains/{id}"), domain) here="Monitoring Report" />
        <Heading text=title />
        <p class="meanwhile">
            "We are looking at its DNS, its certificate and its site. That takes a second, and up to fifteen where servers do not answer."
        </p>
    }
    .into_any()
}

#[component]
fn Body(view: ReportView) -> impl IntoView {
    let ReportView { domain, made_at, headline, findings, outside, question, sections } = view;
    let sections = sections.into_iter().enumerate().map(|(place, section)| view! { <Part section place /> });
    view! {
        <p class="lead">{headline}</p>
        <p class="panel__note">
            "Seen from outside on " <Time at=made_at />
            "." <span class="on-screen">" Print this page to keep it as a document; load it again to look again."</span>
        </p>
        <FromHere domain outside question />
        <Found findings />
        {sections.collect_view()}
    }
    .into_any()
}

/// The same from where the reader is; without script, how to look oneself.
#[component]
fn FromHere(domain: String, outside: Outside, question: String) -> impl IntoView {
    let site = site(&domain);
    let seen = match outside {
        Outside::Works => "it works from outside, so an error there comes from your network or your computer.",
        Outside::Broken => {
            "it does not work from outside either, so an error there is nothing of your network's doing."
        }
    };
    view! {
        <section class="report on-screen" aria-labelledby="reach-title">
            <h2 id="reach-title">"From your network"</h2>
            <Reach domain site=site.clone() question outside>
                <p>
                    "Open "
                    <a class="usa-link" href=site.clone() rel="noreferrer">
                        {site.clone()}
                    </a> " in a browser on the network that has trouble: " {seen}
                </p>
            </Reach>
        </section>
    }
    .into_any()
}

#[component]
fn Found(findings: Vec<FindingView>) -> impl IntoView {
    let any = !findings.is_empty();
    any.then(|| {
        view! {
            <section aria-labelledby="found-title">
                <h2 id="found-title">"What was found"</h2>
                <ul class="evidence">
                    <FindingItems findings />
                </ul>
            </section>
        }
    })
}

#[component]
fn Part(section: Section, place: usize) -> impl IntoView {
    let Section { title, lines } = section;
    let id = format!("report-{place}");
    let label = title.clone();
    let rows = lines.into_iter().map(|line| view! { <Row line /> }).collect_view();
    view! {
        <section class="report" aria-labelledby=id.clone()>
            <h2 id=id.clone()>{title}</h2>
            <table class="listing report__lines" aria-label=label>
                <thead>
                    <tr>
                        <th scope="col">"What"</th>
                        <th scope="col">"How it is"</th>
                        <th scope="col">"What was seen"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

#[component]
fn Row(line: Line) -> impl IntoView {
    let (word, tone) = match line.mark {
        Mark::Good => ("good", Tone::Good),
        Mark::Attention => ("attention", Tone::Attention),
        Mark::Note => ("note", Tone::Quiet),
        Mark::Unknown => ("unknown", Tone::Quiet),
    };
    let label = line.mark.word();
    view! {
        <tr>
            <th scope="row">{line.what}</th>
            <td data-label="How it is">
                <Tag word label tone />
            </td>
            <td data-label="What was seen">{line.words}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_it_is_meant_in_words() {
        let lines = vec![
            Line { mark: Mark::Good, what: "a".into(), words: "b".into() },
            Line { mark: Mark::Attention, what: "<b>".into(), words: "<script>".into() },
        ];
        let html = view! { <Part section=Section { title: "DNS".into(), lines } place=0 /> }.to_html();
        assert!(html.contains("Good") && html.contains("Look at this") && html.contains("&lt;script&gt;"), "{html}");
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
    }
}
