//! What the tests are told with: a scripted world for stories, and the sandbox with a real process for the rest.

pub(crate) mod ca;
pub(crate) mod caching;
pub(crate) mod causes;
pub(crate) mod cluster;
pub(crate) mod dice;
pub(crate) mod disk;
pub(crate) mod doors;
pub(crate) mod fake_ca;
pub(crate) mod fuse;
pub(crate) mod hostile;
pub(crate) mod invariants;
pub(crate) mod ledger;
pub(crate) mod listener;
pub(crate) mod made;
pub(crate) mod node;
pub(crate) mod planted;
pub(crate) mod post;
pub(crate) mod public;
pub(crate) mod receiver;
pub(crate) mod rest;
pub(crate) mod sandbox;
pub(crate) mod stage;
pub(crate) mod trap;
pub(crate) mod visitor;
pub(crate) mod witness;
pub(crate) mod world;
