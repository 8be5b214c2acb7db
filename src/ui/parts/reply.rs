//! A reply to a customer, ready to be copied into a mail.

use super::copy::CopyButton;
use leptos::prelude::*;

/// The reply, folded.
#[component]
pub fn ReplyToCopy(
    /// What it says.
    text: String,
    /// What it is about.
    about: String,
    /// The id of the element that shows it.
    #[prop(into)]
    id: String,
) -> impl IntoView {
    let what = format!("reply: {about}");
    view! {
        <details class="more">
            <summary>"Reply to the customer"</summary>
            <pre class="reply" id=id.clone()>
                {text}
            </pre>
            <CopyButton what shown_in=id />
        </details>
    }
    .into_any()
}
