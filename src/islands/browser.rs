//! Everything that the islands ask of the browser itself.
//!
//! Call these from effects and event handlers only: they compile on the server, where there is no browser to ask. A
//! browser that refuses (no clipboard, no such element) is answered with a way on, never with a panic.

use crate::domain::time::Millis;
use js_sys::{Date, Object, Promise, Reflect};
use leptos::prelude::{document, request_animation_frame, set_interval, set_timeout, window};
use std::time::Duration;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Element, Event, EventSource, FocusEvent, FocusOptions, HtmlDocument, HtmlElement, HtmlInputElement, MessageEvent,
    NavigationType, PerformanceNavigationTiming, Url,
};

/// Says on the root element that the page is awake; styles and tests wait for it.
pub fn mark_hydrated() {
    request_animation_frame(|| {
        if let Some(root) = document().document_element() {
            // Only a malformed attribute name could fail.
            _ = root.set_attribute("data-hydrated", "true");
        }
    });
}

/// The browser's clock.
#[must_use]
pub fn now() -> Millis {
    Millis(Date::now() as i64)
}

/// A moment in the reader's language and time zone, by the options of JavaScript's `toLocaleString`.
#[must_use]
pub fn local(Millis(ms): Millis, options: &[(&str, &str)]) -> String {
    let wanted = Object::new();
    for (name, value) in options {
        // A plain object takes any property.
        _ = Reflect::set(&wanted, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    let language = window().navigator().language().unwrap_or_else(|| "en".to_owned());
    Date::new(&JsValue::from_f64(ms as f64)).to_locale_string(&language, &wanted).into()
}

/// The moment that an RFC 3339 text names.
#[must_use]
pub fn moment(text: &str) -> Option<Millis> {
    let ms = Date::parse(text);
    ms.is_finite().then_some(Millis(ms as i64))
}

/// The first element of the page that a selector finds.
#[must_use]
pub fn first(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

/// All elements below one that a selector finds.
#[must_use]
pub fn all(within: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = within.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}

/// The page's root element; there always is one.
#[must_use]
pub fn root() -> Option<Element> {
    document().document_element()
}

/// What an element says.
#[must_use]
pub fn text(of: &Element) -> String {
    of.text_content().unwrap_or_default().trim().to_owned()
}

/// Says a sentence through the page's one status region, also when it is the same as the last one.
pub fn say(sentence: &str) {
    let Some(region) = document().get_element_by_id("said") else { return };
    let again = region.text_content().as_deref() == Some(sentence);
    region.set_text_content(Some(&if again { format!("{sentence}\u{a0}") } else { sentence.to_owned() }));
}

/// Whether anything on the page has the focus.
#[must_use]
pub fn is_focused() -> bool {
    document().active_element().is_some_and(|active| active.tag_name() != "BODY")
}

/// Moves the focus to an element, if the page has it; what is on the screen stays there.
pub fn focus(id: &str) -> bool {
    let found = document().get_element_by_id(id).and_then(|found| found.dyn_into::<HtmlElement>().ok());
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    found.is_some_and(|element| element.focus_with_options(&options).is_ok())
}

/// Whether somebody came here from another page of the Console, by a link or a form, and to no part of the page.
#[must_use]
pub fn was_led_here() -> bool {
    let Ok(here) = Url::new(&document().url().unwrap_or_default()) else { return false };
    let Ok(before) = Url::new(&document().referrer()) else { return false };
    let entries = window().performance().map(|performance| performance.get_entries_by_type("navigation"));
    let entry = entries.and_then(|entries| entries.get(0).dyn_into::<PerformanceNavigationTiming>().ok());
    let is_led = entry.is_some_and(|entry| entry.type_() == NavigationType::Navigate);
    is_led && here.hash().is_empty() && here.origin() == before.origin() && here.pathname() != before.pathname()
}

/// Path and query of the page.
#[must_use]
pub fn address() -> String {
    document().url().map(|url| path_and_query(&url)).unwrap_or_default()
}

/// What of an address is after its host.
#[must_use]
pub fn path_and_query(url: &str) -> String {
    Url::new(url).map(|url| url.pathname() + &url.search()).unwrap_or_default()
}

/// Gives the open page another address, without a step of the way back.
pub fn rename(address: &str) {
    // Only a malformed address, or hundreds of them in a moment, could fail.
    _ = window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(address)));
}

/// Goes to another page.
pub fn go(address: &str) {
    // Only a malformed address could fail.
    _ = window().location().assign(address);
}

/// Whether the focus goes on to a button.
#[must_use]
pub fn goes_to_button(left: &FocusEvent) -> bool {
    let to = left.related_target().and_then(|to| to.dyn_into::<Element>().ok());
    to.is_some_and(|to| to.tag_name() == "BUTTON")
}

/// What stands in a text field.
#[must_use]
pub fn field_text(id: &str) -> Option<String> {
    field(id).map(|field| field.value())
}

/// Writes into a text field and goes there.
pub fn fill_field(id: &str, text: &str) {
    if let Some(field) = field(id) {
        field.set_value(text);
        // A field that can't take the focus leaves it where it is.
        _ = field.focus();
    }
}

fn field(id: &str) -> Option<HtmlInputElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// The element that an event is about, or the one around it, that a selector finds.
#[must_use]
pub fn about(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok().flatten()
}

/// Hears an event anywhere on the page, for as long as it is open.
pub fn on(event: &str, act: impl FnMut(Event) + 'static) {
    let act = Closure::<dyn FnMut(Event)>::new(act);
    // A page takes any listener.
    _ = document().add_event_listener_with_callback(event, act.as_ref().unchecked_ref());
    act.forget();
}

/// Acts again and again, for as long as the page is open.
pub fn every(ms: u64, act: impl Fn() + 'static) {
    set_interval(act, Duration::from_millis(ms));
}

/// Waits.
pub async fn pause(ms: u64) {
    let waited = Promise::new(&mut |done, _| {
        set_timeout(move || _ = done.call0(&JsValue::NULL), Duration::from_millis(ms));
    });
    // Nothing refuses this promise.
    _ = JsFuture::from(waited).await;
}

/// Copies the text that an element shows, and reports whether it worked.
///
/// Without a clipboard (plain HTTP, or refused) the text is selected, so that one key press copies it.
pub fn copy(shown: Element, done: impl FnOnce(bool) + 'static) {
    let navigator = window().navigator();
    let there = Reflect::get(&navigator, &JsValue::from_str("clipboard")).is_ok_and(|found| found.is_object());
    if !there {
        done(select_and_copy(&shown));
        return;
    }
    let promise = navigator.clipboard().write_text(&shown.text_content().unwrap_or_default());
    spawn_local(async move {
        let copied = JsFuture::from(promise).await.is_ok() || select_and_copy(&shown);
        done(copied);
    });
}

fn select_and_copy(shown: &Element) -> bool {
    let Ok(Some(selection)) = window().get_selection() else { return false };
    if selection.select_all_children(shown).is_err() {
        return false;
    }
    document().dyn_into::<HtmlDocument>().is_ok_and(|page| page.exec_command("copy").unwrap_or(false))
}

/// Whether nobody can see the page just now.
#[must_use]
pub fn hidden() -> bool {
    document().hidden()
}

/// Opens a stream of server events for as long as the page is open; the browser reconnects by itself. False when it has no such thing.
pub fn listen(url: &str, mut on_message: impl FnMut() + 'static) -> bool {
    let Ok(source) = EventSource::new(url) else { return false };
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |_| on_message());
    source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    true
}
