//! Looking at the world's DNS: what stands at a domain's names, as its own name servers say it now.
//!
//! Records are asked of every authoritative server directly, so that a record which was just published counts on the
//! next look whatever a cache holds; a validating resolver is asked where the servers are, and beside them what caches
//! show. Questions go through one small asker of our own (`ask`): hickory's client hides which server said what, and
//! its caches would sit between us and a fresh record. Hickory gives the message codec and the system's configuration.
//!
//! A resolver is never asked about a name that may not exist yet: its "no such name" would stay in caches that visitors
//! share. It is asked for the registered domain, for name servers, and for records that were already seen to be there.
//!
//! This folder keeps nothing but the way to the servers, for a minute at most; it never judges what it saw, and
//! never touches the database.

mod ask;
mod dns;
mod heard;
mod inquiry;
mod packet;
mod resolvers;
mod told;
mod zone;

#[cfg(test)]
mod scripted;
#[cfg(test)]
mod tests;

use crate::domain::hostname::Hostname;
use crate::domain::observed::Observation;
use crate::domain::record::Wanted;
use crate::domain::time::Millis;
use futures::future::BoxFuture;

pub use dns::{Dns, DnsSettings, NoResolvers, Registrable};
pub use inquiry::{Door, Inquirer, Inquiry};
pub use zone::Allowed;

/// The edge of the network for DNS; implemented by [`Dns`], and by scripts in tests.
pub trait Lookup: Send + Sync {
    /// Looks at the wanted records of a domain. Never fails: what could not be asked is said in the observation.
    fn look<'a>(
        &'a self,
        hostname: &'a Hostname,
        wanted: &'a [Wanted],
        edge_hostname: &'a str,
        at: Millis,
    ) -> BoxFuture<'a, Observation>;

    /// Whether every authoritative server that answers shows all these TXT values at a name, as a CA would see it;
    /// `false` when none answers.
    fn shows<'a>(&'a self, name: &'a str, values: &'a [String]) -> BoxFuture<'a, bool>;
}
