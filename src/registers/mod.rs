//! What public registers say: of a domain that is not in DNS (RDAP), and of a key that strangers may have.

mod http;
mod keys;
mod list;
mod rdap;

pub use http::Allowed;
pub use keys::KeyList;
pub use rdap::Registries;
