//! The error summary: first in the page, with a link to each field that is wrong.

use crate::islands::arrival::SUMMARY_ID;
use crate::wire::error::Refusal;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Why a form came back, if it did: the page's address says so.
#[must_use]
pub fn refusal_of<S>(action: ServerAction<S>) -> Signal<Option<Refusal>>
where
    S: ServerFn<Output = (), Error = Refusal> + Clone + Send + Sync + 'static,
{
    let value = action.value();
    Signal::derive(move || value.with(|answer| answer.as_ref()?.as_ref().err().cloned()))
}

/// Whether a page's address carries a form's error.
#[must_use]
pub fn came_back(query: &leptos_router::params::ParamsMap) -> bool {
    query.get_str("__err").is_some()
}

/// The id of a field's control.
#[must_use]
pub fn field_id(name: &str) -> String {
    format!("field-{name}")
}

/// "There is a problem", if there is one; takes the focus when the page opens.
#[component]
pub fn ErrorSummary(
    /// Why the form came back.
    #[prop(into)]
    refusal: Signal<Option<Refusal>>,
) -> impl IntoView {
    move || refusal.get().map(|refusal| view! { <Summary refusal /> })
}

#[component]
fn Summary(refusal: Refusal) -> impl IntoView {
    let listed = refusal.fields.into_iter().map(|error| {
        view! {
            <li>
                <a href=format!("#{}", field_id(&error.field))>
                    {error.message}
                </a>
            </li>
        }
    });
    let fields = listed.collect_view();
    let general = fields.is_empty().then_some(refusal.detail);
    view! {
        <div class="error-summary" id=SUMMARY_ID role="alert" tabindex="-1" aria-labelledby="error-summary-title">
            <h2 id="error-summary-title">"There is a problem"</h2>
            {general.map(|detail| view! { <p>{detail}</p> })}
            {(!fields.is_empty()).then(|| view! { <ul>{fields}</ul> })}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_field_is_linked_and_hostile_words_stay_words() {
        let refusal = Refusal::field("name_invalid", "domain", "<b>\"x\"</b> is not allowed");
        let html = view! { <Summary refusal /> }.to_html();
        assert!(html.contains("There is a problem"), "{html}");
        assert!(html.contains(r##"href="#field-domain""##), "{html}");
        assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"), "{html}");
    }

    #[test]
    fn a_refusal_without_fields_says_its_sentence() {
        let html = view! { <Summary refusal=Refusal::broken() /> }.to_html();
        assert!(html.contains("Something failed on our side"), "{html}");
        assert!(!html.contains("<ul>"), "{html}");
    }
}
