//! Pages that are fetched while another is open, by their address or by a form: the server's HTML, read by the browser.

use super::browser::{about, path_and_query};
use js_sys::Array;
use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Document, DomParser, Element, Event, FormData, Headers, HtmlFormElement, RequestInit, Response,
    SupportedType, UrlSearchParams,
};

/// An answer is waited for this long; the server gives up sooner.
const PATIENCE_MS: u32 = 15_000;

/// Sent with what a page fetches by itself: it is nobody's doing, and keeps nobody signed in.
pub const LOOK: &str = "x-padlock-look";

/// A page that was fetched.
pub struct Fetched {
    /// Where it came from at last, as path and query.
    pub address: String,
    /// Its HTTP status.
    pub status: u16,
    document: Document,
}

impl Fetched {
    /// Fetches a page, or the one that a form is answered with. None when there was no answer.
    pub async fn from(address: &str, form: Option<&Form>) -> Option<Self> {
        let request = RequestInit::new();
        let headers = Headers::new().ok()?;
        headers.set("accept", "text/html").ok()?;
        if form.is_none() {
            headers.set(LOOK, "1").ok()?;
        }
        request.set_headers(&headers);
        request.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE_MS)));
        if let Some(form) = form {
            request.set_method("POST");
            request.set_body(&form.fields()?.into());
        }
        let answer = JsFuture::from(window().fetch_with_str_and_init(address, &request)).await.ok()?;
        let answer: Response = answer.dyn_into().ok()?;
        let html = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
        let document = DomParser::new().ok()?.parse_from_string(&html, SupportedType::TextHtml).ok()?;
        without_noscript(&document);
        Some(Self { address: path_and_query(&answer.url()), status: answer.status(), document })
    }

    /// The first element that a selector finds.
    #[must_use]
    pub fn first(&self, selector: &str) -> Option<Element> {
        self.document.query_selector(selector).ok().flatten()
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> String {
        self.document.title()
    }
}

/// What stands there for browsers without script would come to life: it is read as elements here.
fn without_noscript(document: &Document) {
    if let Some(root) = document.document_element() {
        super::browser::all(&root, "noscript").iter().for_each(Element::remove);
    }
}

/// A form that is being sent.
pub struct Form(HtmlFormElement);

impl Form {
    /// The form that a submit event is about.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
        event.target()?.dyn_into().ok().map(Self)
    }

    /// The form around the field that an event is about.
    #[must_use]
    pub fn around(event: &Event) -> Option<Self> {
        about(event, "form")?.dyn_into().ok().map(Self)
    }

    /// The form that an element is in.
    #[must_use]
    pub fn holding(id: &str) -> Option<Self> {
        document().get_element_by_id(id)?.closest("form").ok()??.dyn_into().ok().map(Self)
    }

    /// Whether it has a mark.
    #[must_use]
    pub fn is_marked(&self, mark: &str) -> bool {
        self.0.has_attribute(mark)
    }

    /// Where it goes.
    #[must_use]
    pub fn action(&self) -> String {
        self.0.get_attribute("action").unwrap_or_default()
    }

    /// Where it leads as it is filled in, as path and query; what is empty is left out.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        let query = UrlSearchParams::new().ok()?;
        for pair in js_sys::try_iter(&self.fields()?.into()).ok()??.flatten() {
            let pair: Array = pair.dyn_into().ok()?;
            let (name, value) = (pair.get(0).as_string()?, pair.get(1).as_string()?);
            if !value.is_empty() {
                query.append(&name, &value);
            }
        }
        let query: String = query.to_string().into();
        Some(if query.is_empty() { self.action() } else { format!("{}?{query}", self.action()) })
    }

    /// What stands in the fields of these names, as a form sends it.
    #[must_use]
    pub fn values(&self, names: &[&str]) -> Option<String> {
        let (fields, wanted) = (self.fields()?, UrlSearchParams::new().ok()?);
        for name in names {
            if let Some(value) = fields.get(name) {
                wanted.append(name, &value);
            }
        }
        Some(wanted.to_string().into())
    }

    /// Leaves it to the browser.
    pub fn submit(&self) {
        // Only a form that is no longer on the page can't be sent.
        _ = self.0.submit();
    }

    fn fields(&self) -> Option<UrlSearchParams> {
        let fields = FormData::new_with_form(&self.0).ok()?;
        UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()
    }
}
