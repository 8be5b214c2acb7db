//! What the stories are told with: a scripted world, a scripted CA, a clock turned by hand, and real parts for the rest.

pub(crate) mod ca;
pub(crate) mod fuse;
pub(crate) mod stage;
pub(crate) mod world;
