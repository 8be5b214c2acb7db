//! Our authoritative DNS for the DCV zone: where a CA lands when it follows a customer's `_acme-challenge` CNAME.
//!
//! ```text
//! worker ── show / hide ──▶ Shown ── Arc<Zone> ──▶ answer() ◀── packet ◀── UDP and TCP sockets
//! ```
//!
//! The zone is a value in memory and a change swaps the whole of it, so that answers need neither SQL nor a lock worth the
//! name and outlive a database that is away. `answer` is pure; everything hostile is met in `packet`, which turns any bytes
//! into an answer or silence; the sockets only carry.
//!
//! The sockets are our own, on hickory's codec. hickory-server was read and left out: it spawns a task for each datagram
//! without a limit, logs each query, repeats the client's EDNS size without a cap and limits neither TCP connections nor
//! the rate of answers.
//!
//! This folder never touches SQL or the clock, never recurses, transfers a zone, takes an update or signs.

pub mod answer;
pub mod limiter;
pub mod packet;
pub mod server;
pub mod shown;
mod tcp;
pub mod zone;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_amplification;

pub use limiter::Rate;
pub use server::{Bound, bind, serve};
pub use shown::Shown;
pub use zone::{Zone, ZoneProblem};
