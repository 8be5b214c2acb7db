//! What to do now, in one sentence: the page, the list, the API and the command line say the same.

use super::status::Reading;

/// The sentence. `provider` hosts the zone, if it is known; `renews` is the date of the next renewal, as people read it.
#[must_use]
pub fn headline(reading: &Reading, provider: Option<&str>, renews: Option<&str>) -> String {
    let missing = reading.findings.iter().filter(|finding| finding.code == "rec_missing").count();
    match (reading.cause(), renews) {
        // Several missing records are one thing to do.
        (Some(cause), _) if cause.code == "rec_missing" => {
            let records = if missing == 1 { "1 record".to_owned() } else { format!("{missing} records") };
            format!("Add {records} at {}", provider.unwrap_or("your DNS provider"))
        }
        (Some(cause), _) => cause.title.clone(),
        (None, Some(date)) if reading.ready => format!("Nothing to do: the certificate renews about {date}"),
        (None, _) if reading.ready => "Nothing to do".to_owned(),
        (None, _) => "We are at work: nothing is needed from you".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::{Finding, Owner, Severity};
    use crate::domain::status::{DomainStatus, SslStatus};
    use crate::domain::time::Millis;

    fn reading(codes: &[&'static str], ready: bool) -> Reading {
        let finding = |code: &&'static str| Finding {
            code,
            severity: Severity::Blocking,
            owner: Owner::Dns,
            title: format!("About {code}"),
            explanation: String::new(),
            fix: String::new(),
            evidence: Vec::new(),
        };
        Reading {
            domain_status: DomainStatus::Active,
            ssl_status: SslStatus::Active,
            ready,
            findings: codes.iter().map(finding).collect(),
            next_check_at: Millis(0),
            attempt: 0,
        }
    }

    #[test]
    fn the_cause_is_the_sentence_and_missing_records_are_one_thing_to_do() {
        let three = reading(&["rec_missing"; 3], false);
        assert_eq!(headline(&three, None, None), "Add 3 records at your DNS provider");
        assert_eq!(headline(&three, Some("Cloudflare"), None), "Add 3 records at Cloudflare");
        assert_eq!(
            headline(&reading(&["rec_missing", "moved"], false), None, None),
            "Add 1 record at your DNS provider"
        );
        assert_eq!(headline(&reading(&["moved", "rec_missing"], false), None, None), "About moved");
    }

    #[test]
    fn who_needs_nothing_is_told_so() {
        let date = Some("14 January 2027");
        assert_eq!(
            headline(&reading(&[], true), None, date),
            "Nothing to do: the certificate renews about 14 January 2027"
        );
        assert_eq!(headline(&reading(&[], true), None, None), "Nothing to do");
        assert_eq!(headline(&reading(&[], false), None, date), "We are at work: nothing is needed from you");
    }
}
