//! The browser's half: a few islands in pages that are complete without them.
//!
//! The server's HTML is the only source. What a person does is a link or a form; an island adds what HTML can't: a page that
//! follows what changes, copy buttons, the reader's own time, a name judged while it is typed, a look at a domain from where
//! its reader is, a word before the session ends, and where the focus goes. Most of it works by marks in the HTML (`data-…`),
//! so that what is fetched later needs no waking up.
//! Nothing here knows a page, names a server function (pages hand over the addresses of doors), or puts text in as markup.

pub mod arrival;
pub mod asking;
pub mod awake;
pub mod browser;
pub mod copying;
pub mod fetched;
pub mod follow;
pub mod heard;
pub mod live;
pub mod name_check;
pub mod pairs;
pub mod reach;
pub mod session_end;
pub mod times;
