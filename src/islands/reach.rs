//! Inside or outside: the visitor's browser asks the domain's site itself, and says what it reached.
//!
//! Nothing of the answer is shown or run: it is our edge's, word for word, or it is not. No cookie and no address of ours
//! go along.
#![expect(missing_docs, reason = "the macro makes an undocumented struct of an island's properties")]

use super::browser;
use crate::domain::reach::{Inside, Outside, REACHED, Verdict};
use js_sys::{Object, Reflect, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortSignal, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials, RequestInit,
    RequestMode, Response,
};

/// One question; a firewall that drops what it does not like answers never.
const PATIENCE_MS: u32 = 8_000;

/// Asks, and says what it comes to; until then, and without script, what stands inside.
#[island]
pub fn Reach(
    /// The domain.
    domain: String,
    /// Where its site is: `https://` and its name.
    site: String,
    /// What our edge must answer with.
    question: String,
    /// What the server sees.
    outside: Outside,
    /// What to do without script.
    children: Children,
) -> impl IntoView {
    let (asking, verdict) = (RwSignal::new(false), RwSignal::new(None::<Verdict>));
    Effect::new(move |_| {
        asking.set(true);
        let (site, question) = (site.clone(), question.clone());
        spawn_local(async move {
            let found = Verdict::of(reached(&site, &question).await, outside);
            verdict.set(Some(found));
            browser::say(&format!("{}.", found.title()));
        });
    });
    let said = move || {
        verdict.get().map(|found| {
            view! {
                <p data-reach=found.word()>
                    <strong>{format!("{}. ", found.title())}</strong>
                    {found.words(&domain)}
                </p>
            }
        })
    };
    let waiting =
        move || (asking.get() && verdict.get().is_none()).then(|| view! { <p>"Your browser is asking now."</p> });
    view! {
        <div hidden=move || asking.get()>{children()}</div>
        {waiting}
        {said}
    }
}

/// What answers: our edge, somebody else, or nobody.
async fn reached(site: &str, question: &str) -> Inside {
    let url = format!("{site}{REACHED}{question}");
    if answers(&url, question).await {
        return Inside::Ours;
    }
    // Of another site a page learns no more than that it is there.
    let there = fetched(&url, RequestMode::NoCors).await.is_some();
    if there { Inside::Other } else { Inside::Nothing }
}

/// Whether the answer is the question: no more than its first bytes is read.
async fn answers(url: &str, question: &str) -> bool {
    let Some(answer) = fetched(url, RequestMode::Cors).await.filter(|answer| answer.status() == 200) else {
        return false;
    };
    let Some(body) = answer.body() else { return false };
    let Ok(reader) = body.get_reader().dyn_into::<ReadableStreamDefaultReader>() else { return false };
    let Ok(part) = JsFuture::from(reader.read()).await else { return false };
    let value = Reflect::get(&part.unchecked_into::<Object>(), &JsValue::from_str("value"));
    let Some(bytes) = value.ok().and_then(|value| value.dyn_into::<Uint8Array>().ok()) else { return false };
    // What is longer is not ours; the browser drops the rest.
    _ = reader.cancel();
    usize::try_from(bytes.length()).is_ok_and(|length| length == question.len())
        && bytes.to_vec() == question.as_bytes()
}

async fn fetched(url: &str, mode: RequestMode) -> Option<Response> {
    let request = RequestInit::new();
    request.set_mode(mode);
    request.set_credentials(RequestCredentials::Omit);
    request.set_cache(RequestCache::NoStore);
    request.set_referrer_policy(ReferrerPolicy::NoReferrer);
    request.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE_MS)));
    let answer = JsFuture::from(window().fetch_with_str_and_init(url, &request)).await.ok()?;
    answer.dyn_into().ok()
}
