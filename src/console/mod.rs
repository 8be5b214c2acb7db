//! Use cases behind every door: who is asking, what they may touch, then act.

pub mod desk;
