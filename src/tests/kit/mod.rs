//! What the tests are told with: a scripted world for stories, and the sandbox with a real process for the rest.

pub(crate) mod ca;
pub(crate) mod dice;
pub(crate) mod fake_ca;
pub(crate) mod fuse;
pub(crate) mod ledger;
pub(crate) mod node;
pub(crate) mod rest;
pub(crate) mod sandbox;
pub(crate) mod stage;
pub(crate) mod visitor;
pub(crate) mod world;
