//! Everything that the pages ask of the browser itself.
//!
//! Call these from effects and event handlers only: they compile on the server, where there is no browser to ask. A
//! browser that refuses (no clipboard, no such element) is answered with a way on, never with a panic.

use crate::domain::time::Millis;
use crate::wire::when::When;
use js_sys::{Date, Object, Reflect};
use leptos::prelude::{document, request_animation_frame, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, EventSource, FocusEvent, HtmlDocument, HtmlElement, HtmlInputElement, MessageEvent};

/// How a moment is written for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Day, month and year.
    Date,
    /// The same with hours and minutes.
    DateTime,
    /// Hours, minutes and seconds.
    Clock,
}

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

/// A moment in the reader's language and time zone.
#[must_use]
pub fn local(at: When, shape: Shape) -> String {
    let options = Object::new();
    let set = |key: &str, value: &str| {
        // A plain object takes any property.
        _ = Reflect::set(&options, &JsValue::from_str(key), &JsValue::from_str(value));
    };
    if shape != Shape::Clock {
        set("day", "numeric");
        set("month", "long");
        set("year", "numeric");
    }
    if shape != Shape::Date {
        set("hour", "2-digit");
        set("minute", "2-digit");
        set("timeZoneName", "short");
    }
    if shape == Shape::Clock {
        set("second", "2-digit");
    }
    let language = window().navigator().language().unwrap_or_else(|| "en".to_owned());
    let Millis(ms) = at.0;
    Date::new(&JsValue::from_f64(ms as f64)).to_locale_string(&language, &options).into()
}

/// Moves the focus to an element, once the page has taken its new shape.
pub fn focus(id: &'static str) {
    request_animation_frame(move || {
        if let Some(element) = document().get_element_by_id(id).and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
            // An element that can't take the focus leaves it where it is.
            _ = element.focus();
        }
    });
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

/// Copies a text that the page shows in the element `shown_in`, and reports whether it worked.
///
/// Without a clipboard (plain HTTP, or refused) the text is selected, so that one key press copies it.
pub fn copy(text: String, shown_in: String, done: impl FnOnce(bool) + 'static) {
    let navigator = window().navigator();
    let there = Reflect::get(&navigator, &JsValue::from_str("clipboard")).is_ok_and(|found| found.is_object());
    if !there {
        done(select_and_copy(&shown_in));
        return;
    }
    let promise = navigator.clipboard().write_text(&text);
    spawn_local(async move {
        let copied = JsFuture::from(promise).await.is_ok() || select_and_copy(&shown_in);
        done(copied);
    });
}

fn select_and_copy(shown_in: &str) -> bool {
    let Some(element) = document().get_element_by_id(shown_in) else { return false };
    let Ok(Some(selection)) = window().get_selection() else { return false };
    if selection.select_all_children(&element).is_err() {
        return false;
    }
    document().dyn_into::<HtmlDocument>().is_ok_and(|page| page.exec_command("copy").unwrap_or(false))
}

/// Whether nobody can see the page just now.
#[must_use]
pub fn hidden() -> bool {
    document().hidden()
}

/// An open stream of server events; closed when dropped.
pub struct Listener {
    source: EventSource,
    // The browser calls it for as long as the stream is open.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Listener {
    /// Opens a stream; the browser reconnects by itself. None when the browser has no such thing.
    #[must_use]
    pub fn open(url: &str, mut on_message: impl FnMut() + 'static) -> Option<Self> {
        let source = EventSource::new(url).ok()?;
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |_| on_message());
        source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Some(Self { source, _on_message: on_message })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.source.set_onmessage(None);
        self.source.close();
    }
}
