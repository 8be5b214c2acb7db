//! The Console's pages: what a person meets, as components over views that are plain data.
//!
//! Every page is HTML with links and plain forms, written here on the server; what the browser adds to it is in `islands`.
//! Nothing here decides anything about a domain: pages say what the views say. No text is ever put in as markup.

pub mod app;
pub mod asked_site;
pub mod pages;
pub mod parts;
pub mod search;
pub mod status;
pub mod topic;
