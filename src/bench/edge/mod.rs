//! The edge against HAProxy and nginx from Debian's packages, and against a bare rustls loop as the floor.
//!
//! Every server has the same names, each with a P-256 key of its own under one CA, and runs as a process of its own, so
//! that CPU time and memory are its alone. One generator (`load`) shakes hands with all of them in turn, several rounds
//! each, so that whatever else the machine does meets all alike. Padlock is `padlock serve` with the role `edge` on a
//! database that holds the certificates.
//!
//! Fairness: X25519 and TLS 1.3 for all (OpenSSL 3.0 has no post-quantum key exchange), no resumption, tickets as each
//! server has them by default, no access log anywhere, two threads or workers each. Padlock and the floor are built with
//! the profile that the bench is built with; `release`, which operators install, is quicker still.

mod floor;
mod installs;
mod load;
mod names;
mod peers;
mod process;
mod upstream;

use std::time::Duration;

use load::Work;
use names::Names;
use process::Server;

use crate::fill::Trouble;

/// One measured stretch; some thousands of handshakes.
const ROUND: Duration = Duration::from_secs(2);
/// Of which the median is given.
const ROUNDS: usize = 3;

/// 10,000 certificates.
pub(crate) fn ten_thousand() {
    told(compare(10_000, true));
}

/// 100,000 certificates: minutes of preparation the first time, and gigabytes for the peers.
pub(crate) fn hundred_thousand() {
    told(compare(100_000, false));
}

/// How soon a certificate is on show, under load.
pub(crate) fn installs() {
    told(installs::run());
}

/// The child process that is the floor.
pub(crate) fn floor() {
    told(floor::serve());
}

fn told(outcome: Result<(), Trouble>) {
    if let Err(trouble) = outcome {
        eprintln!("{trouble}");
        std::process::exit(1);
    }
}

/// What was measured of one server.
struct Row {
    server: Server,
    handshakes: Vec<f64>,
    requests: Vec<f64>,
}

fn compare(count: usize, requests: bool) -> Result<(), Trouble> {
    let names = Names::ready(count)?;
    let upstream = upstream::start()?;
    let mut rows = Vec::new();
    for start in [peers::padlock, peers::floor, peers::haproxy, peers::nginx_by_block, peers::nginx_by_variable] {
        if let Some(server) = start(&names, upstream)? {
            load::once(&server, &names)?;
            rows.push(Row { server, handshakes: Vec::new(), requests: Vec::new() });
        }
    }
    for _ in 0..ROUNDS {
        for row in &mut rows {
            row.handshakes.push(cost(&row.server, &names, Work::Handshakes)?);
            if requests && row.server.proxies {
                row.requests.push(cost(&row.server, &names, Work::Requests)?);
            }
        }
    }
    print(count, &mut rows)
}

/// CPU microseconds of the server for each handshake or request. Anything that fails is an error: none may be dropped.
fn cost(server: &Server, names: &Names, work: Work) -> Result<f64, Trouble> {
    load::run(server.address, names, work, Duration::from_millis(300))?;
    let before = server.cpu()?;
    let done = load::run(server.address, names, work, ROUND)?;
    Ok((server.cpu()? - before).as_secs_f64() * 1e6 / f64::from(done))
}

fn print(count: usize, rows: &mut [Row]) -> Result<(), Trouble> {
    println!("{count} certificates (median of {ROUNDS} rounds; CPU is the server's, user and system)");
    println!(
        "{:<24}{:>16}{:>10}{:>16}{:>10}{:>12}{:>10}",
        "", "handshake µs", "ratio", "request µs", "ratio", "memory MB", "start s"
    );
    // Padlock is started first; a peer may be left out.
    let first = rows.first_mut().filter(|row| row.server.name == peers::PADLOCK).ok_or("Padlock was not ready")?;
    let ours = (median(&mut first.handshakes), median(&mut first.requests));
    for row in rows {
        let (handshake, request) = (median(&mut row.handshakes), median(&mut row.requests));
        let figure = |value: Option<f64>, digits: usize| {
            value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
        };
        let ratio = |theirs: Option<f64>, ours: Option<f64>| theirs.zip(ours).map(|(theirs, ours)| ours / theirs);
        println!(
            "{:<24}{:>16}{:>10}{:>16}{:>10}{:>12}{:>10}",
            row.server.name,
            figure(handshake, 0),
            figure(ratio(handshake, ours.0), 2),
            figure(request, 1),
            figure(ratio(request, ours.1), 2),
            figure(Some(row.server.memory_mb()?), 0),
            figure(Some(row.server.started.as_secs_f64()), 1),
        );
    }
    println!("ratio: Padlock's CPU over this server's");
    Ok(())
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
