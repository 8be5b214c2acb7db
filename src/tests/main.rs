//! The integration tests: one binary, one link.

mod acme_answers;
mod acme_pebble;
mod listener;
mod pebble;
