//! A node: the real `padlock serve` in a slot of the sandbox, with a folder and a database of its own, or one of several
//! on the same database.

use super::rest::{self, Answer};
use super::sandbox::{Sandbox, Slot, UNPACED};
use super::visitor::Visitor;
use padlock::domain::record::{Purpose, RecordType};
use padlock::wire::domain::{DomainView, EventView, Page};
use serde_json::{Value, json};
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;

const PADLOCK: &str = env!("CARGO_BIN_EXE_padlock");
/// Between two looks at something that is awaited.
const PAUSE: Duration = Duration::from_millis(10);
/// A start, on a machine that runs everything else at once.
const START: Duration = Duration::from_secs(30);
/// So much of the log is printed when a test fails.
const LOG_LINES: usize = 60;

/// Which engine keeps the facts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

pub(crate) struct Node {
    pub(crate) sandbox: Sandbox,
    /// An operator's token.
    pub(crate) token: String,
    /// Part of every name of this test, so that what an earlier run published is not seen.
    tag: String,
    process: Option<Child>,
    settings: Vec<(String, String)>,
    folder: TempDir,
    database: Option<String>,
    slot: Arc<Slot>,
}

impl Node {
    /// Starts one with one customer; none, and says so, where no sandbox runs.
    pub(crate) async fn start(database: Database) -> Option<Self> {
        let sandbox = Sandbox::running()?;
        Some(Self::with(sandbox, database, &[]).await)
    }

    /// The same, with settings that outrank the sandbox's.
    pub(crate) async fn with(sandbox: Sandbox, database: Database, own: &[(&str, &str)]) -> Self {
        let slot = sandbox.slot().await;
        let lines = slot.settings.clone();
        Self::first(sandbox, slot, lines, database, own).await
    }

    /// The first of several on one PostgreSQL, whose DCV zone and edge hostname they share.
    pub(crate) async fn of_several(sandbox: Sandbox, own: &[(&str, &str)]) -> Self {
        let slot = sandbox.slot().await;
        let lines = sandbox.node_settings(&slot, 1);
        Self::first(sandbox, slot, lines, Database::Postgres, own).await
    }

    /// Another process on this one's database and master key, at the addresses of the slot's node 1, 2 or 3.
    pub(crate) async fn beside(&self, number: u32, own: &[(&str, &str)]) -> Self {
        let shared = ["PADLOCK_DATABASE_URL", "PADLOCK_MASTER_KEY_FILE"].map(|name| (name, self.setting(name)));
        let own: Vec<(&str, &str)> = shared.into_iter().chain(own.iter().copied()).collect();
        let (folder, lines) = (TempDir::new().unwrap(), self.sandbox.node_settings(&self.slot, number));
        let mut node = Self {
            settings: settings(lines, folder.path(), "", &own),
            sandbox: self.sandbox.clone(),
            token: self.token.clone(),
            tag: self.tag.clone(),
            process: None,
            folder,
            database: None,
            slot: Arc::clone(&self.slot),
        };
        node.serve().await;
        node
    }

    async fn first(
        sandbox: Sandbox,
        slot: Slot,
        lines: Vec<(String, String)>,
        database: Database,
        own: &[(&str, &str)],
    ) -> Self {
        let folder = TempDir::new().unwrap();
        let tag = uuid::Uuid::new_v4().simple().to_string()[..6].to_owned();
        let made = matches!(database, Database::Postgres).then(|| format!("test_{tag}"));
        let url = match &made {
            Some(name) => sandbox.create_database(name),
            None => format!("sqlite://{}", folder.path().join("padlock.db").display()),
        };
        let mut node = Self {
            settings: settings(lines, folder.path(), &url, own),
            sandbox,
            token: String::new(),
            tag,
            process: None,
            folder,
            database: made,
            slot: Arc::new(slot),
        };
        node.customer("County");
        node.token = node.token_for("operator", None);
        node.serve().await;
        node
    }

    /// A name of this test's own.
    pub(crate) fn name(&self, first: &str, zone: &str) -> String {
        format!("{first}-{}.{zone}", self.tag)
    }

    pub(crate) fn setting(&self, name: &str) -> &str {
        self.settings.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Changes what its next process is told.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Where its processes run, with what they leave behind.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn address(&self, setting: &str) -> SocketAddr {
        self.setting(setting).parse().unwrap()
    }

    /// The edge's HTTPS address.
    pub(crate) fn edge(&self) -> SocketAddr {
        self.address("PADLOCK_EDGE_HTTPS_ADDR")
    }

    // ---- the process

    /// Starts the process and waits until it is ready.
    pub(crate) async fn serve(&mut self) {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut command = self.command(&["serve"]);
        self.process = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        let (url, begun) = (format!("http://{}/readyz", self.setting("PADLOCK_CONSOLE_ADDR")), Instant::now());
        while !rest::try_ask("GET", &url, &[], "").await.is_ok_and(|answer| answer.status == 200) {
            let ended = self.process.as_mut().and_then(|process| process.try_wait().unwrap());
            assert!(ended.is_none(), "padlock serve ended: {ended:?}");
            assert!(begun.elapsed() < START, "padlock serve is not ready");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// SIGKILL: nothing is flushed, nothing said goodbye to.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Sends the process a signal by its name: `STOP`, `CONT`, `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success(), "{name}");
    }

    /// What a statement gives in this node's PostgreSQL database.
    pub(crate) fn sql(&self, statement: &str) -> String {
        Sandbox::sql_at(self.setting("PADLOCK_DATABASE_URL"), statement)
    }

    /// Ends it by another signal, and waits until it is gone.
    pub(crate) fn end_by(&mut self, signal: &str) {
        if let Some(mut process) = self.process.take() {
            let sent = Command::new("kill").args(["-s", signal, &process.id().to_string()]).status().unwrap();
            assert!(sent.success(), "{signal}");
            process.wait().unwrap();
        }
    }

    /// Starts a command beside it.
    pub(crate) fn spawn(&self, words: &[&str]) -> Child {
        self.command(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// What its processes have logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Runs a command beside it.
    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.run_with(words, &[])
    }

    /// The same, with more in its environment.
    pub(crate) fn run_with(&self, words: &[&str], environment: &[(&str, &str)]) -> Output {
        self.command(words).envs(environment.iter().copied()).stdin(Stdio::null()).output().unwrap()
    }

    /// The same; it must end well. Gives what it printed.
    pub(crate) fn said(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PADLOCK);
        command.args(words).current_dir(self.folder.path()).env_clear();
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    // ---- people

    pub(crate) fn customer(&self, name: &str) -> String {
        self.said(&["customer", "add", name])
    }

    pub(crate) fn token_for(&self, role: &str, customer: Option<&str>) -> String {
        let words = ["token", "create", "--name", role, "--role", role];
        let bound = customer.map(|customer| ["--customer", customer]);
        self.said(&words.into_iter().chain(bound.into_iter().flatten()).collect::<Vec<_>>())
    }

    /// Adds a person who signs in with this password; gives their id.
    pub(crate) fn user(&self, email: &str, role: &str, customer: Option<&str>, password: &str) -> String {
        let file = self.folder.path().join("password");
        std::fs::write(&file, password).unwrap();
        let file = file.display().to_string();
        let words = ["--json", "user", "add", "--email", email, "--role", role, "--password-file", &file];
        let bound = customer.map(|customer| ["--customer", customer]);
        let added = self.said(&words.into_iter().chain(bound.into_iter().flatten()).collect::<Vec<_>>());
        let added: Value = serde_json::from_str(&added).unwrap();
        added["id"].as_str().unwrap().to_owned()
    }

    /// Signs a person in as a form does; gives the cookie.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> String {
        let form = format!("email={email}&password={}&next=%2Fdomains", password.replace(' ', "+"));
        let own = self.setting("PADLOCK_PUBLIC_URL");
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html"), ("origin", own)];
        let answer = self.ask("POST", "/api/session/sign-in", &headers, &form).await.expect(302);
        let cookie = answer.header("set-cookie");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }

    // ---- the REST API

    /// Calls the REST API as the operator.
    pub(crate) async fn api(&self, method: &str, path: &str, body: Value) -> Answer {
        self.api_as(&self.token, method, path, body).await
    }

    /// Calls it with somebody's token.
    pub(crate) async fn api_as(&self, token: &str, method: &str, path: &str, body: Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.ask(method, &format!("/api/v1{path}"), &headers, &body).await
    }

    /// Asks the Console's listener for a path: over plain HTTP, as a proxy before it does.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        rest::ask(method, &format!("http://{}{path}", self.setting("PADLOCK_CONSOLE_ADDR")), headers, body).await
    }

    pub(crate) async fn add(&self, domain: &str) -> DomainView {
        self.api("POST", "/domains", json!({ "domain": domain })).await.expect(201).read()
    }

    pub(crate) async fn domain(&self, id: &str) -> DomainView {
        self.api("GET", &format!("/domains/{id}"), Value::Null).await.expect(200).read()
    }

    /// Asks for a check, and waits as long as it is told to when one was asked a moment ago.
    pub(crate) async fn refresh(&self, id: &str) {
        let path = format!("/domains/{id}/refresh");
        let mut answer = self.api("POST", &path, Value::Null).await;
        if answer.status == 429 {
            tokio::time::sleep(Duration::from_secs(answer.header("retry-after").parse().unwrap())).await;
            answer = self.api("POST", &path, Value::Null).await;
        }
        answer.expect(202);
    }

    /// Kinds of the timeline's entries, oldest first.
    pub(crate) async fn timeline(&self, id: &str) -> Vec<String> {
        let path = format!("/domains/{id}/events?limit=200");
        let page: Page<EventView> = self.api("GET", &path, Value::Null).await.expect(200).read();
        page.items.into_iter().rev().map(|event| event.kind).collect()
    }

    /// Looks at a domain until it is as wanted, `within` at most.
    #[track_caller]
    pub(crate) fn until(
        &self,
        id: &str,
        within: Duration,
        what: &str,
        wanted: impl Fn(&DomainView) -> bool,
    ) -> impl Future<Output = DomainView> {
        let caller = std::panic::Location::caller();
        async move {
            let begun = Instant::now();
            loop {
                let view = self.domain(id).await;
                if wanted(&view) {
                    return view;
                }
                assert!(begun.elapsed() < within, "{caller}: not within {within:?}: {what}: {view:#?}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Adds a domain, publishes its records and waits until it is Ready.
    pub(crate) async fn ready(&self, domain: &str) -> DomainView {
        let added = self.add(domain).await;
        self.publish(&added, &Purpose::ALL);
        self.until(&added.id, START, "a first look", |view| view.checked_at.is_some()).await;
        self.refresh(&added.id).await;
        self.until(&added.id, START, "ready", |view| view.ready).await
    }

    // ---- the world

    /// The owner publishes these records of the domain.
    pub(crate) fn publish(&self, view: &DomainView, purposes: &[Purpose]) {
        self.publish_all(std::slice::from_ref(view), purposes);
    }

    /// The same for many domains of one zone, in one message.
    pub(crate) fn publish_all(&self, views: &[DomainView], purposes: &[Purpose]) {
        let Some(first) = views.first() else { return };
        let records = views.iter().flat_map(|view| &view.dns_records);
        let line = |record: &padlock::wire::domain::RecordView| match record.rtype {
            RecordType::Txt => format!("add {}. 1 TXT \"{}\"", record.host, record.value),
            rtype => format!("add {}. 1 {} {}.", record.host, rtype.mnemonic(), record.value),
        };
        let wanted = records.filter(|record| purposes.contains(&record.purpose));
        self.sandbox.update(self.sandbox.zone_of(&first.domain), &wanted.map(line).collect::<Vec<_>>());
    }

    /// A visitor who trusts the sandbox's CA.
    pub(crate) async fn visitor(&self) -> Visitor {
        let listener_root = std::fs::read(self.sandbox.line("PADLOCK_ACME_ROOT")).unwrap();
        Visitor::of_pebble(self.sandbox.line("LAB_PEBBLE_MANAGEMENT_URL"), &listener_root).await
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
        if let Some(database) = &self.database {
            self.sandbox.drop_database(database);
        }
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("the node's log ends:\n{}", lines[lines.len().saturating_sub(LOG_LINES)..].join("\n"));
        }
    }
}

fn settings(
    mut settings: Vec<(String, String)>,
    folder: &Path,
    database_url: &str,
    own: &[(&str, &str)],
) -> Vec<(String, String)> {
    let edge = settings.iter().find(|(name, _)| name == "PADLOCK_EDGE_HTTPS_ADDR").unwrap();
    // The slot's address is nobody else's, so the Console's port on it is free.
    let console = format!("{}:3000", edge.1.parse::<SocketAddr>().unwrap().ip());
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("public");
    let defaults = [
        ("PADLOCK_DATABASE_URL", database_url.to_owned()),
        ("PADLOCK_MASTER_KEY_FILE", folder.join("master.key").display().to_string()),
        ("PADLOCK_PUBLIC_URL", format!("http://{console}")),
        ("PADLOCK_CONSOLE_ADDR", console),
        ("PADLOCK_SITE_ROOT", site.display().to_string()),
    ];
    let own = own.iter().map(|(name, value)| (*name, (*value).to_owned()));
    for (name, value) in defaults.into_iter().chain(UNPACED.map(|name| (name, "0".to_owned()))).chain(own) {
        settings.retain(|(known, _)| known != name);
        settings.push((name.to_owned(), value));
    }
    settings
}
