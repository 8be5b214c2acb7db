//! No statement that is asked again and again reads a whole table: each engine is asked for its plan.

use super::given::{START, customer, domain, new_domain};
use super::kit::Kit;
use crate::domain::catalogue::Code;
use crate::domain::cause::Cause;
use crate::domain::certificate::Source;
use crate::domain::facts::Facts;
use crate::domain::finding::Owner;
use crate::domain::id::{AgencyId, CustomerId, DomainId};
use crate::domain::setup::DcvLabel;
use crate::domain::status::{Attention, DomainStatus, SslStatus};
use crate::store::engine::Engine;
use crate::store::filter::{self, Part, expiry};
use crate::store::search::Narrowed;
use crate::store::{
    Filter, Import, Scope, Sort, access, approvals, beside, census, installable, lease, leftovers, links, mailings,
    notices, people, prune, renewals, replays, report_mails, search, sharing, tail, tally, timeline, triage,
    update_keys, uploads, write,
};
use sqlx::Row as _;

/// Enough that an index is worth its while.
const DOMAINS: u32 = 600;
/// Tables that have a row for each domain, or more.
const GROWING: [&str; 22] = [
    "leftovers",
    "notices",
    "deliveries",
    "domains",
    "work",
    "mailings",
    "domain_agencies",
    "domain_reports",
    "domain_names",
    "keys",
    "certificates",
    "orders",
    "events",
    "outbox",
    "challenges",
    "sessions",
    "links",
    "idempotency_keys",
    "uploads",
    "approvals",
    "update_keys",
    "published",
];

pub(super) async fn no_hot_statement_reads_a_whole_table(kit: Kit) {
    let engine = kit.store.database.engine();
    let court = fill(&kit).await;
    let mut tx = kit.store.database.begin().await.expect("begins");
    if engine == Engine::Postgres {
        // Its tables are small here: without an index that fits it would still read all of one.
        for statement in ["analyze", "set local enable_seqscan = off", "set local enable_sort = on"] {
            sqlx::raw_sql(statement).execute(&mut *tx).await.expect("is set");
        }
    }
    let (sqlite, statements) = (engine == Engine::Sqlite, statements(engine, &court));
    assert!(statements.len() > 35, "{}", statements.len());
    for (name, statement) in statements {
        let explained = format!("{} {statement}", if sqlite { "explain query plan" } else { "explain (costs off)" });
        let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(explained)).fetch_all(&mut *tx).await;
        let rows = rows.unwrap_or_else(|error| panic!("{name}: {error}: {statement}"));
        let plan: Vec<String> = rows.iter().map(|row| row.try_get(if sqlite { 3 } else { 0 }).expect("text")).collect();
        for line in &plan {
            assert!(!reads_all(line, sqlite), "{name}: {line}\n{}", plan.join("\n"));
        }
        // An index that is read in its order may be read from the beginning all the same: this one must be looked into.
        let by_expiry = statement.contains(concat!(expiry!(), " <")) || statement.contains(concat!(expiry!(), " >"));
        assert!(!(sqlite && by_expiry) || plan.iter().any(|line| line.contains("<expr>")), "{name}: {plan:#?}");
    }
}

/// Whether a line of a plan reads every row of a table that grows.
fn reads_all(line: &str, sqlite: bool) -> bool {
    let scan = if sqlite { "SCAN " } else { "Seq Scan on " };
    let Some((_, scanned)) = line.split_once(scan) else { return false };
    let table = scanned.split_whitespace().next().unwrap_or_default();
    // An index that is read in its order ends at the limit; trigrams are looked up by theirs.
    GROWING.contains(&table) && !scanned.contains("USING")
}

pub(super) async fn fill(kit: &Kit) -> CustomerId {
    let court = customer(&kit.store, "Court").await;
    let first = domain(&kit.store, &court, "www.court.test").await;
    let import = |n: u32| {
        let mut setup = first.setup.clone();
        setup.id = DomainId::new(format!("domain-{n:05}"));
        setup.hostname = new_domain(&court, &format!("h{n:05}.court.test")).hostname;
        setup.dcv_label = DcvLabel::from_random(u128::from(n).to_be_bytes());
        Import { setup, facts: Facts::added(START), secret: None }
    };
    kit.store.import(&(0..DOMAINS).map(import).collect::<Vec<_>>(), START).await.expect("imported");
    court
}

fn statements(engine: Engine, court: &CustomerId) -> Vec<(String, String)> {
    let which = usize::from(engine == Engine::Postgres);
    let mut all = Vec::new();
    let mut add = |name: &str, text: &str, values: &[&str]| all.push((name.to_owned(), with(text, values)));
    let claims: [&[&str]; 2] = match engine {
        Engine::Sqlite => [&lease::CLAIM_SQLITE, &lease::CLAIM_ONE_SQLITE],
        Engine::Postgres => [&[lease::CLAIM_POSTGRES], &[lease::CLAIM_ONE_POSTGRES]],
    };
    for statement in claims.concat() {
        add("claim", statement, &["9", "64", "'w'", "99", "'x'"]);
    }
    add("next due", lease::NEXT, &[]);
    add("a locked row", write::BEFORE[which], &["'x'"]);
    add("first_expiry", census::FIRST_EXPIRY, &[]);
    add("renewals", renewals::WEEKS, &["null", "5", "9"]);
    add("oldest_due", census::OLDEST_DUE, &[]);
    add("relay", tail::POLL[which], &["9", "'x'", "'o'", "5000"]);
    add("sites", installable::SITES[which], &["'x'", "500"]);
    if engine == Engine::Postgres {
        add("sites of a range", installable::SITES_UNTIL, &["'x'", "500", "'y'"]);
    }
    add("site", installable::SITE, &["'x'"]);
    add("installable_of", installable::OF_NAME, &["'x'"]);
    add("prune notices", prune::NOTICES, &["9", "5000"]);
    add("prune sessions", prune::SESSIONS, &["9", "5000"]);
    add("prune links", prune::LINKS, &["9", "5000"]);
    add("enables", sharing::ENABLES, &["'x'"]);
    add("prune answers", replays::STALE, &["9", "5000"]);
    add("answer", replays::FIND, &["'x'"]);
    for (name, text, values) in post(which) {
        add(name, text, values);
    }
    add("leftovers due", leftovers::DUE, &["9", "20"]);
    add("leftovers to tell of", leftovers::TELL, &["'x'", "9", "5"]);
    add("leftovers", leftovers::LIST, &["null", "200"]);
    add("links", links::LIVE, &["'x'", "null", "9", "9", "'y'", "20"]);
    add("shared", links::BY_SECRET, &["'x'", "9"]);
    add("removed", prune::REMOVED[which], &["9", "50"]);
    for statement in prune::OF_DOMAIN {
        add("purge", statement, &["'x'"]);
    }
    let probed = if engine == Engine::Sqlite { "'\"abc\"'" } else { "'%abc%'" };
    add("probe", search::PROBE[which], &[probed, "500"]);
    for (name, scope, filter) in lists(court) {
        let (few, end) = search::CANDIDATES[which];
        let narrowed = || Narrowed { few, end, value: probed.trim_matches('\'').to_owned() };
        let parts = match &filter.q {
            None => vec![Part::Whole],
            Some(q) => vec![Part::Beginning(q), Part::Holding(q, Some(narrowed())), Part::Holding(q, None)],
        };
        let place = match filter.sort {
            Sort::Domain => vec![String::new(); 2],
            Sort::Expiry => vec!["5".to_owned(), String::new()],
            Sort::Status => vec![String::new(); 3],
            Sort::Since => vec!["5".to_owned(), String::new()],
        };
        let pages = [(None, false), (Some(&place), false), (Some(&place), true)];
        for (part, (place, backward)) in parts.iter().flat_map(|part| pages.map(|page| (part, page))) {
            let (text, values) = filter::statement(&scope, &filter, part, place, backward);
            let values: Vec<String> = values.iter().map(|value| format!("'{value}'")).chain(["51".into()]).collect();
            add(&name, &text, &values.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
    all.extend(of_uploads_and_approvals(engine));
    all.extend(of_people());
    all.extend(counts(court));
    all.extend(beside_a_page());
    all
}

/// What is counted for everybody, and for one customer.
fn counts(court: &CustomerId) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (whose, scope) in [("", Scope::All), (" of customer", Scope::Customer(court.clone()))] {
        let mut add =
            |name: &str, text: &str, values: &[&str]| all.push((format!("{name}{whose}"), with(text, values)));
        add("tally", &tally::statement(&scope), &["5", "'x'"]);
        add("statuses", &tally::of_statuses(&scope), &["'x'"]);
        add("heaps", &triage::heaps(&scope), &["300", "'x'"]);
        add("unasked", &triage::unasked(&scope), &["'rec_missing.dns'", "9", "200", "'x'"]);
    }
    all
}

/// What is shown beside the rows of a page, here of two.
fn beside_a_page() -> [(String, String); 3] {
    [
        ("certificates of a page".to_owned(), with(&beside::certificates(2), &["'x'", "'y'", "200"])),
        ("certificates by name".to_owned(), with(&beside::named(2), &["'x'", "'y'"])),
        ("sharings of a page".to_owned(), with(&beside::sharings(2), &["'x'", "'y'"])),
    ]
}

/// Their tables have few rows: what counts is that both engines understand the statements.
fn of_people() -> [(String, String); 3] {
    [
        ("page of customers".to_owned(), with(people::CUSTOMERS_PAGE, &["null", "'x'", "51"])),
        ("page of agencies".to_owned(), with(people::AGENCIES_PAGE, &["null", "'x'", "'y'", "51"])),
        ("page of tokens".to_owned(), with(access::LIST, &["null", "9", "'x'", "51"])),
    ]
}

fn of_uploads_and_approvals(engine: Engine) -> Vec<(String, String)> {
    let hash = if engine == Engine::Sqlite { "x'00'" } else { "'\\x00'" };
    let all: [(&str, &str, &[&str]); 10] = [
        ("upload that waits", uploads::WAITS, &["'x'", "null", "9"]),
        ("upload that is served", uploads::SERVED, &["'x'"]),
        ("unshared uploads", uploads::UNSHARED, &["9", "200"]),
        ("wide uploads", uploads::WIDE_ONES, &["200"]),
        ("prune uploads", uploads::WAITING, &["9", "5000"]),
        ("approvals since", approvals::SINCE, &["'x'", "9"]),
        ("last approval", approvals::LAST, &["'x'"]),
        ("approval of a link", approvals::OPEN, &[hash, "9"]),
        ("update key", update_keys::OF_ZONE, &["'x'", "'y'"]),
        ("published", update_keys::OURS, &["'x'"]),
    ];
    all.into_iter().map(|(name, text, values)| (name.to_owned(), with(text, values))).collect()
}

/// What the post asks for again and again.
fn post(which: usize) -> [(&'static str, &'static str, &'static [&'static str]); 15] {
    [
        ("due reports", report_mails::DUE, &["'daily'", "9", "50"]),
        ("owed reports", report_mails::OWED, &["'daily'", "9", "50", "9", "5"]),
        ("letters of domain", mailings::OF_DOMAIN, &["'x'", "9"]),
        ("letters of sender", mailings::OF_SENDER, &["'x'", "9"]),
        ("prune letters", mailings::OLD, &["9", "5000"]),
        ("mails", notices::MAILS[which], &["9", "5", "16"]),
        ("messages", notices::MESSAGES[which], &["9", "5", "128"]),
        ("notice that was mailed", notices::HOLD[which], &["'x'"]),
        ("mails of a line", timeline::COUNTED, &["'x'"]),
        ("line about mails", timeline::COUNT, &["'x'", "'y'", "9", "'z'", "'{}'"]),
        ("next mail", notices::NEXT[0], &[]),
        ("next message", notices::NEXT[1], &[]),
        ("deliveries of webhook", notices::LOG, &["'x'", "'z'", "51"]),
        ("prune deliveries", notices::OLD_DELIVERIES, &["9", "5000"]),
        ("prune what was told", notices::OLD_NOTICES, &["9", "5000"]),
    ]
}

fn lists(court: &CustomerId) -> Vec<(String, Scope, Filter)> {
    let filters = [
        Filter::default(),
        Filter { q: Some("abc".into()), ..Filter::default() },
        Filter { domain_status: Some(DomainStatus::Active), ..Filter::default() },
        Filter { ssl_status: Some(SslStatus::Active), ..Filter::default() },
        Filter { code: Some("ok".into()), ..Filter::default() },
        Filter { attention: Some(Attention::NeedsYou), ..Filter::default() },
        Filter {
            cause: Some(Cause { code: Code::RecMissing, owner: Owner::Dns }),
            sort: Sort::Since,
            ..Filter::default()
        },
        Filter { agency: Some(AgencyId::new("x")), customer: Some(court.clone()), ..Filter::default() },
        Filter {
            agency: Some(AgencyId::new("x")),
            also_enabled: true,
            customer: Some(court.clone()),
            ..Filter::default()
        },
        Filter { expires_before: Some(START), sort: Sort::Expiry, ..Filter::default() },
        Filter { sort: Sort::Expiry, ..Filter::default() },
        Filter { source: Some(Source::Upload), sort: Sort::Expiry, ..Filter::default() },
        Filter { sort: Sort::Status, ..Filter::default() },
        Filter { domain_status: Some(DomainStatus::Active), ssl_status: Some(SslStatus::Expired), ..Filter::default() },
    ];
    let mut all = Vec::new();
    for (who, scope) in [("operator", Scope::All), ("customer", Scope::Customer(court.clone()))] {
        for filter in &filters {
            all.push((format!("list of {who}: {filter:?}"), scope.clone(), filter.clone()));
        }
    }
    all
}

/// The statement with its values in their places, highest number first.
fn with(text: &str, values: &[&str]) -> String {
    let numbered = values.iter().enumerate().rev();
    numbered.fold(text.to_owned(), |text, (at, value)| text.replace(&format!("${}", at + 1), value))
}
