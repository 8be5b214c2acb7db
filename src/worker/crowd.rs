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

    /// Steps aside while there is a crowd, and for [`LONGEST`] at most.
    pub(super) async fn thinned(&self) {
        let mut under_way = self.0.subscribe();
        let thinned = under_way.wait_for(|under_way| *under_way < CROWD);
        // Whether there is still one then decides nothing.
        let _ = timeout(LONGEST, thinned).await;
    }
}

impl Drop for Member<'_> {
    fn drop(&mut self) {
        // Those who step aside are woken once, when it is no crowd any more.
        self.0.0.send_if_modified(|under_way| {
            *under_way -= 1;
            *under_way == CROWD - 1
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[tokio::test]
    async fn one_steps_aside_until_the_crowd_has_thinned() {
        let crowd = Crowd::default();
        let mut members: Vec<_> = (1..CROWD).map(|_| crowd.enter()).collect();
        assert!(crowd.thinned().now_or_never().is_some(), "these are no crowd");
        members.push(crowd.enter());
        let mut thinned = Box::pin(crowd.thinned());
        assert!((&mut thinned).now_or_never().is_none());
        members.pop();
        assert!(thinned.now_or_never().is_some());
    }

    #[tokio::test]
    async fn nobody_steps_aside_for_ever() {
        let crowd = Crowd::default();
        let _members: Vec<_> = (0..CROWD).map(|_| crowd.enter()).collect();
        let began = tokio::time::Instant::now();
        crowd.thinned().await;
        assert!(began.elapsed() >= LONGEST);
    }
}
