//! What crosses between server, browser and scripts: views to read, and errors with words that are safe to show.
//!
//! The same views feed the pages and the REST API. Nothing here reads a database or a clock; times are absolute UTC.

pub mod approval;
pub mod audit;
pub mod certificate;
pub mod diagnosis;
pub mod domain;
pub mod error;
pub mod import;
pub mod link;
pub mod list;
pub mod notices;
pub mod openid;
pub mod people;
pub mod publish;
pub mod report;
pub mod table;
pub mod triage;
pub mod upload;
pub mod webhooks;
pub mod when;
