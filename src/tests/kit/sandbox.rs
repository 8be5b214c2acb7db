//! The sandbox that `end2end/lab start` runs, and one slot of it for each test.
//!
//! A slot is a DCV zone, its server's address and the edge's address. It is taken by a lock on a file of the sandbox, so
//! that tests of several processes run side by side too.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Tests ask without a pause; those about the pace set their own.
pub(crate) const UNPACED: [&str; 3] = ["PADLOCK_API_RATE", "PADLOCK_STRANGER_RATE", "PADLOCK_RENEWAL_RATE"];

/// Names the file that `end2end/lab start` writes; `make test` sets it.
const NAMED_BY: &str = "PADLOCK_TEST_LAB";
/// Longer than the longest test: a slot becomes free by then.
const SLOT_TRIES: u32 = 6_000;
const SLOT_PAUSE: Duration = Duration::from_millis(100);

/// Whoever is connected is not any more; then every row goes, whatever refers to it, and the audit log begins anew.
/// Truncating takes ten times as long.
const EMPTY: &str = "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity \
    where datname = current_database() and pid <> pg_backend_pid(); \
    set session_replication_role = replica; \
    do $$ declare name text; begin \
    for name in select tablename from pg_tables where schemaname = 'public' and tablename <> 'migrations' loop \
    execute 'delete from ' || quote_ident(name); end loop; end $$; \
    insert into audit_head values (1, 0, decode(repeat('00', 32), 'hex'))";

/// The running sandbox.
#[derive(Clone)]
pub(crate) struct Sandbox(Arc<HashMap<String, String>>);

/// A slot, given back when dropped.
pub(crate) struct Slot {
    number: u32,
    /// The lines with which Padlock runs in it.
    pub(crate) settings: Vec<(String, String)>,
    _lock: File,
}

impl Sandbox {
    /// The sandbox, when there is one; says aloud that the test is skipped when there is none.
    #[expect(clippy::disallowed_methods, reason = "a test's sandbox is no configuration of the product")]
    pub(crate) fn running() -> Option<Self> {
        let Ok(path) = std::env::var(NAMED_BY) else {
            eprintln!("SKIPPED: this test needs the sandbox (make lab; {NAMED_BY}=target/lab/env)");
            return None;
        };
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{NAMED_BY}: {path}: {error}"));
        Some(Self(Arc::new(lines(&text).into_iter().collect())))
    }

    /// A line of its file.
    pub(crate) fn line(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_else(|| panic!("the sandbox has no {name}"))
    }

    /// The resolver that everybody asks.
    pub(crate) fn resolver(&self) -> SocketAddr {
        self.line("PADLOCK_DNS_RESOLVERS").parse().unwrap()
    }

    /// Takes a slot that nobody has.
    pub(crate) async fn slot(&self) -> Slot {
        let slots: u32 = self.line("LAB_SLOTS").parse().unwrap();
        for _ in 0..SLOT_TRIES {
            for slot in 1..=slots {
                let lock = File::create(self.state().join(format!("slot-{slot}.lock"))).unwrap();
                if lock.try_lock().is_ok() {
                    let settings = lines(&self.lab(&["env", &slot.to_string()]));
                    return Slot { number: slot, settings, _lock: lock };
                }
            }
            tokio::time::sleep(SLOT_PAUSE).await;
        }
        panic!("all {slots} slots of the sandbox are taken");
    }

    /// The lines for one of several nodes in a slot: 1, 2 or 3.
    pub(crate) fn node_settings(&self, slot: &Slot, node: u32) -> Vec<(String, String)> {
        lines(&self.lab(&["env", &slot.number.to_string(), &node.to_string()]))
    }

    /// Changes a customer's zone as its administrator would, all at once: lines of `knsupdate`.
    pub(crate) fn update(&self, zone: &str, lines: &[String]) {
        let (server, port) = (self.line("LAB_CUSTOMERS_NS"), self.line("LAB_DNS_PORT"));
        let script = format!("server {server} {port}\nzone {zone}.\n{}\nsend\nquit\n", lines.join("\n"));
        let mut update = Command::new("knsupdate");
        let key = self.state().join("tsig.key");
        let mut update = update.arg("-k").arg(key).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        update.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        assert!(update.wait().unwrap().success(), "{script}");
    }

    /// The zone of the customers' provider that a name lies in.
    pub(crate) fn zone_of(&self, name: &str) -> &str {
        let mut zones = self.line("LAB_ZONES").split(' ');
        zones.find(|zone| name.ends_with(&format!(".{zone}"))).unwrap_or_else(|| panic!("{name} lies in no zone"))
    }

    /// What a server answers, in `kdig`'s short form: one line for each record.
    pub(crate) fn ask(server: SocketAddr, name: &str, rtype: &str) -> String {
        let (at, port) = (format!("@{}", server.ip()), server.port().to_string());
        said(Command::new("kdig").args(["+short", &at, "-p", &port, name, rtype]))
    }

    /// Makes an empty database; `psql` comes with the server.
    pub(crate) fn create_database(&self, name: &str) -> String {
        self.sql(&format!("create database {name}"));
        let (server, _) = self.line("LAB_POSTGRES_URL").rsplit_once('/').unwrap();
        format!("{server}/{name}")
    }

    /// The same for a moment: no commit is waited for, since what is killed is a process and never the machine.
    pub(crate) fn create_brief_database(&self, name: &str) -> String {
        let url = self.create_database(name);
        self.sql(&format!("alter database {name} set synchronous_commit = off"));
        url
    }

    /// Leaves its tables, as migrated, and nobody and nothing in them.
    pub(crate) fn empty_database(url: &str) {
        Self::sql_at(url, EMPTY);
    }

    /// Drops it, whoever is still connected.
    pub(crate) fn drop_database(&self, name: &str) {
        self.sql(&format!("drop database {name} with (force)"));
    }

    fn sql(&self, statement: &str) {
        Self::sql_at(self.line("LAB_POSTGRES_URL"), statement);
    }

    /// What a statement gives in a PostgreSQL database, as plain text.
    pub(crate) fn sql_at(url: &str, statement: &str) -> String {
        said(Command::new("psql").args(["-X", "-v", "ON_ERROR_STOP=1", "-qAt", url, "-c", statement]))
    }

    fn state(&self) -> PathBuf {
        self.line("LAB_STATE").into()
    }

    fn lab(&self, words: &[&str]) -> String {
        said(Command::new(self.line("LAB_COMMAND")).args(words).env("LAB_OFFSET", self.line("LAB_OFFSET")))
    }
}

/// What a program printed; it must end well.
pub(crate) fn said(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn lines(text: &str) -> Vec<(String, String)> {
    let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    text.lines().filter_map(pair).collect()
}
