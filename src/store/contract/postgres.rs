//! A PostgreSQL server: the one named by `PADLOCK_TEST_POSTGRES_URL`, else one started from Debian's package and ended
//! when dropped.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;
use url::Url;

/// How often a starting server is tried, and how long between.
const START_TRIES: u32 = 300;
const START_PAUSE_MS: u64 = 100;

pub(super) struct Server {
    admin: Url,
    /// Ended when dropped, when it is ours.
    _started: Option<Started>,
    finished: Mutex<Vec<String>>,
}

struct Started {
    child: Child,
    /// Removed when dropped, after the server ended.
    _folder: tempfile::TempDir,
}

impl Server {
    #[expect(clippy::disallowed_methods, reason = "a test's server is no configuration of the product")]
    pub(super) fn found_or_started() -> Option<Self> {
        if let Ok(url) = std::env::var("PADLOCK_TEST_POSTGRES_URL") {
            let admin = Url::parse(&url).expect("PADLOCK_TEST_POSTGRES_URL is a URL");
            return Some(Self { admin, _started: None, finished: Mutex::default() });
        }
        let folder = tempfile::Builder::new().prefix("padlock-pg").tempdir_in("/tmp").expect("a folder");
        let bin = newest_bin()?;
        let (path, data) = (folder.path(), folder.path().join("data"));
        let root = is_root();
        if root {
            done(Command::new("chown").arg("postgres").arg(path));
        }
        let initdb = [bin.join("initdb").display().to_string(), "-D".into(), data.display().to_string()];
        let as_owner = |words: &[String]| owned(root, words);
        done(as_owner(&[&initdb[..], &["-U", "postgres", "-A", "trust", "-N"].map(String::from)].concat()));
        let server = [
            bin.join("postgres").display().to_string(),
            "-D".into(),
            data.display().to_string(),
            format!("-cunix_socket_directories={}", path.display()),
            "-clisten_addresses=".into(),
            "-cmax_connections=300".into(),
            "-cfsync=off".into(),
        ];
        let child = as_owner(&server).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        wait_for(&path.join(".s.PGSQL.5432"));
        let admin = format!("postgres://postgres@localhost/postgres?host={}", path.display());
        let admin = Url::parse(&admin).expect("a URL");
        Some(Self { admin, _started: Some(Started { child, _folder: folder }), finished: Mutex::default() })
    }

    pub(super) fn url(&self, database: &str) -> String {
        let mut url = self.admin.clone();
        url.set_path(database);
        url.to_string()
    }

    /// A database that is no longer needed; dropped before the next statement of [`Server::run`].
    pub(super) fn forget(&self, database: &str) {
        self.finished.lock().expect("no panic holds it").push(database.to_owned());
    }

    /// Runs a statement outside of every test's database.
    pub(super) async fn run(&self, statement: &str) {
        sqlx::any::install_default_drivers();
        let url = self.admin.as_str();
        let mut tries = 0;
        let pool = loop {
            match sqlx::AnyPool::connect(url).await {
                Ok(pool) => break pool,
                // The socket is there before the server takes connections.
                Err(error) if tries == START_TRIES => panic!("no PostgreSQL at {url}: {error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(START_PAUSE_MS)).await,
            }
            tries += 1;
        };
        let finished = std::mem::take(&mut *self.finished.lock().expect("no panic holds it"));
        let drops = finished.iter().map(|name| format!("drop database if exists {name} with (force)"));
        for statement in drops.chain([statement.to_owned()]) {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&pool).await.expect("runs");
        }
        pool.close().await;
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // SIGQUIT: end at once, children first.
        let _ = Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

fn newest_bin() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin"));
    versions.filter(|bin| bin.join("initdb").exists()).max()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    id.stdout.trim_ascii() == b"0"
}

/// PostgreSQL refuses to run as root.
fn owned(root: bool, words: &[String]) -> Command {
    let mut command = Command::new(if root { "setpriv" } else { words[0].as_str() });
    if root {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).args(words);
    } else {
        command.args(&words[1..]);
    }
    command.current_dir("/");
    command
}

#[track_caller]
fn done(mut command: impl std::borrow::BorrowMut<Command>) {
    let output = command.borrow_mut().output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn wait_for(socket: &Path) {
    for _ in 0..START_TRIES {
        if socket.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(START_PAUSE_MS));
    }
    panic!("PostgreSQL did not start");
}
