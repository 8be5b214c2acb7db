//! The answer before the detail: what to do now, who can do it, and what else was found.

use super::tag::{Icon, Tone};
use crate::domain::finding::{Owner, Severity, printable};
use crate::domain::status::DomainStatus;
use crate::ui::topic::Topic;
use crate::wire::domain::{DomainView, FindingView, ProviderView};
use leptos::prelude::*;

/// What a domain's page says first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How it is meant.
    pub tone: Tone,
    /// One line.
    pub title: String,
    /// What is the matter.
    pub explanation: String,
    /// The one fix; empty when there is nothing to do.
    pub fix: String,
    /// Who can make it.
    pub owner: Option<Owner>,
    /// Where the help page says more.
    pub help: Option<String>,
    /// What people call it, and ask about.
    pub topic: Option<Topic>,
    /// Who answered what.
    pub evidence: Vec<String>,
    /// What else was found.
    pub also: Vec<FindingView>,
}

impl Answer {
    /// Takes the first finding as the cause; several missing records are one thing to do.
    #[must_use]
    pub fn of(view: &DomainView) -> Self {
        let missing = view.findings.iter().filter(|finding| finding.code == "rec_missing").count();
        let first = view.findings.first();
        match first {
            None => Self::all_well(view),
            Some(first) if first.code == "rec_missing" && missing > 1 => Self::records_to_add(view),
            Some(first) => Self {
                tone: tone(first),
                title: view.headline.clone(),
                explanation: first.explanation.clone(),
                fix: first.fix.clone(),
                owner: Some(first.owner),
                help: Some(first.help.clone()),
                topic: Topic::about(&first.code).or_else(|| (!view.ready).then_some(Topic::NotActive)),
                evidence: first.evidence.clone(),
                also: view.findings.iter().skip(1).cloned().collect(),
            },
        }
    }

    fn all_well(view: &DomainView) -> Self {
        let (tone, explanation) = if view.ready {
            (Tone::Good, format!("{} is live, and its certificate renews by itself.", view.domain))
        } else {
            (Tone::Working, "This page changes by itself.".to_owned())
        };
        Self {
            tone,
            title: view.headline.clone(),
            explanation,
            fix: String::new(),
            owner: None,
            help: (!view.ready).then(|| Topic::Statuses.address()),
            topic: None,
            evidence: Vec::new(),
            also: Vec::new(),
        }
    }

    fn records_to_add(view: &DomainView) -> Self {
        let zone = view.dns_records.iter().find_map(|record| record.zone.as_deref());
        let place = zone.map_or_else(String::new, |zone| format!(" in the zone {zone}"));
        Self {
            tone: Tone::Waiting,
            title: view.headline.clone(),
            explanation: "We keep looking for them: this page changes by itself as soon as one is there.".to_owned(),
            fix: format!("Copy the records below and add them{place}, exactly as they are shown."),
            owner: Some(Owner::Dns),
            help: Some(Topic::Places.address()),
            topic: Some(Topic::NotActive),
            evidence: Vec::new(),
            also: view.findings.iter().filter(|finding| finding.code != "rec_missing").cloned().collect(),
        }
    }
}

const fn tone(finding: &FindingView) -> Tone {
    match (finding.severity, finding.owner) {
        (Severity::Info, _) | (_, Owner::Padlock | Owner::Ca | Owner::Nobody) => Tone::Working,
        (Severity::Blocking | Severity::Warning, _) => Tone::Attention,
    }
}

/// The first thing on a domain's page.
#[component]
pub fn AnswerBox(
    /// The domain.
    view: DomainView,
) -> impl IntoView {
    let answer = Answer::of(&view);
    let provider = view.dns_provider.filter(|_| answer.owner == Some(Owner::Dns));
    let address = (view.domain_status == DomainStatus::Active && view.ready && !view.wildcard).then_some(view.domain);
    let closer = (!view.ready).then(|| view! { <Closer id=view.id /> });
    let class = match answer.tone {
        Tone::Good => "answer answer--good",
        Tone::Attention | Tone::Waiting => "answer answer--act",
        _ => "answer",
    };
    view! {
        <section class=class aria-labelledby="answer-title">
            <h2 class="answer__title" id="answer-title">
                <Icon tone=answer.tone />
                {answer.title}
            </h2>
            <p>{answer.explanation}</p>
            {fix(answer.fix)}
            {answer.owner.and_then(who)}
            {provider.map(|provider| view! { <AtProvider provider /> })}
            {address.map(|name| view! { <Visit name /> })}
            {answer.help.map(|href| view! { <More href topic=answer.topic /> })}
            <Evidence lines=answer.evidence />
            <Also findings=answer.also />
            {closer}
        </section>
    }
    .into_any()
}

fn fix(words: String) -> Option<impl IntoView> {
    (!words.is_empty()).then(|| {
        view! {
            <p class="answer__fix">
                <strong>"What to do: "</strong>
                {words}
            </p>
        }
    })
}

fn who(owner: Owner) -> Option<impl IntoView> {
    let words = match owner {
        Owner::Nobody => return None,
        Owner::Padlock => "us. You need to do nothing.",
        Owner::Ca => "the certificate authority. You need to do nothing.",
        Owner::Dns | Owner::Network | Owner::Agency => owner.label(),
    };
    Some(view! { <p class="answer__who">{format!("Who can fix it: {words}")}</p> })
}

#[component]
fn More(href: String, topic: Option<Topic>) -> impl IntoView {
    let topic = topic.map(|topic| {
        view! {
            <a class="usa-link" href=topic.address()>
                {topic.heading()}
            </a>
        }
    });
    view! {
        <p class="answer__more">
            <a class="usa-link" href=href>
                "What this means"
            </a>
            {topic}
        </p>
    }
}

/// The way to where the records are edited.
#[component]
pub fn AtProvider(
    /// Who hosts the zone.
    provider: ProviderView,
) -> impl IntoView {
    let steps = provider.steps.into_iter().map(|step| view! { <li>{step}</li> }).collect_view();
    view! {
        <p>
            <a class="usa-link" href=provider.console_url rel="noreferrer">
                {format!("Open {}", provider.name)}
            </a>
        </p>
        <details class="more">
            <summary>{format!("How to add records at {}", provider.name)}</summary>
            <ol class="evidence">{steps}</ol>
        </details>
    }
}

/// The way to everything that was seen.
#[component]
fn Closer(id: String) -> impl IntoView {
    view! {
        <p>
            <a class="usa-link" href=format!("/domains/{id}/diagnosis")>
                "What the certificate authority sees"
            </a>
        </p>
    }
}

#[component]
fn Visit(name: String) -> impl IntoView {
    view! {
        <p>
            <a class="usa-link" href=format!("https://{name}/") rel="noreferrer">
                {format!("Open https://{name}")}
            </a>
        </p>
        <p>
            "A browser refuses to open it? "
            <a class="usa-link" href=Topic::Handshake.address()>
                {Topic::Handshake.heading()}
            </a>
        </p>
    }
}

/// What was seen, word for word: strangers' text, shown as text.
#[component]
fn Evidence(lines: Vec<String>) -> impl IntoView {
    let listed = lines.iter().map(|line| view! { <li>{printable(line)}</li> }).collect_view();
    (!lines.is_empty()).then(|| {
        view! {
            <details class="more">
                <summary>"What we saw"</summary>
                <ul class="evidence">{listed}</ul>
            </details>
        }
    })
}

#[component]
fn Also(findings: Vec<FindingView>) -> impl IntoView {
    let any = !findings.is_empty();
    any.then(|| {
        view! {
            <div class="answer__also">
                <h3>"Also"</h3>
                <ul>
                    <FindingItems findings />
                </ul>
            </div>
        }
    })
}

/// Findings in a sentence or two each, for a list.
#[component]
pub fn FindingItems(
    /// The findings.
    findings: Vec<FindingView>,
) -> impl IntoView {
    let item = |finding: FindingView| {
        let topic = Topic::about(&finding.code).map(|topic| {
            view! {
                " "
                <a class="usa-link" href=topic.address()>
                    {topic.heading()}
                </a>
            }
        });
        view! {
            <li>
                <strong>{finding.title}</strong>
                ". "
                {finding.explanation}
                " "
                {finding.fix}
                {topic}
            </li>
        }
    };
    findings.into_iter().map(item).collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::parts::examples::{finding, live, waiting};

    #[test]
    fn several_missing_records_are_one_thing_to_do() {
        let answer = Answer::of(&waiting());
        assert_eq!(answer.title, "Add 3 records at your DNS provider");
        assert_eq!((answer.owner, answer.also.len()), (Some(Owner::Dns), 0));
    }

    #[test]
    fn the_first_finding_is_the_answer_and_the_rest_are_listed() {
        let mut view = live();
        view.ready = false;
        view.headline = "It moved".into();
        view.findings = vec![finding("moved", "It moved"), finding("dcv_removed", "The DCV record is gone")];
        let answer = Answer::of(&view);
        assert_eq!(answer.title, "It moved");
        assert_eq!(answer.also.len(), 1);
    }

    #[test]
    fn findings_lead_to_what_people_call_them() {
        let mut view = waiting();
        view.findings = vec![finding("caa_forbids", "CAA bars us"), finding("tls_handshake", "No secure connection")];
        let html = view! { <AnswerBox view=view.clone() /> }.to_html();
        assert!(html.contains("/help#caa_forbids") && html.contains("/help#certificate-not-issuing"), "{html}");
        assert!(html.contains("/help#handshake-failed"), "{html}");
        view.findings = vec![finding("rec_wrong_value", "It has a different value")];
        assert_eq!(Answer::of(&view).topic, Some(Topic::NotActive));
        view.ready = true;
        assert_eq!(Answer::of(&view).topic, None, "it is active");
    }

    #[test]
    fn a_live_domain_needs_nothing() {
        let html = view! { <AnswerBox view=live() /> }.to_html();
        assert!(html.contains("Nothing to do"), "{html}");
        assert!(html.contains("renews about"), "{html}");
        assert!(!html.contains("Who can fix it"), "{html}");
    }

    #[test]
    fn a_known_provider_is_linked_for_who_has_records_to_add() {
        let mut view = waiting();
        view.dns_provider = Some(ProviderView {
            name: "Cloudflare".into(),
            console_url: "https://dash.cloudflare.com/".into(),
            steps: vec!["Sign in".into()],
        });
        let html = view! { <AnswerBox view=view.clone() /> }.to_html();
        assert!(html.contains("Open Cloudflare") && html.contains("How to add records at Cloudflare"), "{html}");
        view.findings.clear();
        let html = view! { <AnswerBox view /> }.to_html();
        assert!(!html.contains("Cloudflare"), "{html}");
    }

    #[test]
    fn strangers_words_are_shown_as_words() {
        let mut view = waiting();
        view.findings.truncate(1);
        view.findings[0].evidence = vec!["ns answered TXT <script>alert(1)</script>\u{202e}".into()];
        let html = view! { <AnswerBox view /> }.to_html();
        assert!(html.contains("&lt;script&gt;") && !html.contains("<script>"), "{html}");
        assert!(html.contains("\\u{202e}"), "{html}");
    }
}
