//! The three steps of a certificate, for who wants to take them by hand.

use crate::api::domains::{HandOver, TakeStep};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

const STEPS: [(&str, &str); 3] =
    [("order", "Order Certificate"), ("verify", "Verify Challenge"), ("issue", "Issue/Renew Certificate")];

/// The section.
#[component]
pub fn ByHand(
    /// The domain.
    id: String,
    /// Whether they are taken by hand now.
    by_hand: bool,
    /// The next one.
    next_step: Option<String>,
) -> impl IntoView {
    let buttons = STEPS.map(|(word, label)| {
        let is_next = next_step.as_deref() == Some(word);
        let class = if is_next { "usa-button" } else { "usa-button usa-button--outline" };
        view! {
            <li>
                <form action=TakeStep::url() method="post" data-in-place="">
                    <input type="hidden" name="id" value=id.clone() />
                    <input type="hidden" name="step" value=word />
                    <button class=class type="submit" disabled=!is_next>
                        {label}
                    </button>
                </form>
            </li>
        }
    });
    let (words, button) = if by_hand {
        (
            "Each step waits for its button. A renewal that gets late goes by itself all the same.",
            "Leave the steps to us again",
        )
    } else {
        (
            "We order, verify, issue and renew by ourselves. Who wants to can take each step by hand.",
            "Take the steps by hand",
        )
    };
    view! {
        <details class="more" open=by_hand>
            <summary>"The three steps by hand"</summary>
            <p>{words}</p>
            {by_hand.then(|| view! { <ol class="steps-by-hand" role="list">{buttons.collect_view()}</ol> })}
            <form action=HandOver::url() method="post" data-in-place="">
                <input type="hidden" name="id" value=id />
                <input type="hidden" name="by_hand" value=if by_hand { "false" } else { "true" } />
                <button class="usa-button usa-button--outline" type="submit">
                    {button}
                </button>
            </form>
        </details>
    }
    .into_any()
}
