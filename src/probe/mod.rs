//! Looking at the world's TLS and HTTP, behind one guard against reaching where no visitor could.
//!
//! This folder trusts nothing that it sees and decides nothing: it reports.

/// What a CA's revocation list says of a certificate, and whether visitors trust its chain.
pub mod crl;
/// Which addresses a probe may connect to.
pub mod guard;
/// The certificate that an address serves under a name.
pub mod handshake;
/// What a certificate that was met says of itself.
pub mod leaf;
/// One GET to one address.
pub mod page;
/// The roots that visitors trust.
pub mod roots;
