//! The database with 1,000, 100,000 and (`PADLOCK_BENCH_DOMAINS=1000,100000,1000000`) a million domains: what must not
//! grow with them is timed at each size, and printed beside its own figure at the smallest. The whole answer of the list, as a
//! page and the REST API wait for it, is printed beside its limit.
//!
//! PostgreSQL is measured too where `PADLOCK_BENCH_POSTGRES_URL` names a server.

use crate::store_fill::Filler;
use crate::store_start;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use padlock::console::caller::Caller;
use padlock::console::desk::Desk;
use padlock::console::{Console, House};
use padlock::domain::role::Role;
use padlock::domain::status::{Attention, DomainStatus, SslStatus};
use padlock::domain::time::DAY_MS;
use padlock::store::{Filter, Index, MasterKey, Scope, Sort, Store};
use padlock::wire::list::Search;
use padlock::worker::clock::Clock;
use sqlx::AssertSqlSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// With more domains the others have no certificate in the database: making so many takes minutes.
const CERTIFICATES: usize = 100_000;
const RUNS: usize = 15;
/// As many as the worker's own claims take at most.
const CLAIMED: u32 = 64;
const LEASE_MS: i64 = 30_000;
/// How the rows of whole answers begin.
const ANSWER: &str = "answer";
/// What a whole answer of the list may take: nobody notices that they waited.
const ANSWER_MS: f64 = 50.0;

/// What was timed: its name, and the times.
type Timed = (String, Vec<Duration>);

pub(crate) fn run() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let sizes = setting("PADLOCK_BENCH_DOMAINS").unwrap_or_else(|| "1000,100000".into());
    let sizes: Vec<usize> = sizes.split(',').map(|size| size.trim().parse().expect("a number")).collect();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let master = folder.path().join("master.key");
    let sqlite = format!("sqlite://{}", folder.path().join("padlock.db").display());
    runtime.block_on(engine("SQLite", &sqlite, &master, &sizes));
    let Some(server) = setting("PADLOCK_BENCH_POSTGRES_URL") else { return };
    runtime.block_on(async {
        let postgres = create(&server).await;
        engine("PostgreSQL", &postgres, &master, &sizes).await;
        admin(&server, &format!("drop database {DATABASE} with (force)")).await;
    });
}

async fn engine(name: &str, url: &str, master: &std::path::Path, sizes: &[usize]) {
    let store = Store::open(url, MasterKey::load_or_create(master).expect("a key")).await.expect("opens");
    store.migrate().await.expect("migrates");
    let mut filler = Filler::new(store.clone(), Clock::system().now()).await;
    let mut columns: Vec<Vec<Timed>> = Vec::new();
    for size in sizes {
        let begun = Instant::now();
        filler.upto(*size, CERTIFICATES).await;
        if name == "PostgreSQL" {
            // As its own daemon would have done by now.
            admin(url, "vacuum analyze").await;
        }
        eprintln!("{name}: {size} domains filled in {:?}", begun.elapsed());
        let mut timed = claims(&store, &filler).await;
        timed.extend(lists(&store, &filler).await);
        let (all, soon) = (Scope::All, filler.now.plus(30 * DAY_MS));
        timed.push(
            measured("tally of the views", RUNS, async || _ = store.tally(&all, soon).await.expect("counts")).await,
        );
        timed.push(measured("census", RUNS, async || drop(store.census().await.expect("counts"))).await);
        timed.extend(answers(&store, &filler).await);
        timed.push(store_start::ready(url, master).await);
        columns.push(timed);
    }
    print(name, sizes, &columns);
}

fn print(name: &str, sizes: &[usize], columns: &[Vec<Timed>]) {
    let (Some(first), Some(last)) = (columns.first(), columns.last()) else { return };
    println!("{name}: median (slowest) in ms at {sizes:?} domains; ratio of the last median to the first");
    for (row, (what, small)) in first.iter().enumerate() {
        let cell = |column: &Vec<Timed>| {
            let (median, slowest) = (median(&column[row].1), column[row].1.iter().max().copied().unwrap_or_default());
            format!("{:9.2} ({:8.2})", ms(median), ms(slowest))
        };
        let cells: Vec<String> = columns.iter().map(cell).collect();
        let ratio = ms(median(&last[row].1)) / ms(median(small)).max(0.001);
        let limit = match ms(median(&last[row].1)) {
            _ if !what.starts_with(ANSWER) => String::new(),
            took if took <= ANSWER_MS => format!("  within {ANSWER_MS} ms"),
            _ => format!("  OVER {ANSWER_MS} ms"),
        };
        println!("  {what:56} {} {ratio:8.1}{limit}", cells.join(" "));
    }
}

/// Claims at a moment when one domain is due, when a few are, and when all of them are.
async fn claims(store: &Store, filler: &Filler) -> Vec<Timed> {
    let first = store.next_due().await.expect("reads").expect("there are domains");
    let far = first.plus(1_000 * DAY_MS);
    let mut timed =
        vec![measured("next_due", RUNS, async || assert!(store.next_due().await.expect("reads").is_some())).await];
    for (what, at, limit) in
        [("claim 1, one due", first, 1), ("claim 1, all due", far, 1), ("claim 64, all due", far, CLAIMED)]
    {
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let begun = Instant::now();
            let claimed = store.claim("bench", limit, at, LEASE_MS).await.expect("claims");
            times.push(begun.elapsed());
            assert!(!claimed.is_empty(), "{what}");
            for one in claimed {
                // As it was; only the first stays the only one that is due.
                let (setup, facts, asked) = (&one.stored.setup, &one.stored.facts, one.stored.asked);
                let due_at = if at == first { first } else { Index::of(setup, facts, asked, filler.now).due_at };
                store.release(&one.lease, due_at, at).await.expect("released");
            }
        }
        timed.push((what.to_owned(), times));
    }
    timed
}

async fn lists(store: &Store, filler: &Filler) -> Vec<Timed> {
    let q = |q: &str| Filter { q: Some(q.into()), ..Filter::default() };
    let domain = |status| Filter { domain_status: Some(status), ..Filter::default() };
    let ssl = |status| Filter { ssl_status: Some(status), ..Filter::default() };
    let code = |code: &str| Filter { code: Some(code.into()), ..Filter::default() };
    let filters = [
        ("everything", Filter::default()),
        ("search portal (every sixth)", q("portal")),
        ("search harrow1 (one in 72)", q("harrow1")),
        ("search harrow77 (rare)", q("harrow77")),
        ("search zebra (none)", q("zebra")),
        ("search zq (none, two letters)", q("zq")),
        ("active", domain(DomainStatus::Active)),
        ("blocked (1 %)", domain(DomainStatus::Blocked)),
        ("action needed (none)", domain(DomainStatus::ActionNeeded)),
        ("certificate active", ssl(SslStatus::Active)),
        ("certificate expired (1 %)", ssl(SslStatus::Expired)),
        ("certificate revoked (none)", ssl(SslStatus::Revoked)),
        ("code ok", code("ok")),
        ("code caa_forbids (1 %)", code("caa_forbids")),
        ("needs you", Filter { attention: Some(Attention::NeedsYou), ..Filter::default() }),
        ("first to expire", Filter { sort: Sort::Expiry, ..Filter::default() }),
        (
            "active, expired, portal",
            Filter { ssl_status: Some(SslStatus::Expired), q: Some("portal".into()), ..domain(DomainStatus::Active) },
        ),
    ];
    let mut timed = Vec::new();
    for (who, scope) in [("operator", Scope::All), ("customer", Scope::Customer(filler.customers[0].clone()))] {
        for (what, filter) in &filters {
            for (page, cursor) in [("first page", None), ("deep", Some(deep_cursor(filter.sort)))] {
                let filter = Filter { limit: 50, cursor, ..filter.clone() };
                let list = async || drop(store.list(&scope, &filter).await.expect("lists"));
                timed.push(measured(&format!("list, {who}, {what}, {page}"), RUNS, list).await);
            }
        }
        let heaps = async || drop(store.heaps(&scope).await.expect("reads"));
        timed.push(measured(&format!("triage, {who}"), RUNS, heaps).await);
    }
    timed
}

/// The list as its page and as the REST API answer it, with all that stands beside the rows.
async fn answers(store: &Store, filler: &Filler) -> Vec<Timed> {
    let of_customer =
        Caller { role: Role::Manager, customer: Some(filler.customers[0].clone()), ..Caller::command_line() };
    let searches = [
        ("everything", Search::default()),
        ("needs you", Search { view: "needs_you".into(), ..Search::default() }),
        ("portal", Search { q: "portal".into(), ..Search::default() }),
    ];
    let mut timed = Vec::new();
    for (who, caller) in [("operator", Caller::command_line()), ("customer", of_customer)] {
        let desk = Desk::new(console(store), caller);
        for (what, search) in &searches {
            let page = async || drop(desk.list_rows(search).await.expect("lists"));
            timed.push(measured(&format!("{ANSWER} of the page, {who}, {what}"), RUNS, page).await);
            let rest = async || drop(desk.list(search).await.expect("lists"));
            timed.push(measured(&format!("{ANSWER} of the REST API, {who}, {what}"), RUNS, rest).await);
        }
    }
    timed
}

/// A Console that only lists.
fn console(store: &Store) -> Console {
    let house = House {
        place: crate::kit::stage::place(),
        private_suffixes: Vec::new(),
        aliases: vec!["portal".into()],
        public_url: "https://console.test".into(),
        brand: "Padlock".into(),
        export_keys: false,
        help_center: None,
    };
    Console {
        store: store.clone(),
        clock: Clock::system(),
        house: Arc::new(house),
        mailer: None,
        provider: None,
        approvers: None,
        publisher: None,
        webhooks: None,
        examiner: None,
        guesses: Arc::default(),
        pace: Arc::default(),
    }
}

/// Behind five sixths of all names. A cursor is opaque to everybody but the store, and to this bench.
fn deep_cursor(sort: Sort) -> String {
    URL_SAFE_NO_PAD.encode(match sort {
        Sort::Domain => r#"[false,["s",""]]"#,
        Sort::Expiry => r#"[false,["9007199254740991",""]]"#,
        Sort::Status => r#"[false,["verification_pending","",""]]"#,
        Sort::Since => r#"[false,["0",""]]"#,
    })
}

async fn measured(what: &str, runs: usize, mut work: impl AsyncFnMut()) -> Timed {
    let mut times = Vec::new();
    for _ in 0..runs {
        let begun = Instant::now();
        work().await;
        times.push(begun.elapsed());
    }
    (what.to_owned(), times)
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// The bench's own database on the server.
const DATABASE: &str = "padlock_bench_store";

async fn create(server: &str) -> String {
    admin(server, &format!("drop database if exists {DATABASE} with (force)")).await;
    admin(server, &format!("create database {DATABASE}")).await;
    let mut url = url::Url::parse(server).expect("a URL");
    url.set_path(DATABASE);
    url.to_string()
}

async fn admin(url: &str, statement: &str) {
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(url).await.expect("connects");
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&pool).await.expect("runs");
    pool.close().await;
}

#[expect(clippy::disallowed_methods, reason = "a benchmark's switches are no configuration of the product")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
