//! The composition root: configuration, the router, and what runs beside it.

pub mod authorities;
mod blocklists;
mod cas;
pub mod config;
pub mod cores;
pub mod doors;
mod few;
pub mod guard;
pub mod handout;
pub mod health;
pub mod keys;
mod letters;
pub mod roles;
pub mod router;
mod secure;
pub mod serve;
pub mod settings;
pub mod targets;
pub mod telemetry;
mod uploads;
