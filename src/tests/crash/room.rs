//! SQLite's disk with room for so many more pages: the story's writes run out of it in turn, at each page of each of them.
//! Once there is room again the story ends as it should, and nothing was lost: no order is made twice.

use super::engine::folder;
use super::play::{Squeezed, tell_on};
use super::{ORDERS, is_long, sample};
use crate::kit::disk::Disk;
use crate::kit::stage::Stage;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::JoinSet;

/// More than the story takes.
const PLENTY: u64 = 8_192;
/// Of the sizes that the sample of points would try, it tries one in so many: whoever misses room waits for half a second.
const RARER: u64 = 4;
/// Cases side by side.
const LANES: usize = 4;
/// The story takes a few pages more or less, as keys and certificates do.
const MARGIN: u64 = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_page_finds_no_room_on_sqlite() {
    let Some(undisturbed) = told(PLENTY).await else { return };
    assert!(!undisturbed.missed);
    let (every, first) = sample();
    let every = if is_long() { 1 } else { RARER * every as u64 };
    let (next, took) = (Arc::new(AtomicU64::new(first as u64)), undisturbed.took);
    let mut lanes = JoinSet::new();
    for _ in 0..LANES {
        let next = Arc::clone(&next);
        lanes.spawn(async move { lane(&next, every, took).await });
    }
    let missed: Vec<bool> = lanes.join_all().await.into_iter().flatten().collect();
    let count = missed.iter().filter(|missed| **missed).count();
    eprintln!("the story takes {took} pages; {count} of {} disks were too small, and it ended well", missed.len());
}

/// Takes one size after the other until the story fits.
async fn lane(next: &AtomicU64, every: u64, took: u64) -> Vec<bool> {
    let mut missed = Vec::new();
    loop {
        let pages = next.fetch_add(every, Ordering::SeqCst);
        if pages > took + MARGIN {
            return missed;
        }
        let told = told(pages).await.unwrap();
        assert!(told.missed || pages + MARGIN >= took, "the story fits into {pages} pages");
        assert_eq!(told.orders, ORDERS, "with room for {pages} pages");
        missed.push(told.missed);
    }
}

async fn told(pages: u64) -> Option<Squeezed> {
    let disk = Disk::mounted()?;
    let url = format!("sqlite://{}", disk.path().join("padlock.db").display());
    Some(tell_on(Stage::with(folder(), url).await, disk, pages).await)
}
