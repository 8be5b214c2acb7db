//! The `padlock` command.
fn main() {}
