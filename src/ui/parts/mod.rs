//! Leaves: small pieces with plain data as props, used by several pages or big enough to be read alone.

pub mod about;
pub mod answer;
pub mod by_hand;
pub mod certificates;
pub mod copy;
pub mod customers;
pub mod errors;
pub mod fields;
pub mod filters;
pub mod heading;
pub mod invitations;
pub mod layout;
pub mod links;
pub mod made;
pub mod methods;
pub mod nothing;
pub mod records;
pub mod refused;
pub mod rehearsal;
pub mod renewals;
pub mod reply;
pub mod rights;
pub mod rows;
pub mod steps;
pub mod tag;
pub mod time;
pub mod timeline;
pub mod token_file;
pub mod tokens;
pub mod tools;

#[cfg(test)]
pub(crate) mod examples;
