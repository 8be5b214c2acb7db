//! The Monitoring Report of a domain: what can be seen of it from outside, now. Printed, it is a document.

use crate::api::domains::report;
use crate::domain::monitoring::{Line, Mark, Section};
use crate::ui::pages::Loading;
use crate::ui::parts::answer::FindingItems;
use crate::ui::parts::heading::{Crumbs, Heading};
use crate::ui::parts::refused::Refused;
use crate::ui::parts::tag::{Tag, Tone};
use crate::ui::parts::time::Time;
use crate::wire::domain::FindingView;
use crate::wire::report::ReportView;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// The page.
#[component]
pub fn ReportPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let made = Resource::new_blocking(move || id.get(), report);
    view! {
        <Suspense fallback=Loading>
            {move || {
                let id = id.get();
                Suspend::new(async move {
                    match made.await {
                        Ok(view) => view! { <Body view id /> }.into_any(),
                        Err(refusal) => view! { <Refused refusal /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Body(view: ReportView, id: String) -> impl IntoView {
    let ReportView { domain, made_at, headline, findings, sections } = view;
    let title = format!("Monitoring Report for {domain}");
    let sections = sections.into_iter().enumerate().map(|(place, section)| view! { <Part section place /> });
    view! {
        <Title text=title.clone() />
        <Crumbs through=(format!("/domains/{id}"), domain) here="Monitoring Report" />
        <Heading text=title />
        <p class="lead">{headline}</p>
        <p class="panel__note">
            "Seen from outside on " <Time at=made_at />
            "." <span class="on-screen">" Print this page to keep it as a document; load it again to look again."</span>
        </p>
        <Found findings />
        {sections.collect_view()}
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
