//! The integration tests: one binary, one link.

mod acme_pebble;
mod pebble;
