//! A fuse that stops a process at a chosen call, before or after its effect: the story's SIGKILL.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// Counts calls to the outside; at the chosen one the caller never hears back.
#[derive(Clone, Default)]
pub(crate) struct Fuse(Arc<Inner>);

#[derive(Default)]
struct Inner {
    passed: AtomicUsize,
    blows_at: AtomicUsize,
    blown: Notify,
}

impl Fuse {
    /// Blows at the `blows_at`-th point from now; 0 never blows.
    pub(crate) fn set(&self, blows_at: usize) {
        self.0.passed.store(0, Ordering::SeqCst);
        self.0.blows_at.store(blows_at, Ordering::SeqCst);
    }

    /// Where a process may be killed: returns, or never does.
    pub(crate) async fn point(&self) {
        let passed = self.0.passed.fetch_add(1, Ordering::SeqCst) + 1;
        if passed == self.0.blows_at.load(Ordering::SeqCst) {
            self.0.blown.notify_one();
            std::future::pending::<()>().await;
        }
    }

    /// Until it has blown.
    pub(crate) async fn blown(&self) {
        self.0.blown.notified().await;
    }
}
