//! Live pages: they look again when the server says that something changed, and say a change of status aloud.
//!
//! A tick carries no state. The page fetches its own address again, as a reload would, and becomes what it got; a form that
//! is marked `data-in-place` is sent the same way. Any answer that is not this page is gone to. A form that is marked
//! `data-follows` gives the page another address as it is filled in, and what is found there (`#found`) is said.
#![expect(missing_docs, reason = "the macro makes an undocumented struct of an island's properties")]

use super::fetched::{Fetched, Form};
use super::heard::{Heard, changes};
use super::{arrival, browser, copying, follow, times};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

/// Looked at this often even if no tick comes: the stream may be blocked on the way.
const FALLBACK_MS: u64 = 15_000;
/// A page without a stream looks this often: as often as the domain is looked at meanwhile.
const ALONE_MS: u64 = 5_000;
/// Ticks that arrive together are answered with one look.
const GATHER_MS: u64 = 150;

/// A form is followed when nothing was typed for so long.
const PAUSE_MS: u64 = 200;

/// Keeps the page up to date.
#[island]
pub fn Live(
    /// Where its ticks come from; empty where nobody is signed in: then the timer alone makes it look again.
    #[prop(into)]
    stream: String,
) -> impl IntoView {
    Effect::new(move |_| {
        let page = Rc::new(Page::default());
        let look = {
            let page = page.clone();
            move || page.look()
        };
        let listening = !stream.is_empty() && browser::listen(&stream, look.clone());
        browser::every(if listening { FALLBACK_MS } else { ALONE_MS }, look.clone());
        browser::on("visibilitychange", move |_| look());
        let filled = page.clone();
        browser::on("input", move |event| {
            if let Some(form) = Form::around(&event).filter(|form| form.is_marked("data-follows")) {
                filled.fill(form);
            }
        });
        browser::on("submit", move |event| {
            if let Some(form) = Form::of(&event).filter(|form| form.is_marked("data-in-place")) {
                event.prevent_default();
                page.send(form);
            }
        });
    });
}

/// What an open page remembers between two looks.
#[derive(Default)]
struct Page {
    wanted: Cell<bool>,
    looking: Cell<bool>,
    sending: Cell<bool>,
    /// Up by one when a form is sent and when it is answered, and with each new address: a look that began before is old then.
    turn: Cell<u32>,
    /// Up by one with each change of a form that is followed.
    changes: Cell<u32>,
    /// The address is new: what is found there was not said yet.
    unsaid: Cell<bool>,
    /// Somebody asked for a look: when the one before it was made.
    asked: RefCell<Option<Option<String>>>,
}

impl Page {
    /// Looks again, unless nobody sees the page; what is wanted meanwhile makes one look more.
    fn look(self: &Rc<Self>) {
        if browser::hidden() {
            return;
        }
        self.wanted.set(true);
        if self.looking.replace(true) {
            return;
        }
        let page = self.clone();
        spawn_local(async move {
            while page.wanted.get() {
                browser::pause(GATHER_MS).await;
                page.wanted.set(false);
                let turn = page.turn.get();
                let fetched = Fetched::from(&browser::address(), None).await;
                if turn == page.turn.get() {
                    page.take(fetched);
                } else {
                    page.wanted.set(true);
                }
            }
            page.looking.set(false);
        });
    }

    /// Sends a form; one at a time.
    fn send(self: &Rc<Self>, form: Form) {
        if self.sending.replace(true) {
            return;
        }
        self.next_turn();
        self.asked.replace(form.is_marked("data-awaits-look").then(checked_at));
        let page = self.clone();
        spawn_local(async move {
            let fetched = Fetched::from(&form.action(), Some(&form)).await;
            page.next_turn();
            page.sending.set(false);
            if fetched.is_none() {
                // The browser tries by itself, and says what is wrong.
                form.submit();
            }
            page.take(fetched);
        });
    }

    /// Goes where a form leads, once nobody types any more.
    fn fill(self: &Rc<Self>, form: Form) {
        let change = self.changes.get().wrapping_add(1);
        self.changes.set(change);
        let page = self.clone();
        spawn_local(async move {
            browser::pause(PAUSE_MS).await;
            let Some(address) = form.address().filter(|address| *address != browser::address()) else { return };
            if page.changes.get() == change {
                browser::rename(&address);
                page.next_turn();
                page.unsaid.set(true);
                page.look();
            }
        });
    }

    fn next_turn(&self) {
        self.turn.set(self.turn.get().wrapping_add(1));
    }

    /// Becomes what was fetched. What is shown stays while the server is away, fails or is busy.
    fn take(&self, fetched: Option<Fetched>) {
        let Some(fetched) = fetched.filter(|fetched| fetched.status < 500 && fetched.status != 429) else { return };
        if fetched.address != browser::address() {
            browser::go(&fetched.address);
            return;
        }
        let (Some(open), Some(new)) = (browser::first("main"), fetched.first("main")) else { return };
        let (before, focused) = (heard(&open), browser::is_focused());
        times::dress(&new);
        copying::carry_over(&new);
        follow::follow(&open, &new);
        document().set_title(&fetched.title());
        if focused && !browser::is_focused() {
            browser::focus(arrival::HEADING_ID);
        }
        let looked = self.asked.borrow_mut().take_if(|last| *last != checked_at()).is_some();
        let came_to = || browser::first("#answer-title").map(|title| format!("Checked. {}.", browser::text(&title)));
        let found = || browser::first("#found").map(|found| browser::text(&found));
        let sentence = if self.unsaid.take() { found() } else { changes(&before, &heard(&open)) };
        let sentence = sentence.or_else(|| looked.then(came_to).flatten());
        if let Some(sentence) = sentence {
            browser::say(&sentence);
        }
    }
}

fn heard(main: &Element) -> Heard {
    let marked = browser::all(main, "[data-said]");
    marked.iter().map(|one| (one.get_attribute("data-said").unwrap_or_default(), browser::text(one))).collect()
}

/// When DNS was last looked at, as far as the page says.
fn checked_at() -> Option<String> {
    browser::first("#checked-at time")?.get_attribute("datetime")
}
