//! The doors of the Console's pages: Leptos server functions of a few lines each.
//!
//! A door says who is asking and hands over to `console`; it decides nothing. Every mutation is a POST that a plain form
//! can make, so that pages work without WebAssembly.
#![expect(missing_docs, reason = "the macro makes an undocumented struct field of each argument")]

pub mod approvals;
pub mod audit;
pub mod certificates;
pub mod domains;
pub mod exports;
pub mod links;
pub mod notices;
pub mod people;
pub mod publish;
pub mod session;
pub mod tokens;
pub mod triage;
pub mod uploads;
pub mod webhooks;
