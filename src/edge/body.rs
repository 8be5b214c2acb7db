//! Bodies on their way through: streamed, counted, never collected.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use http_body_util::{Either, Full, Limited};
use hyper::body::{Bytes, Frame, Incoming, SizeHint};

/// An answer's body: an upstream's, or a page of ours.
pub(super) type Body = Either<Incoming, Full<Bytes>>;

/// A request's body towards an upstream: no longer than allowed, and it leaves a mark when it moves.
pub(super) struct Upload {
    body: Limited<Incoming>,
    moved: Moved,
}

/// Whether a body moved since the last look.
#[derive(Clone, Default)]
pub(super) struct Moved(Arc<AtomicBool>);

impl Moved {
    pub(super) fn mark(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn since_last_look(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

impl Upload {
    pub(super) fn new(body: Incoming, most_bytes: u64, moved: Moved) -> Self {
        let most_bytes = usize::try_from(most_bytes).unwrap_or(usize::MAX);
        Self { body: Limited::new(body, most_bytes), moved }
    }
}

impl hyper::body::Body for Upload {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if frame.is_ready() {
            self.moved.mark();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
