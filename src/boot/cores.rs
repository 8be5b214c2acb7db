//! No copy of this process's memory is written to disk: it holds private keys, the master key and passwords in the clear.
//!
//! Only the machine's administrator can still read it while it runs, and they can read the master key's file as well.

use rustix::io::Errno;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Switches core dumps off, and keeps other processes of the same user from tracing this one.
///
/// # Errors
/// When the kernel refuses, which it does to nobody who gives something up.
pub fn switch_off() -> Result<(), Errno> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    // A limit of zero does not bind a core pattern that pipes to a program; this does.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}
