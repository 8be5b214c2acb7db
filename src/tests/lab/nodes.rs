//! Several nodes on one PostgreSQL: names are shared out, a node that is killed or paused harms nobody, and what one node
//! does all of them show.

use crate::kit::node::{Database, Node};
use crate::kit::sandbox::Sandbox;
use crate::pebble::{Habits, Pebble};
use padlock::domain::record::Purpose;
use padlock::probe::handshake;
use padlock::wire::domain::DomainView;
use serde_json::Value;
use std::collections::HashSet;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

/// In every run.
const NAMES: usize = 30;
/// Behind `PADLOCK_TEST_LONG`.
const MANY_NAMES: usize = 1_000;
/// Records go out in messages of so many domains: one of more would be longer than DNS allows.
const AT_ONCE: usize = 100;
/// On a machine that runs everything else at once.
const PATIENCE: Duration = Duration::from_secs(120);
/// A lease lasts 30 s; what its holder had in hand is taken up within five more.
const TAKEN_OVER: Duration = Duration::from_secs(35);
const PAUSE: Duration = Duration::from_millis(20);

#[tokio::test]
async fn three_nodes_share_names_with_one_order_each() {
    share(NAMES, [&[], &[], &[]]).await;
}

#[tokio::test]
async fn clocks_that_differ_by_minutes_do_no_harm() {
    let Some(library) = std::fs::read_dir("/usr/lib").unwrap().flatten().find_map(|folder| {
        let library = folder.path().join("faketime/libfaketime.so.1");
        library.exists().then_some(library)
    }) else {
        eprintln!("SKIPPED: this test needs faketime (Debian: apt install faketime)");
        return;
    };
    let library = library.to_str().unwrap();
    let [fast, slow] = ["+120s", "-120s"].map(|offset| [("LD_PRELOAD", library), ("FAKETIME", offset)]);
    share(9, [&[], &fast, &slow]).await;
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test's own switch is no configuration of the product")]
async fn three_nodes_share_a_thousand_names() {
    if std::env::var("PADLOCK_TEST_LONG").is_err() {
        eprintln!("SKIPPED: this test takes minutes (PADLOCK_TEST_LONG=1)");
        return;
    }
    share(MANY_NAMES, [&[], &[], &[]]).await;
}

/// Names come in at all three nodes; each is ordered once, served by every edge, and renewed on all of them.
async fn share(names: usize, own: [&[(&str, &str)]; 3]) {
    let Some((pebble, nodes)) = three(own).await else { return };
    let begun = Instant::now();
    let mut added = Vec::new();
    for number in 0..names {
        let node = &nodes[number % nodes.len()];
        added.push((number % nodes.len(), node.add(&node.name(&format!("n{number}"), "county.test")).await));
    }
    for some in added.chunks(AT_ONCE) {
        let views: Vec<DomainView> = some.iter().map(|(_, view)| view.clone()).collect();
        nodes[0].publish_all(&views, &Purpose::ALL);
    }
    for (node, view) in &added {
        nodes[*node].refresh(&view.id).await;
    }
    let mut ready = Vec::new();
    for (node, view) in &added {
        // Asked of another node than the one that was told.
        let other = &nodes[(node + 1) % nodes.len()];
        ready.push(other.until(&view.id, PATIENCE, "ready", |view| view.ready).await);
    }
    let took = begun.elapsed();
    for view in &ready {
        let wanted = view.certificates[0].fingerprint_sha256.clone();
        for node in &nodes {
            assert_eq!(shown(node, &view.domain).await.as_ref(), Some(&wanted), "{}", view.domain);
        }
    }
    let made: usize = nodes[0].sql("select count(*) from orders").parse().unwrap();
    let issued: usize = nodes[0].sql("select count(*) from orders where outcome = 'issued'").parse().unwrap();
    let shares = [issued_by(&nodes[0]).await, issued_by(&nodes[1]).await, issued_by(&nodes[2]).await];
    eprintln!(
        "{names} names on three nodes: Ready after {took:?}; {made} orders made, {} at the CA; nodes issued {shares:?}",
        pebble.orders()
    );
    assert_eq!((made, issued, pebble.orders()), (names, names, names));
    assert_eq!(nodes[0].sql("select count(*) from challenges"), "0");
    for node in &nodes {
        assert!(!node.log().contains("the database does not answer"), "somebody was starved: {}", node.log());
    }
    renewed_everywhere(&nodes, &ready[0]).await;
}

/// How many certificates a node's worker has fetched.
async fn issued_by(node: &Node) -> u32 {
    let metrics = node.ask("GET", "/metrics", &[], "").await.expect(200).text();
    let line = metrics.lines().find_map(|line| line.strip_prefix("padlock_certificate_issued_count "));
    line.map_or(0, |count| count.parse().unwrap())
}

/// A renewal that one node was asked for is served by all within seconds.
async fn renewed_everywhere(nodes: &[Node], view: &DomainView) {
    let old = view.certificates[0].fingerprint_sha256.clone();
    nodes[0].api("POST", &format!("/domains/{}/renew", view.id), Value::Null).await.expect(202);
    let is_new = |view: &DomainView| view.certificates.iter().any(|one| one.fingerprint_sha256 != old);
    let renewed = nodes[0].until(&view.id, PATIENCE, "renewed", is_new).await;
    let stored = Instant::now();
    let new = &renewed.certificates.iter().find(|one| one.fingerprint_sha256 != old).unwrap().fingerprint_sha256;
    for node in nodes {
        while shown(node, &view.domain).await.as_ref() != Some(new) {
            assert!(stored.elapsed() < Duration::from_secs(5), "the old certificate is still served");
            tokio::time::sleep(PAUSE).await;
        }
    }
    eprintln!("renewed: every edge serves it at most {:?} after it is stored", stored.elapsed());
}

#[tokio::test]
async fn what_a_killed_node_had_in_hand_is_taken_over() {
    let Some(Stuck { first, third, view, held_at, _mute }) = stuck().await else { return };
    let mut third = third;
    let killed = Instant::now();
    third.kill();
    let second = first.beside(2, &[]).await;
    second
        .until(&view.id, TAKEN_OVER.saturating_sub(killed.elapsed()), "taken over and ready", |view| view.ready)
        .await;
    eprintln!("killed {:?} after it took the domain: Ready {:?} after the kill", killed - held_at, killed.elapsed());
    assert_eq!(first.sql("select count(*) from orders"), "1", "its order was gone on with");
}

#[tokio::test]
async fn a_paused_node_that_wakes_after_its_lease_changes_nothing() {
    let Some(Stuck { first, third, view, _mute, .. }) = stuck().await else { return };
    third.signal("STOP");
    let paused = Instant::now();
    let second = first.beside(2, &[]).await;
    let ready = second.until(&view.id, TAKEN_OVER + PATIENCE, "taken over and ready", |view| view.ready).await;
    let row = || first.sql("select revision, facts, lease_token, due_at from domains join work on domain = id");
    let (before, told) = (row(), second.timeline(&view.id).await);
    third.signal("CONT");
    let begun = Instant::now();
    while !third.log().contains("another worker took over") {
        assert!(begun.elapsed() < PATIENCE, "the woken node does not notice");
        tokio::time::sleep(PAUSE).await;
    }
    eprintln!("paused for {:?}, woken: it noticed within {:?}", begun - paused, begun.elapsed());
    assert_eq!((row(), second.timeline(&view.id).await), (before, told));
    assert_eq!(first.sql("select count(*) from orders"), "1");
    assert_eq!(shown(&second, &view.domain).await.as_ref(), Some(&ready.certificates[0].fingerprint_sha256));
}

struct Stuck {
    first: Node,
    third: Node,
    view: DomainView,
    held_at: Instant,
    _mute: TcpListener,
}

/// A domain whose order the third node is opening at a CA that takes connections and never answers. The first node, which
/// has no worker, and the second, which is yet to start, know the real one.
async fn stuck() -> Option<Stuck> {
    let sandbox = Sandbox::running()?;
    let first = Node::of_several(sandbox, &[("PADLOCK_ROLES", "console,dns,edge")]).await;
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let directory = format!("https://{}/dir", mute.local_addr().unwrap());
    let third = first.beside(3, &[("PADLOCK_ACME_DIRECTORY", &directory), ("PADLOCK_ROLES", "worker")]).await;
    let view = first.add(&first.name("held", "county.test")).await;
    first.publish(&view, &Purpose::ALL);
    first.refresh(&view.id).await;
    let begun = Instant::now();
    // The order's intent is written before the CA hears of it, and the CA never does.
    while first.sql("select count(*) from orders where url is null") != "1" {
        assert!(begun.elapsed() < PATIENCE, "no order was planned");
        tokio::time::sleep(PAUSE).await;
    }
    Some(Stuck { first, third, view, held_at: Instant::now(), _mute: mute })
}

#[tokio::test]
async fn roles_on_separate_processes_do_the_whole_story() {
    let Some(sandbox) = Sandbox::running() else { return };
    // One name server and one edge for all: at a second address that nobody answers, a resolver would wait longer than the CA.
    let console = Node::with(sandbox, Database::Postgres, &[("PADLOCK_ROLES", "console")]).await;
    let common = ["DCV_ZONE", "DCV_NS", "DCV_ADDR", "EDGE_HOSTNAME", "EDGE_HTTP_ADDR", "EDGE_HTTPS_ADDR"]
        .map(|key| format!("PADLOCK_{key}"));
    let with = |own: &[(&'static str, &'static str)]| -> Vec<(&str, &str)> {
        common.iter().map(|key| (key.as_str(), console.setting(key))).chain(own.iter().copied()).collect()
    };
    let edge = console.beside(3, &with(&[("PADLOCK_ROLES", "edge")])).await;
    let address = format!("{}:3001", console.address("PADLOCK_CONSOLE_ADDR").ip());
    let mut own = with(&[("PADLOCK_ROLES", "dns")]);
    own.push(("PADLOCK_CONSOLE_ADDR", &address));
    let dns = console.beside(3, &own).await;
    // The last to start: nobody asks for the challenge zone before it is answered for.
    let worker = console.beside(2, &with(&[("PADLOCK_ROLES", "worker")])).await;

    let name = console.name("roles", "county.test");
    let added = console.add(&name).await;
    let mut ticks = ticks(&console, &added.id).await;
    console.publish(&added, &Purpose::ALL);
    console.until(&added.id, PATIENCE, "a first look", |view| view.checked_at.is_some()).await;
    let asked = Instant::now();
    console.refresh(&added.id).await;
    timeout(PATIENCE, ticks.next()).await.expect("the page hears of the worker's change");
    let ticked = asked.elapsed();
    let ready = console.until(&added.id, PATIENCE, "ready", |view| view.ready).await;
    eprintln!("four processes: Refresh → first tick {ticked:?}, → ready {:?}", asked.elapsed());
    assert_eq!(shown(&edge, &name).await.as_ref(), Some(&ready.certificates[0].fingerprint_sha256));

    for node in [&worker, &edge, &dns] {
        node.ask("GET", "/livez", &[], "").await.expect(200);
        let metrics = node.ask("GET", "/metrics", &[], "").await.expect(200);
        assert!(metrics.text().contains("padlock_oldest_due_age_seconds"));
        node.ask("GET", "/", &[], "").await.expect(404);
    }
    let roles = |node: &Node| -> HashSet<String> {
        let told: Value = serde_json::from_str(&node.said(&["--json", "node", "list"])).unwrap();
        let nodes = told["nodes"].as_array().unwrap();
        nodes.iter().map(|node| node["roles"][0].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(roles(&console), ["console", "worker", "dns", "edge"].map(String::from).into());
    dns.signal("TERM");
    let begun = Instant::now();
    while roles(&console).contains("dns") {
        assert!(begun.elapsed() < PATIENCE, "a node that stops says so");
        tokio::time::sleep(PAUSE).await;
    }
}

/// A page's stream of ticks.
struct Ticks(BufReader<TcpStream>);

async fn ticks(node: &Node, id: &str) -> Ticks {
    let mut stream = TcpStream::connect(node.address("PADLOCK_CONSOLE_ADDR")).await.unwrap();
    let (token, host) = (&node.token, node.setting("PADLOCK_CONSOLE_ADDR"));
    let request = format!("GET /events?domain={id} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    Ticks(BufReader::new(stream))
}

impl Ticks {
    async fn next(&mut self) {
        let mut line = String::new();
        while self.0.read_line(&mut line).await.unwrap() > 0 && !line.starts_with("data:") {
            line.clear();
        }
        assert!(line.starts_with("data:"), "the stream ended");
    }
}

/// The fingerprint that a node's edge shows for a name.
async fn shown(node: &Node, name: &str) -> Option<String> {
    let served = handshake::served(node.edge(), name).await.ok()?;
    Some(served.fingerprint_sha256.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A Pebble of their own and three nodes with all roles.
async fn three(own: [&[(&str, &str)]; 3]) -> Option<(Pebble, [Node; 3])> {
    let sandbox = Sandbox::running()?;
    let habits = Habits { resolver: Some(sandbox.resolver()), ..Habits::default() };
    let pebble = Pebble::start(habits).await?;
    let (directory, root) = (pebble.settings().directory_url, pebble.listener_root());
    let ca = [("PADLOCK_ACME_DIRECTORY", directory.as_str()), ("PADLOCK_ACME_ROOT", root.to_str().unwrap())];
    let [one, two, three] = own.map(|own| own.iter().copied().chain(ca).collect::<Vec<_>>());
    let first = Node::of_several(sandbox, &one).await;
    // At once: they meet at the migration, and at the account's key.
    let (second, third) = tokio::join!(first.beside(2, &two), first.beside(3, &three));
    Some((pebble, [first, second, third]))
}
