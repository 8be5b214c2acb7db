//! The integration tests: one binary, one link.
#![recursion_limit = "256"]
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod acme_answers;
mod acme_extensions;
mod acme_pebble;
mod approvals;
mod ca_faults;
mod candidates;
mod catalogue;
mod crash;
mod crowd;
mod doors;
mod exports;
mod kit;
mod lab;
mod leftovers;
mod links;
mod methods;
mod metrics;
mod notices;
mod pebble;
mod report_mails;
mod revocations;
mod simulation;
mod stories;
mod targets;
mod tidy;
mod upgrades;
mod uploads;
mod validity;
mod webhooks;
