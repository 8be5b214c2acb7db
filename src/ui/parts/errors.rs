//! The error summary: first in the page, with a link to each field that is wrong.

use crate::ui::browser;
use crate::wire::error::Refusal;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

/// Where the focus goes when a form comes back.
const SUMMARY_ID: &str = "error-summary";

/// Why a form came back, if it did: from the page's address without script, from the answer with it.
///
/// An old address' error is forgotten as soon as the address is.
#[must_use]
pub fn refusal_of<S>(action: ServerAction<S>) -> Signal<Option<Refusal>>
where
    S: ServerFn<Output = (), Error = Refusal> + Clone + Send + Sync + 'static,
{
    let query = use_query_map();
    let (value, version) = (action.value(), action.version());
    Signal::derive(move || {
        let of_this_page = version.get() > 0 || query.with(came_back);
        value.with(|answer| match answer {
            Some(Err(refusal)) if of_this_page => Some(refusal.clone()),
            _ => None,
        })
    })
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

/// "There is a problem", while there is one; takes the focus when it appears.
#[component]
pub fn ErrorSummary(
    /// Why the form came back.
    #[prop(into)]
    refusal: Signal<Option<Refusal>>,
) -> impl IntoView {
    Effect::new(move |_| {
        if refusal.with(Option::is_some) {
            browser::focus(SUMMARY_ID);
        }
    });
    move || refusal.get().map(|refusal| view! { <Summary refusal /> })
}

#[component]
fn Summary(refusal: Refusal) -> impl IntoView {
    let listed = refusal.fields.into_iter().map(|error| {
        // `rel` leaves the jump to the browser, which then moves the focus into the field.
        view! {
            <li>
                <a href=format!("#{}", field_id(&error.field)) rel="external">
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
