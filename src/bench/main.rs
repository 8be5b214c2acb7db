//! Benchmarks: `cargo bench --features ssr -- NAME`. `end2end/bench` runs all of them beside their peers.
//!
//! Each figure is a ratio to a peer or a floor that ran on the same machine a moment before; none is a test.
#![expect(clippy::unwrap_used, reason = "a benchmark that can't go on has no figure to give")]

mod dns;
mod edge;
mod fill;
mod issuance;
mod issuance_floor;
#[path = "../tests/kit/mod.rs"]
#[expect(dead_code, unused_imports, reason = "benchmarks need less of it than tests")]
mod kit;
mod store;
mod store_fill;
mod store_start;

use std::process::ExitCode;

/// One benchmark: its name on the command line, and what it runs.
type Bench = (&'static str, fn());

const BENCHES: &[Bench] = &[
    ("dns", dns::bench),
    ("edge", edge::ten_thousand),
    ("edge-installs", edge::installs),
    ("edge-100000", edge::hundred_thousand),
    // The floor of the others, as their child.
    ("edge-floor", edge::floor),
    ("issuance", issuance::bench),
    ("store", store::run),
];

fn main() -> ExitCode {
    // Cargo adds a flag of its own.
    let named: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    for name in &named {
        let Some((_, bench)) = BENCHES.iter().find(|(known, _)| known == name) else {
            eprintln!(
                "no benchmark {name:?}; there are: {:?}",
                BENCHES.iter().map(|(known, _)| known).collect::<Vec<_>>()
            );
            return ExitCode::from(2);
        };
        bench();
    }
    ExitCode::SUCCESS
}
