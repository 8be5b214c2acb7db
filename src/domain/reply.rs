//! A ready reply to a customer: a finding in their own terms, for one domain or, with words in brackets, for any that is like it.
//!
//! Nothing here is sent: whoever helps reads it first, and fills in what is in brackets.

use super::facts::Facts;
use super::finding::{Finding, Owner};
use super::record::Place;
use super::setup::Setup;

/// The reply about one domain.
#[must_use]
pub fn reply(name: &str, title: &str, explanation: &str, fix: &str, owner: Owner) -> String {
    let what = match (fix.is_empty(), owner) {
        (false, Owner::Dns) => format!("What your DNS administrator needs to do: {fix}"),
        (false, Owner::Network) => format!("What your network administrator needs to do: {fix}"),
        (false, Owner::Agency) => format!("What to do: {fix}"),
        (_, Owner::Padlock) => {
            "You need to do nothing: this is ours to put right, and we are at work on it.".to_owned()
        }
        (_, Owner::Ca) => "You need to do nothing: we wait for the certificate authority.".to_owned(),
        _ => "You need to do nothing: this passes by itself.".to_owned(),
    };
    format!(
        "Hello,\n\nabout your web domain {name}: {}\n\n{explanation}\n\n{what}\n\nWe look again by ourselves; as soon as it is \
         put right, the domain goes on without any further step.\n",
        ended(title)
    )
}

fn ended(sentence: &str) -> String {
    if sentence.ends_with(['.', '!', '?']) { sentence.to_owned() } else { format!("{sentence}.") }
}

/// The same for every domain with this cause: what is one domain's own gives way to a word that says what stands there.
#[must_use]
pub fn for_any(setup: &Setup, facts: &Facts, place: &Place, finding: &Finding) -> String {
    let Finding { title, explanation, fix, owner, .. } = finding;
    blanked(&reply(&setup.hostname.to_string(), title, explanation, fix, *owner), &own(setup, facts, place))
}

/// What differs from domain to domain, and the word for it.
fn own(setup: &Setup, facts: &Facts, place: &Place) -> Vec<(String, &'static str)> {
    let mut own = vec![
        (setup.hostname.to_string(), "[domain]"),
        (setup.hostname.base().to_owned(), "[domain]"),
        (setup.token.as_str().to_owned(), "[token]"),
    ];
    let zone = facts.observation.as_ref().and_then(|seen| seen.zone.as_ref().ok());
    for wanted in setup.wanted(place) {
        if let Some(zone) = zone {
            own.push((super::record::relative_host(&wanted.host, &zone.apex), "[host]"));
        }
        own.push((wanted.host, "[name]"));
        // The same for every domain: it can be told.
        if wanted.value != place.edge_hostname {
            own.push((wanted.value, "[value]"));
        }
    }
    if let Some(seen) = &facts.observation {
        let found = seen.records.iter().flat_map(|record| record.verdict(&seen.edge_addresses).found);
        own.extend(found.map(|value| (value, "[found value]")));
    }
    if let Some(zone) = zone {
        own.push((zone.apex.clone(), "[zone]"));
        own.extend(zone.servers.iter().map(|server| (server.name.clone(), "[name server]")));
    }
    own.retain(|(text, _)| text.chars().count() > 1);
    own.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
    own
}

/// Puts the words in place of what they stand for: the longest first, and only where it stands by itself.
fn blanked(text: &str, own: &[(String, &'static str)]) -> String {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let (mut written, mut rest) = (String::with_capacity(text.len()), text);
    let mut before = ' ';
    while let Some(next) = rest.chars().next() {
        let here = own
            .iter()
            .find(|(text, _)| rest.starts_with(text.as_str()) && !rest[text.len()..].chars().next().is_some_and(joins));
        match here.filter(|_| !joins(before)) {
            Some((text, word)) => {
                written.push_str(word);
                rest = &rest[text.len()..];
                before = ']';
            }
            None => {
                written.push(next);
                rest = &rest[next.len_utf8()..];
                before = next;
            }
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::Code;
    use super::super::laws::setup;
    use super::*;

    fn told(name: &str, finding: &Finding) -> String {
        reply(name, &finding.title, &finding.explanation, &finding.fix, finding.owner)
    }

    fn missing(host: &str, value: &str) -> Finding {
        Finding::new(
            Code::RecMissing,
            "SSL Certificate Validation (TXT) is not there yet".into(),
            format!("We cannot find a TXT record at {host}."),
            format!("Add a TXT record: host {host}, value {value}"),
        )
    }

    #[test]
    fn a_reply_says_what_and_who_and_ends_with_what_comes_next() {
        let text = told("portal.court.test", &missing("_padlock.portal.court.test", "v=1"));
        assert!(text.starts_with("Hello,\n\nabout your web domain portal.court.test: SSL Certificate"), "{text}");
        assert!(text.contains("What your DNS administrator needs to do: Add a TXT record"), "{text}");
        let ours = missing("x", "y").by(Owner::Padlock);
        assert!(told("a.test", &ours).contains("You need to do nothing: this is ours"), "ours");
        let nobodys = Finding { fix: String::new(), ..missing("x", "y").by(Owner::Nobody) };
        assert!(told("a.test", &nobodys).contains("passes by itself"), "nobody's");
    }

    #[test]
    fn what_is_one_domains_own_gives_way_to_a_word_for_it() {
        let place = Place {
            dcv_zone: "dcv.padlock.test".into(),
            edge_hostname: "edge.padlock.test".into(),
            record_label: "_padlock".into(),
        };
        let setup = setup();
        let wanted = setup.wanted(&place).remove(0);
        let text = for_any(&setup, &Facts::default(), &place, &missing(&wanted.host, &wanted.value));
        assert!(text.contains("about your web domain [domain]: "), "{text}");
        assert!(text.contains("Add a TXT record: host [name], value [value]"), "{text}");
        assert!(!text.contains(&setup.hostname.to_string()) && !text.contains(setup.token.as_str()), "{text}");
    }

    #[test]
    fn only_what_stands_by_itself_gives_way() {
        let own = [("www.court.test".to_owned(), "[domain]"), ("court.test".to_owned(), "[zone]")];
        let text = "www.court.test, xcourt.test, a.court.test, court.test-x and court.test.";
        assert_eq!(blanked(text, &own), "[domain], xcourt.test, a.[zone], court.test-x and [zone].");
        assert_eq!(blanked("ßcourt.test", &own), "ßcourt.test");
    }
}
