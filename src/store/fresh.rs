//! New ids, tokens and labels.

use crate::domain::time::Millis;
use aws_lc_rs::rand;
use std::sync::atomic::{AtomicU16, Ordering};
use uuid::Builder;

/// Orders ids that one process makes within a millisecond (RFC 9562 §6.2, method 1).
static SEQUENCE: AtomicU16 = AtomicU16::new(0);

/// A UUIDv7 for `now`: later ones sort after earlier ones, and no two are alike.
#[must_use]
pub fn new_id(now: Millis) -> String {
    compose(now, SEQUENCE.fetch_add(1, Ordering::Relaxed), random())
}

fn compose(now: Millis, sequence: u16, random: [u8; 8]) -> String {
    let mut bytes = [0; 10];
    // The upper four of these sixteen bits give way to the version.
    bytes[..2].copy_from_slice(&sequence.to_be_bytes());
    bytes[2..].copy_from_slice(&random);
    let millis = u64::try_from(now.0).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid().to_string()
}

/// A name for this process that no other has.
pub(super) fn random_name() -> String {
    Builder::from_random_bytes(random()).into_uuid().to_string()
}

/// Fresh random bytes from the system.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // The system's generator fails only before it is seeded, and then nothing secret may be made at all.
    assert!(rand::fill(&mut bytes).is_ok(), "the system gives no random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_then_by_making() {
        let ids: Vec<String> = (0..1_000_u16)
            .map(|n| compose(Millis(1_700_000_000_000 + i64::from(n / 100)), n % 100, random()))
            .collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    }
}
