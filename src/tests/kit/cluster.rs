//! A PostgreSQL of a test's own, which it may stop, freeze and start again: a cluster in a temporary folder, from Debian's
//! package.

use std::fs::File;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;

/// A start, with recovery from the log, on a machine that runs everything else at once.
const START: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

pub(crate) struct Cluster {
    bin: PathBuf,
    folder: TempDir,
    port: u16,
    server: Option<Child>,
}

impl Cluster {
    /// Makes one with an empty database `padlock` and starts it; none, and says so, where PostgreSQL is not installed.
    pub(crate) async fn start() -> Option<Self> {
        let Some(bin) = newest_bin() else {
            eprintln!("SKIPPED: this test needs PostgreSQL (Debian: apt install postgresql)");
            return None;
        };
        // Its user must reach the folder, and a socket's path is short.
        let folder = tempfile::Builder::new().prefix("padlock-pg").tempdir_in("/tmp").unwrap();
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut cluster = Self { bin, folder, port: held.local_addr().unwrap().port(), server: None };
        if is_root() {
            done(Command::new("chown").arg("postgres").arg(cluster.folder.path()));
        }
        let data = cluster.data();
        done(
            cluster
                .owned("initdb")
                .args(["-U", "padlock", "-A", "trust", "-E", "UTF8", "--no-instructions", "-D"])
                .arg(data),
        );
        drop(held);
        cluster.resume().await;
        done(Command::new("psql").args(["-Xqc", "create database padlock", &cluster.url("postgres")]));
        Some(cluster)
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://padlock@127.0.0.1:{}/{database}", self.port)
    }

    /// Ends it at once, as a crash would: no checkpoint, every connection cut, recovery at the next start.
    pub(crate) fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            self.signal_postmaster(&server, "QUIT");
            server.wait().unwrap();
        }
    }

    /// Starts it and waits until it takes connections.
    pub(crate) async fn resume(&mut self) {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let (data, folder) = (self.data(), self.folder.path().display().to_string());
        let mut command = self.owned("postgres");
        command.arg("-D").arg(data).arg(format!("-cunix_socket_directories={folder}"));
        command.args(["-clisten_addresses=127.0.0.1", &format!("-cport={}", self.port)]);
        self.server = Some(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap());
        let begun = Instant::now();
        while !quiet(Command::new("psql").args(["-Xqc", "select 1", &self.url("postgres")])) {
            assert!(begun.elapsed() < START, "PostgreSQL does not take connections");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Stops every process of it where it stands: connections stay open, and nobody answers.
    pub(crate) fn freeze(&self) {
        let server = self.server.as_ref().unwrap();
        // The postmaster first, so that it makes no more children.
        self.signal_postmaster(server, "STOP");
        let _ = Command::new("pkill").args(["-STOP", "-P", &server.id().to_string()]).status().unwrap();
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        let server = self.server.as_ref().unwrap();
        let _ = Command::new("pkill").args(["-CONT", "-P", &server.id().to_string()]).status().unwrap();
        self.signal_postmaster(server, "CONT");
    }

    fn signal_postmaster(&self, server: &Child, signal: &str) {
        done(Command::new("kill").args([&format!("-{signal}"), &server.id().to_string()]));
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// One of its programs, run as its owner: PostgreSQL refuses to be root.
    fn owned(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.thaw();
            self.stop();
        }
    }
}

fn newest_bin() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin"));
    versions.filter(|bin| bin.join("initdb").exists()).max()
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout.trim_ascii() == b"0"
}

fn quiet(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
}

#[track_caller]
fn done(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
