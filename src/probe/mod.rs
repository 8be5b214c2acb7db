//! Looking at the world's TLS, behind one guard against reaching where no visitor could.
//!
//! This folder trusts nothing that it sees and decides nothing: it reports.

/// Which addresses a probe may connect to.
pub mod guard;
/// The certificate that an address serves under a name.
pub mod handshake;
