//! The timeline: what happened to a domain, newest first, and what changed in DNS as a difference.

use super::records::marked;
use super::time::Time;
use crate::domain::changes::DnsChange;
use crate::domain::difference::Difference;
use crate::domain::finding::printable;
use crate::ui::pages::query;
use crate::wire::domain::{EventView, Page};
use leptos::prelude::*;

/// A page of it.
#[component]
pub fn Timeline(
    /// The domain's page.
    path: String,
    /// The events.
    events: Page<EventView>,
    /// Whether these are older ones.
    is_older: bool,
) -> impl IntoView {
    let none = events.items.is_empty();
    let rows = events.items.into_iter().map(|event| view! { <Entry event /> }).collect_view();
    let newest = is_older.then(|| view! { <a class="usa-link" href=format!("{path}#timeline")>"Newest events"</a> });
    let older = events.next_cursor.map(|cursor| {
        view! {
            <a class="usa-link" href=format!("{path}{}#timeline", query(&[("before", &cursor)]))>
                "Older events"
            </a>
        }
    });
    view! {
        <section class="panel" aria-labelledby="timeline">
            <h2 id="timeline">"Timeline"</h2>
            {none.then(|| view! { <p class="panel__note">"Nothing has happened yet."</p> })}
            <ol class="timeline" role="list">
                {rows}
            </ol>
            <p class="paging">{newest} {older}</p>
        </section>
    }
    .into_any()
}

#[component]
fn Entry(event: EventView) -> impl IntoView {
    let changes = event.changes.into_iter().map(|change| view! { <Changed change /> }).collect_view();
    view! {
        <li class="timeline__entry">
            <span class="timeline__at">
                <Time at=event.at />
            </span>
            <div class="timeline__what">{printable(&event.summary)} {changes}</div>
            <span class="timeline__who">{printable(&event.actor)}</span>
        </li>
    }
}

/// What was found at a record, and what is found now: a stranger's text on both sides.
#[component]
fn Changed(change: DnsChange) -> impl IntoView {
    let texts = |values: &[String]| -> Vec<String> { values.iter().map(|value| printable(value)).collect() };
    let (was, now) = (texts(change.before.as_deref().unwrap_or_default()), texts(&change.now));
    let lacks = |one: &[String], other: &[String]| -> Vec<String> {
        one.iter().filter(|value| !other.contains(value)).cloned().collect()
    };
    let (gone, come) = (lacks(&was, &now), lacks(&now, &was));
    // Where one value took the place of another, their difference is marked in both.
    let difference = match (gone.as_slice(), come.as_slice()) {
        ([gone], [come]) => Some(Difference::between(gone, come)),
        _ => None,
    };
    let before = match change.before {
        Some(_) => Look { values: &was, own: &gone, kind: Kind::Gone, difference: difference.as_ref() }.shown(),
        None => "Not known".into_any(),
    };
    let after = Look { values: &now, own: &come, kind: Kind::Come, difference: difference.as_ref() }.shown();
    view! {
        <div class="change">
            <p class="change__record">{change.rtype.mnemonic()} " " <code>{printable(&change.host)}</code></p>
            <dl>
                <div class="part part--found">
                    <dt>"Was"</dt>
                    <dd>{before}</dd>
                </div>
                <div class="part part--expected">
                    <dt>"Now"</dt>
                    <dd>{after}</dd>
                </div>
            </dl>
        </div>
    }
    .into_any()
}

/// What became of a value that only one of two looks has.
#[derive(Clone, Copy)]
enum Kind {
    Gone,
    Come,
}

/// One side of a change.
struct Look<'a> {
    values: &'a [String],
    /// Those that the other side lacks.
    own: &'a [String],
    kind: Kind,
    difference: Option<&'a Difference<'a>>,
}

impl Look<'_> {
    fn shown(&self) -> AnyView {
        if self.values.is_empty() {
            return "Nothing".into_any();
        }
        let item = |value: &String| {
            if self.own.contains(value) {
                return view! { <li>{self.told(value)}</li> }.into_any();
            }
            view! {
                <li>
                    <code>{value.clone()}</code>
                </li>
            }
            .into_any()
        };
        let items = self.values.iter().map(item).collect_view();
        view! { <ul role="list">{items}</ul> }.into_any()
    }

    /// Said in a word as well: not everybody sees a line through a text, or hears of it.
    fn told(&self, value: &str) -> AnyView {
        let word = match self.kind {
            Kind::Gone => "Gone: ",
            Kind::Come => "New: ",
        };
        let text = match (self.difference, self.kind) {
            (Some(found), Kind::Gone) => marked(found.start, found.found, found.end).into_any(),
            (Some(found), Kind::Come) => marked(found.start, found.expected, found.end).into_any(),
            (None, _) => value.to_owned().into_any(),
        };
        let said = view! {
            <span class="usa-sr-only">{word}</span>
            <code>{text}</code>
        };
        match self.kind {
            Kind::Gone => view! { <del>{said}</del> }.into_any(),
            Kind::Come => view! { <ins>{said}</ins> }.into_any(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::record::RecordType;
    use crate::ui::parts::examples::events;

    #[test]
    fn events_have_times_and_older_ones_a_link() {
        let html = view! { <Timeline path="/domains/d1".into() events=events() is_older=false /> }.to_html();
        assert!(html.contains("<time datetime="), "{html}");
        assert!(html.contains("/domains/d1?before=a%26b#timeline"), "{html}");
        assert!(!html.contains("Newest events"), "{html}");
        assert!(!html.contains("<dl"), "what changed nothing in DNS shows no difference: {html}");
    }

    fn changed(before: Option<&[&str]>, now: &[&str]) -> String {
        let texts = |values: &[&str]| -> Vec<String> { values.iter().map(|value| (*value).to_owned()).collect() };
        let (host, before) = ("_padlock.pay.court.gov".into(), before.map(texts));
        let mut page = events();
        page.items[0].changes = vec![DnsChange { host, rtype: RecordType::Txt, before, now: texts(now) }];
        let html = view! { <Timeline path="/domains/d1".into() events=page is_older=false /> }.to_html();
        html.replace("<!>", "")
    }

    #[test]
    fn a_change_in_dns_is_shown_as_a_difference_and_said_in_words() {
        let html = changed(Some(&["v=spf1 -all", "token=7k2m"]), &["v=spf1 -all", "token=7k3m"]);
        assert!(html.contains("_padlock.pay.court.gov") && html.contains("Was") && html.contains("Now"), "{html}");
        assert!(html.contains("token=7k<mark>2</mark>m</code></del>"), "{html}");
        assert!(html.contains("token=7k<mark>3</mark>m</code></ins>"), "{html}");
        assert!(html.contains("Gone: ") && html.contains("New: "), "{html}");
        assert_eq!((html.matches("<del").count(), html.matches("<ins").count()), (1, 1), "{html}");
        assert_eq!(html.matches("<li><code>v=spf1 -all</code></li>").count(), 2, "{html}");
        let html = changed(Some(&[]), &["a", "b"]);
        assert!(html.contains("Nothing") && !html.contains("<del") && !html.contains("<mark"), "{html}");
        assert!(changed(None, &["a"]).contains("Not known"));
    }

    #[test]
    fn what_strangers_wrote_is_text_on_both_sides() {
        let (was, now) = ("<img src=x onerror=alert(1)>\u{202e}", ["<script>alert(1)</script>", "\u{7}\"'&"]);
        let html = changed(Some(&[was]), &now);
        assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;\\u{202e}"), "{html}");
        assert!(html.contains("&lt;script&gt;") && html.contains("\\u{7}"), "{html}");
        assert!(!html.contains("<img") && !html.contains("<script") && !html.contains('\u{7}'), "{html}");
    }
}
