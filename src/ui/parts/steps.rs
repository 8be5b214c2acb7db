//! The way from Create to Live: five steps, one of them current.

use crate::domain::observed::RecordState;
use crate::domain::record::Purpose;
use crate::domain::status::{DomainStatus, SslStatus};
use crate::wire::domain::DomainView;
use leptos::prelude::*;

/// The steps' names, in order.
const NAMES: [&str; 5] = ["Create", "Add records", "Verify", "Certificate", "Live"];

/// How many steps are done; the next one is current.
#[must_use]
pub fn done(view: &DomainView) -> usize {
    if view.ready {
        return NAMES.len();
    }
    let there = |purpose| {
        view.dns_records.iter().any(|record| record.purpose == purpose && record.state == RecordState::Detected)
    };
    let verified =
        matches!(view.domain_status, DomainStatus::VerifiedNotRouted | DomainStatus::Active | DomainStatus::Moved);
    let certified = matches!(
        view.ssl_status,
        SslStatus::Active | SslStatus::Renewing | SslStatus::RenewalFailing | SslStatus::ExpiringSoon
    );
    let checks = [true, certified || (there(Purpose::Validation) && there(Purpose::Dcv)), verified, certified];
    checks.into_iter().take_while(|done| *done).count()
}

/// The steps of a domain.
#[component]
pub fn Steps(
    /// How many are done.
    done: usize,
) -> impl IntoView {
    let steps = NAMES.into_iter().enumerate().map(|(place, name)| {
        let (class, said) = match place.cmp(&done) {
            std::cmp::Ordering::Less => ("step step--done", "completed"),
            std::cmp::Ordering::Equal => ("step step--current", "current"),
            std::cmp::Ordering::Greater => ("step", "not completed"),
        };
        view! {
            <li class=class aria-current=(place == done).then_some("step")>
                <span class="step__name">{name}</span>
                <span class="usa-sr-only">{format!(" ({said})")}</span>
            </li>
        }
    });
    view! {
        <ol class="steps" aria-label="Progress">
            {steps.collect_view()}
        </ol>
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
        assert_eq!(done(&view), 1, "added, records missing");
        for record in view.dns_records.iter_mut().filter(|record| record.purpose != Purpose::Routing) {
            record.state = RecordState::Detected;
        }
        assert_eq!(done(&view), 2, "records are there");
        view.domain_status = DomainStatus::VerifiedNotRouted;
        assert_eq!(done(&view), 3, "verified");
        view.ssl_status = SslStatus::Active;
        assert_eq!(done(&view), 4, "certified, not routed");
        assert_eq!(done(&live()), 5);
    }

    #[test]
    fn one_step_is_current_and_each_is_named_aloud() {
        let html = view! { <Steps done=2 /> }.to_html();
        assert_eq!(html.matches(r#"aria-current="step""#).count(), 1, "{html}");
        assert_eq!(html.matches("(completed)").count(), 2, "{html}");
        assert_eq!(html.matches("(not completed)").count(), 2, "{html}");
    }
}
