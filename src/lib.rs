//! Padlock: HTTPS for other people's domains, and a straight answer when it does not work.
//!
//! The floors, lowest first; a file names things on its own folder or on a floor below (`ARCHITECTURE.md`).
#![recursion_limit = "256"]

pub mod domain;

pub mod islands;

#[cfg(feature = "ssr")]
pub mod wire;

#[cfg(feature = "ssr")]
pub mod failpoint;

#[cfg(feature = "ssr")]
pub mod acme;
#[cfg(feature = "ssr")]
pub mod edge;
#[cfg(feature = "ssr")]
pub mod mail;
#[cfg(feature = "ssr")]
pub mod oidc;
#[cfg(feature = "ssr")]
pub mod probe;
#[cfg(feature = "ssr")]
pub mod publish;
#[cfg(feature = "ssr")]
pub mod registers;
#[cfg(feature = "ssr")]
pub mod resolve;
#[cfg(feature = "ssr")]
pub mod responder;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod targets;

#[cfg(feature = "ssr")]
pub mod bundle;
#[cfg(feature = "ssr")]
pub mod observe;

#[cfg(feature = "ssr")]
pub mod webhook;
#[cfg(feature = "ssr")]
pub mod worker;

#[cfg(feature = "ssr")]
pub mod console;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod rest;

/// The browser's entry lies beside the islands that it wakes up.
#[cfg(feature = "hydrate")]
#[path = "islands/hydrate.rs"]
pub mod hydrate;
#[cfg(feature = "ssr")]
pub mod ui;

#[cfg(feature = "ssr")]
pub mod boot;
#[cfg(feature = "ssr")]
pub mod cli;
