//! A small disk in memory, which a test may fill.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// What it gives room by.
const PAGE_BYTES: u64 = 4_096;

pub(crate) struct Disk {
    folder: TempDir,
}

impl Disk {
    /// Mounts one; none, and says so, where that is not allowed.
    pub(crate) fn mounted() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=64m", "tmpfs"]).arg(folder.path());
        if !mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
            eprintln!("SKIPPED: this test mounts a disk of its own, which only root may do");
            return None;
        }
        Some(Self { folder })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves no byte free.
    pub(crate) fn fill(&self) {
        self.leave(0);
    }

    /// Leaves so many pages free.
    pub(crate) fn leave(&self, pages: u64) {
        let mut file = File::create(self.ballast()).unwrap();
        let mut block = vec![0; 1 << 20];
        while !block.is_empty() {
            if file.write_all(&block).is_err() {
                block.truncate(block.len() / 2);
            }
        }
        let bytes = file.metadata().unwrap().len();
        file.set_len(bytes.next_multiple_of(PAGE_BYTES) - pages * PAGE_BYTES).unwrap();
    }

    pub(crate) fn clear(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    /// Whether it was filled and not cleared since.
    pub(crate) fn is_filled(&self) -> bool {
        self.ballast().exists()
    }

    /// Pages that its files take, without what fills it.
    pub(crate) fn pages(&self) -> u64 {
        let files = std::fs::read_dir(self.path()).unwrap().map(|file| file.unwrap());
        let files = files.filter(|file| file.path() != self.ballast());
        files.map(|file| file.metadata().unwrap().len().div_ceil(PAGE_BYTES)).sum()
    }

    fn ballast(&self) -> PathBuf {
        self.folder.path().join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).status();
    }
}
