//! The pure core: what a web domain is, what was seen of it, and what happens next.
//!
//! Nothing here does I/O, awaits, reads a clock or rolls dice: `now` and seeds are handed in, so that every rule can be
//! tested as data in, data out, and so that the browser can run the same rules. This folder never names another one.
//!
//! The one idea: facts in, one step out, one event back ([`step::next_step`], [`event`]).

pub mod approver;
pub mod authority;
pub mod caa;
pub mod candidate;
pub mod catalogue;
pub mod cause;
pub mod certificate;
pub mod changes;
mod course;
pub mod dangling;
pub mod diagnose;
pub mod difference;
pub mod errors;
pub mod event;
pub mod examined;
pub mod facts;
pub mod finding;
pub mod headline;
pub mod hostname;
pub mod id;
pub mod limits;
pub mod monitoring;
pub mod notice;
pub mod observation;
pub mod observed;
pub mod problem;
pub mod provider;
mod providers;
pub mod publishing;
pub mod reach;
pub mod recipe;
pub mod record;
pub mod rehearsal;
pub mod renewal;
pub mod reply;
pub mod report;
pub mod revocation;
pub mod role;
pub mod schedule;
pub mod setup;
pub mod status;
pub mod step;
pub mod time;
pub mod token_file;
pub mod topic;
pub mod validity;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod turns;
#[cfg(test)]
mod turns_renewal;
