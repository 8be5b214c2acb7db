//! The reconciler: claim → observe → next_step → perform → record → release, many domains side by side.
//!
//! It decides nothing: [`crate::domain::step`] does. A crash, a second node and a fresh start take the same path: read
//! the facts, pick the same step. Being woken carries no input; a lost wake-up costs only time.

mod answers;
pub mod chronicle;
pub mod clock;
pub mod crowd;
pub mod edges;
mod in_hand;
mod latest;
mod leftovers;
pub mod measure;
pub mod mirror;
pub mod perform;
pub mod post;
pub mod presence;
pub mod receivers;
pub mod relay;
pub mod reports;
mod revoke;
pub mod run;
pub mod sharing;
pub mod suffixes;
mod turn;
mod validity;
pub mod walk;
