//! WebSockets: bytes in both directions once both sides have agreed to upgrade; frames are never looked into.

use std::io;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;

use super::accept::{Place, Tasks};

/// Carries bytes until one side closes or goes silent, or the drain time after shutdown is over.
pub(super) fn open(visitor: OnUpgrade, upstream: OnUpgrade, place: Place, tasks: &Tasks) {
    let (own, carried) = (tasks.clone(), carry(visitor, upstream));
    tasks.spawn(async move {
        own.drive(carried, |_| ()).await;
        drop(place);
    });
}

/// Silence ends it too: both streams are `Patient` ones underneath.
async fn carry(visitor: OnUpgrade, upstream: OnUpgrade) -> io::Result<()> {
    let (visitor, upstream) = tokio::try_join!(visitor, upstream).map_err(io::Error::other)?;
    copy_bidirectional(&mut TokioIo::new(visitor), &mut TokioIo::new(upstream)).await?;
    Ok(())
}
