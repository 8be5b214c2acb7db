//! A year in a minute: domains with certificates of 47 days on a clock turned by hand, with faults of every kind thrown by
//! dice, and what must hold after every step.
//!
//! Worker, store, edge and handshakes are the real ones; DNS and the CAs are scripted. The clock jumps to the next moment at
//! which there is work. Looks at domains that are at rest come late here, as on a busy node: they would find nothing new,
//! and there are 35,000 of them a year for each domain.

mod faults;
mod watch;
mod year;

use tokio::time::Instant;
use year::Year;

/// In every run.
const SHORT: (u64, usize) = (2, 10);
/// Behind `PADLOCK_TEST_LONG`.
const LONG: (u64, usize) = (100, 50);

#[tokio::test]
async fn a_year_of_faults_lets_nothing_expire() {
    let (seeds, domains) = SHORT;
    match seed_asked() {
        Some(seed) => live(seed, domains).await,
        None => {
            for seed in 1..=seeds {
                live(seed, domains).await;
            }
        }
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test's own switch is no configuration of the product")]
async fn a_hundred_years_of_faults_let_nothing_expire() {
    if std::env::var("PADLOCK_TEST_LONG").is_err() {
        eprintln!("SKIPPED: this test takes many minutes (PADLOCK_TEST_LONG=1)");
        return;
    }
    let (seeds, domains) = LONG;
    let first = seed_asked().unwrap_or(1);
    for seed in first..first + seeds {
        live(seed, domains).await;
    }
}

/// Lives through one year; what goes wrong names the seed.
async fn live(seed: u64, domains: usize) {
    let begun = Instant::now();
    let told = Year::new(seed, domains).await.live().await;
    eprintln!("seed {seed}: {told}, in {:.1} s", begun.elapsed().as_secs_f64());
}

#[expect(clippy::disallowed_methods, reason = "a test's own switch is no configuration of the product")]
fn seed_asked() -> Option<u64> {
    std::env::var("PADLOCK_TEST_SEED").ok().map(|seed| seed.parse().unwrap())
}
