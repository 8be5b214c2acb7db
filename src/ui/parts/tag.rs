//! Status tags: a word with an icon whose shape says the same, and colour last.

use crate::domain::observed::RecordState;
use crate::domain::status::{DomainStatus, SslStatus};
use leptos::prelude::*;

/// What a status means for the person who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Somebody is expected to do something, in their own time.
    Waiting,
    /// We or the CA are at work.
    Working,
    /// Somebody should look.
    Attention,
    /// It has stopped.
    Stopped,
    /// Nothing to tell yet, or switched off.
    Quiet,
}

impl Tone {
    /// The tag's class.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "tag tag--good",
            Self::Waiting => "tag tag--waiting",
            Self::Working => "tag tag--working",
            Self::Attention => "tag tag--attention",
            Self::Stopped => "tag tag--stopped",
            Self::Quiet => "tag tag--quiet",
        }
    }

    /// The icon's outline in a box of 16: tick, clock, half-filled ring, triangle, octagon, dash.
    const fn outline(self) -> &'static str {
        match self {
            Self::Good => "M6.3 12.6 1.8 8.1l1.7-1.7 2.8 2.8 6.2-6.2 1.7 1.7z",
            Self::Waiting => {
                "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Zm0 2a5 5 0 1 0 0 10A5 5 0 0 0 8 3Zm1 1.5v3.1l2 2-1.4 1.4L7 8.4V4.5Z"
            }
            Self::Working => "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Zm0 2v10A5 5 0 0 0 8 3Z",
            Self::Attention => "M8 1.2 15.4 14H.6L8 1.2ZM7 6v4h2V6H7Zm0 5v1.8h2V11H7Z",
            Self::Stopped => "M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1L5.1 1ZM7 4v5h2V4H7Zm0 6v2h2v-2H7Z",
            Self::Quiet => "M2 7h12v2H2z",
        }
    }

    /// How a Domain Status is meant.
    #[must_use]
    pub const fn of_domain(status: DomainStatus) -> Self {
        match status {
            DomainStatus::Active => Self::Good,
            DomainStatus::VerificationPending => Self::Waiting,
            DomainStatus::VerifiedNotRouted => Self::Working,
            DomainStatus::Moved | DomainStatus::ActionNeeded => Self::Attention,
            DomainStatus::Blocked => Self::Stopped,
            DomainStatus::Disabled => Self::Quiet,
        }
    }

    /// How an SSL Status is meant.
    #[must_use]
    pub const fn of_ssl(status: SslStatus) -> Self {
        match status {
            SslStatus::Active => Self::Good,
            SslStatus::PendingValidation | SslStatus::RateLimited => Self::Waiting,
            SslStatus::PendingIssuance | SslStatus::PendingDeployment | SslStatus::Renewing => Self::Working,
            SslStatus::RenewalFailing | SslStatus::ExpiringSoon => Self::Attention,
            SslStatus::Expired | SslStatus::Revoked => Self::Stopped,
            SslStatus::NotStarted => Self::Quiet,
        }
    }

    /// How a record's state is meant.
    #[must_use]
    pub const fn of_record(state: RecordState) -> Self {
        match state {
            RecordState::Detected => Self::Good,
            RecordState::Missing => Self::Waiting,
            RecordState::Wrong => Self::Attention,
            RecordState::Unknown => Self::Quiet,
        }
    }
}

/// An icon that says nothing by itself: the word beside it does.
#[component]
pub fn Icon(
    /// Which one.
    tone: Tone,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path fill-rule="evenodd" d=tone.outline()></path>
        </svg>
    }
}

/// A tag; its text is the status' label alone.
#[component]
pub fn Tag(
    /// The word in `data-status`.
    word: &'static str,
    /// What people read.
    label: &'static str,
    /// What it means.
    tone: Tone,
) -> impl IntoView {
    view! {
        <span class=tone.class() data-status=word>
            <Icon tone />
            {label}
        </span>
    }
}

/// A Domain Status.
#[component]
pub fn DomainTag(
    /// Which.
    status: DomainStatus,
) -> impl IntoView {
    view! { <Tag word=status.word() label=status.label() tone=Tone::of_domain(status) /> }
}

/// An SSL Status.
#[component]
pub fn SslTag(
    /// Which.
    status: SslStatus,
) -> impl IntoView {
    view! { <Tag word=status.word() label=status.label() tone=Tone::of_ssl(status) /> }
}

/// A record's state.
#[component]
pub fn RecordTag(
    /// Which.
    state: RecordState,
) -> impl IntoView {
    view! { <Tag word=state.word() label=state.label() tone=Tone::of_record(state) /> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_tag_carries_its_word_and_its_label_and_nothing_else_to_read() {
        let html = view! { <SslTag status=SslStatus::RenewalFailing /> }.to_html();
        assert!(html.contains(r#"data-status="renewal_failing""#), "{html}");
        assert!(html.contains("Renewal Failing"), "{html}");
        assert!(html.contains(r#"aria-hidden="true""#), "{html}");
    }

    #[test]
    fn no_two_tones_share_a_shape() {
        let tones = [Tone::Good, Tone::Waiting, Tone::Working, Tone::Attention, Tone::Stopped, Tone::Quiet];
        let shapes: HashSet<_> = tones.iter().map(|tone| tone.outline()).collect();
        let classes: HashSet<_> = tones.iter().map(|tone| tone.class()).collect();
        assert_eq!((shapes.len(), classes.len()), (tones.len(), tones.len()));
    }

    #[test]
    fn only_active_is_good() {
        let good = |tone: Tone| tone == Tone::Good;
        assert!(DomainStatus::ALL.iter().all(|s| good(Tone::of_domain(*s)) == (*s == DomainStatus::Active)));
        assert!(SslStatus::ALL.iter().all(|s| good(Tone::of_ssl(*s)) == (*s == SslStatus::Active)));
    }
}
