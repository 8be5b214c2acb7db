//! The DNS Records panel: what to publish, what was found, and where.

use super::about::About;
use super::copy::CopyButton;
use super::tag::RecordTag;
use super::time::Time;
use super::token_file::FileRow;
use super::tools::Tools;
use crate::domain::difference::{Difference, nearest};
use crate::domain::finding::printable;
use crate::domain::observed::RecordState;
use crate::domain::recipe::Sheet;
use crate::domain::record::RecordType;
use crate::islands::times::Shape;
use crate::wire::domain::{FileView, RecordView};
use crate::wire::when::When;
use leptos::prelude::*;

/// The panel.
#[component]
pub fn RecordsPanel(
    /// The records.
    records: Vec<RecordView>,
    /// The token file, where there is one.
    #[prop(optional_no_strip)]
    token_file: Option<FileView>,
    /// When the name servers were last asked.
    checked_at: Option<When>,
    /// What recipes are made of, once the zone is known.
    sheet: Option<Sheet>,
    /// Where the records are downloaded: an address that takes `?format=`.
    files: String,
    /// What else can be done with them.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let csv = format!("{files}?format=csv");
    let json = format!("{files}?format=json");
    let rows = records.into_iter().map(|record| view! { <RecordRow record /> }).collect_view();
    view! {
        <section class="panel" aria-labelledby="dns-records">
            <div class="panel__head">
                <h2 id="dns-records">"DNS Records"</h2>
                <div class="panel__actions">
                    <a class="usa-button usa-button--outline" href=csv download="">
                        "Download CSV"
                    </a>
                    <a class="usa-button usa-button--outline" href=json download="dns-records.json">
                        "Download JSON"
                    </a>
                </div>
            </div>
            {checked_at
                .map(|at| {
                    view! {
                        <p class="panel__note keeps-room" id="checked-at">
                            "Looked at your name servers at " <Time at shape=Shape::Clock />
                        </p>
                    }
                })}
            <ul class="records" role="list">
                {token_file.map(|file| view! { <FileRow file /> })}
                {rows}
            </ul>
            {sheet.map(|sheet| view! { <Tools sheet files /> })}
            {children.map(|children| children())}
        </section>
    }
    .into_any()
}

#[component]
fn RecordRow(record: RecordView) -> impl IntoView {
    let (purpose, state, label) = (record.purpose, record.state, record.label.clone());
    let class = match state {
        RecordState::Detected => "record record--detected",
        RecordState::Wrong => "record record--wrong",
        RecordState::Missing | RecordState::Unknown => "record",
    };
    let seen = seen(&record);
    let servers = record.servers.clone();
    let help = format!("/help#record-{}", purpose.word());
    view! {
        <li class=class data-record=purpose.word()>
            <div class="record__head">
                <h3>{label.clone()}</h3>
                <About href=help what=label />
                <RecordTag state />
            </div>
            <p class="record__purpose">{purpose.explanation()}</p>
            <Parts record />
            {seen}
            <Servers lines=servers />
        </li>
    }
    .into_any()
}

#[component]
fn Parts(record: RecordView) -> impl IntoView {
    let word = record.purpose.word();
    let (host_id, value_id) = (format!("{word}-host"), format!("{word}-value"));
    let value_name = if record.rtype == RecordType::Cname { "Target" } else { "Value" };
    let is_relative = record.relative_host != record.host;
    let copy_host = format!("host of {}", record.label);
    let copy_value = format!("{} of {}", value_name.to_lowercase(), record.label);
    view! {
        <dl class="record__parts">
            <div class="part part--type">
                <dt>"Type"</dt>
                <dd>{record.rtype.mnemonic()}</dd>
            </div>
            <div class="part">
                <dt>"Host"</dt>
                <dd>
                    <code id=host_id.clone()>{record.relative_host}</code>
                    <CopyButton what=copy_host shown_in=host_id />
                    {is_relative
                        .then(|| {
                            view! {
                                <span class="part__full">
                                    "in full: " <code>{record.host}</code>
                                </span>
                            }
                        })}
                </dd>
            </div>
            <div class="part">
                <dt>{value_name}</dt>
                <dd>
                    <code id=value_id.clone()>{record.value.clone()}</code>
                    <CopyButton what=copy_value shown_in=value_id />
                </dd>
            </div>
            {(record.state == RecordState::Wrong)
                .then(|| view! { <Different found=record.found expected=record.value /> })}
        </dl>
    }
    .into_any()
}

/// Found against expected, with what differs marked and said; what was found is a stranger's text.
#[component]
pub fn Different(
    /// What was found.
    found: Vec<String>,
    /// What should be there.
    expected: String,
) -> impl IntoView {
    let found: Vec<String> = found.iter().map(|value| printable(value)).collect();
    let compared = nearest(&found, &expected).and_then(|at| found.get(at)).cloned().unwrap_or_default();
    let difference = Difference::between(&compared, &expected);
    let words = difference.words();
    let listed = found
        .iter()
        .map(|value| {
            let pieces = if *value == compared {
                marked(difference.start, difference.found, difference.end).into_any()
            } else {
                value.clone().into_any()
            };
            view! {
                <li>
                    <code>{pieces}</code>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="part part--found">
            <dt>"Found"</dt>
            <dd>
                <ul role="list">{listed}</ul>
            </dd>
        </div>
        <div class="part part--expected">
            <dt>"Expected"</dt>
            <dd>
                <code>{marked(difference.start, difference.expected, difference.end)}</code>
            </dd>
        </div>
        {words
            .map(|words| {
                view! {
                    <div class="part part--difference">
                        <dt>"Difference"</dt>
                        <dd>{words}</dd>
                    </div>
                }
            })}
    }
}

pub(super) fn marked(start: &str, differs: &str, end: &str) -> impl IntoView + use<> {
    // An empty text would be sent as a space, and be copied as one.
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mark = some(differs).map(|differs| view! { <mark>{differs}</mark> });
    (some(start), mark, some(end))
}

fn seen(record: &RecordView) -> Option<impl IntoView + use<>> {
    let words = seen_words(record)?;
    let at = record.checked_at?;
    Some(view! {
        <p class="record__seen keeps-room">
            {words} ", at " <Time at shape=Shape::Clock />
        </p>
    })
}

/// "We could not ask" is never shown as "missing".
fn seen_words(record: &RecordView) -> Option<String> {
    let (agreeing, heard) = (record.agreeing, record.heard);
    match (record.state, heard) {
        (RecordState::Unknown, _) if record.checked_at.is_some() => Some("No name server could be asked".to_owned()),
        (RecordState::Unknown, _) => None,
        (_, 1) if agreeing == 0 => Some("Not seen by your name server".to_owned()),
        (_, 1) => Some("Seen by your name server".to_owned()),
        (_, 2) if agreeing == 2 => Some("Seen by both of your name servers".to_owned()),
        _ if agreeing == 0 => Some(format!("Seen by none of your {heard} name servers")),
        _ => Some(format!("Seen by {agreeing} of {heard} name servers")),
    }
}

#[component]
fn Servers(lines: Vec<String>) -> impl IntoView {
    let any = !lines.is_empty();
    let listed = lines.iter().map(|line| view! { <li>{printable(line)}</li> }).collect_view();
    any.then(|| {
        view! {
            <details class="more">
                <summary>"What each name server answered"</summary>
                <ul class="evidence">{listed}</ul>
            </details>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::parts::examples::{live, waiting};
    use crate::wire::domain::{DomainView, sheet};

    fn panel(view: DomainView) -> String {
        let sheet = sheet(&view.domain, None, &view.dns_records);
        let (records, checked_at) = (view.dns_records, view.checked_at);
        view! { <RecordsPanel records checked_at sheet files="/files".into() /> }.to_html()
    }

    #[test]
    fn each_record_says_what_to_publish_and_what_holds() {
        let html = panel(waiting());
        for mark in [r#"data-record="validation""#, r#"data-record="dcv""#, r#"data-record="routing""#] {
            assert_eq!(html.matches(mark).count(), 1, "{mark}: {html}");
        }
        assert_eq!(html.matches(r#"data-status="missing""#).count(), 3, "{html}");
        assert!(html.contains("Copy value of SSL Certificate Validation (TXT)"), "{html}");
        assert!(html.contains("Copy target of Domain Routing"), "{html}");
        assert!(html.contains("_padlock.pay.court.gov") && html.contains(">_padlock.pay<"), "{html}");
        assert!(html.contains("/help#record-dcv") && html.contains("About Domain Routing"), "{html}");
    }

    #[test]
    fn a_different_value_is_shown_against_the_wanted_one_as_text() {
        let mut view = waiting();
        view.dns_records[0].state = RecordState::Wrong;
        view.dns_records[0].found = vec!["<img src=x onerror=alert(1)>\u{7}".into()];
        let html = panel(view);
        assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;\\u{7}"), "{html}");
        assert!(html.contains("It is another value altogether."), "{html}");
        assert!(!html.contains("<img"), "{html}");
        assert!(html.contains("Found") && html.contains("Expected"), "{html}");
    }

    #[test]
    fn what_differs_is_marked_in_both_and_said_in_words() {
        let mut view = waiting();
        view.dns_records[0].state = RecordState::Wrong;
        view.dns_records[0].found = vec!["v=spf1 -all".into(), "padlock-verification=7k2mexampel".into()];
        let html = panel(view).replace("<!>", "");
        assert!(html.contains("padlock-verification=7k2mexamp<mark>el</mark>"), "{html}");
        assert!(html.contains("padlock-verification=7k2mexamp<mark>le</mark>"), "{html}");
        assert!(html.contains("It differs in 2 characters from character 31 on."), "{html}");
    }

    #[test]
    fn who_saw_a_record_is_said_in_words() {
        let mut record = live().dns_records.remove(0);
        assert_eq!(seen_words(&record).as_deref(), Some("Seen by both of your name servers"));
        record.agreeing = 1;
        assert_eq!(seen_words(&record).as_deref(), Some("Seen by 1 of 2 name servers"));
        record.agreeing = 0;
        assert_eq!(seen_words(&record).as_deref(), Some("Seen by none of your 2 name servers"));
        record.state = RecordState::Unknown;
        assert_eq!(seen_words(&record).as_deref(), Some("No name server could be asked"));
        record.checked_at = None;
        assert_eq!(seen_words(&record), None);
    }
}
