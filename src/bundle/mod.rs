//! A customer's own certificate with its key: read from files as they come, judged before anybody serves it, written to files.
//!
//! Data in, data out: nothing here stores, asks the network or reads a clock. ASN.1, PKCS #8 and PKCS #12 are read by
//! RustCrypto's crates, p12-keystore and x509-parser. What a file makes us compute to open it is looked at before it is done,
//! so that no file costs more than a second or two; whoever calls this keeps it off the threads that answer people.

mod cipher;
pub mod flaw;
mod judge;
mod path;
mod pem;
mod pfx;
mod read;
#[cfg(test)]
mod tests;
pub mod write;

pub use flaw::Flaw;
pub use judge::{Judged, Warning, World, judge};
pub use read::{Handed, Material, read};
