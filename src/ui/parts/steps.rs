//! The way from Create to Live: five steps, one of them current.

use crate::domain::observed::RecordState;
use crate::domain::record::Purpose;
use crate::domain::status::{DomainStatus, SslStatus};
use crate::ui::topic::Topic;
use crate::wire::domain::DomainView;
use leptos::prelude::*;

/// The steps' names, in order.
const NAMES: [&str; 5] = ["Create", "Add records", "Verify", "Certificate", "Live"];

/// Which steps are done; the first that is not is current.
#[must_use]
pub fn done(view: &DomainView) -> [bool; 5] {
    let there = |purpose| {
        view.dns_records.iter().any(|record| record.purpose == purpose && record.state == RecordState::Detected)
    };
    let verified =
        matches!(view.domain_status, DomainStatus::VerifiedNotRouted | DomainStatus::Active | DomainStatus::Moved);
    let certified = matches!(
        view.ssl_status,
        SslStatus::Active | SslStatus::Renewing | SslStatus::RenewalFailing | SslStatus::ExpiringSoon
    );
    let added = certified || (there(Purpose::Validation) && there(Purpose::Dcv));
    [true, added, verified, certified, view.ready]
}

/// The steps of a domain.
#[component]
pub fn Steps(
    /// Which are done.
    done: [bool; 5],
) -> impl IntoView {
    let current = done.iter().position(|done| !done);
    let steps = NAMES.into_iter().zip(done).enumerate().map(|(place, (name, done))| {
        let is_current = current == Some(place);
        let (class, said) = match (done, is_current) {
            (true, _) => ("step step--done", "Done"),
            (false, true) => ("step step--current", "Now"),
            (false, false) => ("step", "To do"),
        };
        view! {
            <li class=class aria-current=is_current.then_some("step")>
                <span class="step__name">{name}</span>
                " "
                <span class="step__state">{said}</span>
            </li>
        }
    });
    view! {
        <ol class="steps" aria-label="Progress">
            {steps.collect_view()}
        </ol>
        <p>
            <a class="usa-link" href=Topic::Live.address()>
                {Topic::Live.heading()}
            </a>
        </p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::parts::examples::{live, waiting};

    #[test]
    fn steps_follow_what_was_seen() {
        let mut view = waiting();
        assert_eq!(done(&view), [true, false, false, false, false], "added, records missing");
        view.domain_status = DomainStatus::Active;
        assert_eq!(done(&view), [true, false, true, false, false], "proven, one SSL record is gone");
        for record in view.dns_records.iter_mut().filter(|record| record.purpose != Purpose::Routing) {
            record.state = RecordState::Detected;
        }
        assert_eq!(done(&view), [true, true, true, false, false], "records are there");
        view.ssl_status = SslStatus::Active;
        assert_eq!(done(&view), [true, true, true, true, false], "certified, not live");
        assert_eq!(done(&live()), [true; 5]);
    }

    #[test]
    fn one_step_is_current_and_each_says_how_far_it_is() {
        let html = view! { <Steps done=[true, false, true, false, false] /> }.to_html();
        assert_eq!(html.matches(r#"aria-current="step""#).count(), 1, "{html}");
        assert_eq!(html.matches(">Done<").count(), 2, "{html}");
        assert_eq!(html.matches(">To do<").count(), 2, "{html}");
    }
}
