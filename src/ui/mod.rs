//! The Console's pages: what a person meets, as components over views that are plain data.
//!
//! Every page works as HTML and plain forms first; the browser's half then adds live updates, copy buttons and local
//! times. Nothing here decides anything about a domain: pages say what the views say. No page touches the browser
//! outside an effect or an event handler, and all of that goes through [`browser`]; no text is ever put in as markup.

pub mod app;
pub mod browser;
pub mod live;
pub mod pages;
pub mod parts;
pub mod status;
