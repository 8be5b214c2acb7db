//! Orders under way on this node. While they are many, certificates that visitors wait for come before looks at those that
//! are served already.

use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// Fewer than this are no crowd.
const CROWD: usize = 8;
/// Nobody steps aside for longer.
const LONGEST: Duration = Duration::from_secs(3);

/// How many orders are under way.
#[derive(Debug, Default)]
pub struct Crowd(watch::Sender<usize>);

/// One of them, until it is dropped.
pub(super) struct Member<'a>(&'a Crowd);

impl Crowd {
    /// One more.
    pub(super) fn enter(&self) -> Member<'_> {
        self.0.send_if_modified(|under_way| {
            *under_way += 1;
            false
        });
        Member(self)
    }

    /// Where there is a crowd, steps aside until the last of it is through, and for [`LONGEST`] at most: all who step aside come
    /// back at once, and would be in the way of those who are left.
    pub(super) async fn through(&self) {
        let mut under_way = self.0.subscribe();
        if *under_way.borrow() < CROWD {
            return;
        }
        // Whether there is still somebody then decides nothing.
        let _ = timeout(LONGEST, under_way.wait_for(|under_way| *under_way == 0)).await;
    }
}

impl Drop for Member<'_> {
    fn drop(&mut self) {
        // Those who step aside are woken once.
        self.0.0.send_if_modified(|under_way| {
            *under_way -= 1;
            *under_way == 0
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[tokio::test]
    async fn one_steps_aside_until_the_crowd_is_through() {
        let crowd = Crowd::default();
        let mut members: Vec<_> = (1..CROWD).map(|_| crowd.enter()).collect();
        assert!(crowd.through().now_or_never().is_some(), "these are no crowd");
        members.push(crowd.enter());
        let mut through = Box::pin(crowd.through());
        assert!((&mut through).now_or_never().is_none());
        members.truncate(1);
        assert!((&mut through).now_or_never().is_none(), "one is left");
        members.clear();
        assert!(through.now_or_never().is_some());
    }

    #[tokio::test]
    async fn nobody_steps_aside_for_ever() {
        let crowd = Crowd::default();
        let _members: Vec<_> = (0..CROWD).map(|_| crowd.enter()).collect();
        let began = tokio::time::Instant::now();
        crowd.through().await;
        assert!(began.elapsed() >= LONGEST);
    }
}
