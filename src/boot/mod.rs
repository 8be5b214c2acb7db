//! The composition root: configuration, the router, and what runs beside it.

pub mod config;
pub mod keys;
pub mod settings;
