//! Questions to the server while somebody types: asked after a pause, and broken off by the next one.
//!
//! Somebody types: it is a person's doing, and keeps them signed in.

use super::browser;
use leptos::prelude::{set_timeout, window};
use serde::de::DeserializeOwned;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, Headers, RequestInit, Response};

/// Asked when nothing was typed for so long.
const PAUSE_MS: u64 = 300;
/// An answer that comes later helps nobody.
const PATIENCE_MS: u64 = 8_000;

/// Asks one door, one question at a time.
pub struct Asker {
    door: String,
    /// The newest question; empty when there is none.
    question: RefCell<String>,
    /// Up by one with each question: what was asked before is old then.
    turn: Cell<u32>,
    under_way: RefCell<Option<AbortController>>,
}

impl Asker {
    /// An asker at a door, by its address.
    #[must_use]
    pub fn at(door: String) -> Rc<Self> {
        Rc::new(Self { door, question: RefCell::default(), turn: Cell::default(), under_way: RefCell::default() })
    }

    /// Asks, once nobody types any more, what a form would send; an empty question asks nothing. The answer is handed over
    /// unless there is a newer question by then, and so is its failure, as None.
    pub fn ask<T: DeserializeOwned + 'static>(
        self: &Rc<Self>,
        question: String,
        take: impl FnOnce(Option<T>) + 'static,
    ) {
        if *self.question.borrow() == question {
            return;
        }
        self.question.replace(question.clone());
        let turn = self.turn.get().wrapping_add(1);
        self.turn.set(turn);
        if let Some(old) = self.under_way.take() {
            old.abort();
        }
        if question.is_empty() {
            return;
        }
        let asker = self.clone();
        spawn_local(async move {
            browser::pause(PAUSE_MS).await;
            if asker.turn.get() != turn {
                return;
            }
            let answer = asker.answer(&question).await;
            if asker.turn.get() == turn {
                take(answer);
            }
        });
    }

    async fn answer<T: DeserializeOwned>(&self, question: &str) -> Option<T> {
        let stop = AbortController::new().ok()?;
        let headers = Headers::new().ok()?;
        headers.set("accept", "application/json").ok()?;
        headers.set("content-type", "application/x-www-form-urlencoded").ok()?;
        let request = RequestInit::new();
        request.set_method("POST");
        request.set_headers(&headers);
        request.set_body(&JsValue::from_str(question));
        request.set_signal(Some(&stop.signal()));
        self.under_way.replace(Some(stop.clone()));
        set_timeout(move || stop.abort(), Duration::from_millis(PATIENCE_MS));
        let answer = JsFuture::from(window().fetch_with_str_and_init(&self.door, &request)).await.ok()?;
        let answer: Response = answer.dyn_into().ok()?;
        if !answer.ok() {
            return None;
        }
        let text = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
        serde_json::from_str(&text).ok()
    }
}
