//! Another master key in place of the old one: beside a running node, and killed again and again.

use crate::kit::node::{Database, Node};
use crate::kit::sandbox::Sandbox;
use futures::TryStreamExt as _;
use padlock::domain::certificate::{Certificate, Source};
use padlock::domain::facts::Facts;
use padlock::domain::hostname::Hostname;
use padlock::domain::id::{CertificateId, CustomerId, DomainId, KeyId};
use padlock::domain::setup::{DcvLabel, Setup, SslValidation, Token, VerificationMethod};
use padlock::domain::time::{DAY_MS, Millis};
use padlock::store::{Import, KeyMaterial, Keyring, MasterKey, SiteRange, Store};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

const FILE: &str = "PADLOCK_MASTER_KEY_FILE";
const OTHERS: &str = "PADLOCK_MASTER_KEY_OTHER_FILES";
const SOON: Duration = Duration::from_secs(20);
const NOW: Millis = Millis(1_800_000_000_000);
/// Keys of one import.
const BATCH: usize = 1_000;

#[tokio::test]
async fn the_master_key_is_replaced_while_the_node_runs() {
    let Some(mut node) = Node::start(Database::Postgres).await else { return };
    let ready = node.ready(&node.name("rewrapped", "court.test")).await;
    let (old, new) = (file(&node, "master.key"), file(&node, "new.key"));
    // The new key is made first and read everywhere, then seals, then wraps what is there; then the old one can go.
    MasterKey::load_or_create(Path::new(&new)).unwrap();
    node.set(OTHERS, &new);
    node.end_by("TERM");
    node.serve().await;
    node.set(FILE, &new);
    node.set(OTHERS, &old);
    let told: Value = serde_json::from_str(&node.said(&["keys", "rotate", "--json"])).unwrap();
    assert_eq!(told, serde_json::json!({ "wrapped": 2, "unreadable": 0, "complete": true }), "a key and an account");
    renewed(&node, &ready.id).await;
    assert_eq!(node.said(&["keys", "rotate"]), "1", "the node sealed another with the old key");
    node.end_by("TERM");
    node.serve().await;
    renewed(&node, &ready.id).await;
    node.set(OTHERS, "");
    std::fs::remove_file(&old).unwrap();
    node.end_by("TERM");
    node.serve().await;
    renewed(&node, &ready.id).await;
    assert_eq!(node.said(&["keys", "rotate"]), "0");
}

async fn renewed(node: &Node, id: &str) {
    let before = node.domain(id).await.certificates.len();
    node.api("POST", &format!("/domains/{id}/renew"), Value::Null).await.expect(202);
    node.until(id, SOON, "renewed", |view| view.ready && view.certificates.len() > before).await;
}

#[tokio::test]
async fn a_rotation_killed_again_and_again_loses_no_key() {
    for database in [Database::Sqlite, Database::Postgres] {
        survive(database, 800, 5).await;
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test's own switch is no configuration of the product")]
async fn ten_thousand_keys_survive_twenty_kills() {
    if std::env::var("PADLOCK_TEST_LONG").is_err() {
        eprintln!("SKIPPED: this test takes minutes (PADLOCK_TEST_LONG=1)");
        return;
    }
    for database in [Database::Sqlite, Database::Postgres] {
        survive(database, 10_000, 20).await;
    }
}

async fn survive(database: Database, keys: usize, kills: usize) {
    let Some(sandbox) = Sandbox::running() else { return };
    let mut node = Node::with(sandbox, database, &[]).await;
    node.kill();
    let (old_file, new_file) = (file(&node, "master.key"), file(&node, "new.key"));
    let open = async |keys: Keyring| Store::open(node.setting("PADLOCK_DATABASE_URL"), keys).await.unwrap();
    let load = |file: &str| MasterKey::load_or_create(Path::new(file)).unwrap();
    let old = open(load(&old_file).into()).await;
    let customer = old.customer("County").await.unwrap().unwrap().id;
    for first in (0..keys).step_by(BATCH) {
        let batch: Vec<Import> = (first..keys.min(first + BATCH)).map(|n| sealed(n, &customer)).collect();
        old.import(&batch, NOW).await.unwrap();
    }
    let new = open(load(&new_file).into()).await;
    let both = open(Keyring::new(load(&new_file), vec![load(&old_file)])).await;
    node.set(FILE, &new_file);
    node.set(OTHERS, &old_file);

    let (mut wrapped, mut between) = (0, 0);
    for kill in 1..=kills {
        let mut rotation = node.spawn(&["keys", "rotate"]);
        // Killed as soon as one key more is seen to be wrapped, which lies in the middle of its batch.
        let goal = KeyId::new(key((keys * kill / (kills + 1)).max(wrapped)));
        while new.signing_key(&goal).await.is_err() && rotation.try_wait().unwrap().is_none() {}
        rotation.kill().unwrap();
        rotation.wait().unwrap();
        wrapped = readable(&new).await.len();
        between += usize::from(wrapped > 0 && wrapped < keys);
        assert_eq!(readable(&both).await.len(), keys, "after kill {kill}");
    }
    eprintln!(
        "{keys} keys on {database:?}: {kills} kills, {between} of them with some wrapped, {wrapped} at the last; none lost"
    );
    assert!(between > 0, "every kill came too late");
    node.said(&["keys", "rotate"]);
    let all: BTreeSet<usize> = (0..keys).collect();
    assert_eq!(readable(&new).await, all);
    assert_eq!(readable(&old).await.len(), 0, "the old master key opens nothing any more");
}

/// Keys are wrapped in the order of their ids.
fn key(n: usize) -> String {
    format!("key-{n:06}")
}

fn file(node: &Node, name: &str) -> String {
    node.folder().join(name).display().to_string()
}

/// Which keys this store opens, by what they say.
async fn readable(store: &Store) -> BTreeSet<usize> {
    let pages: Vec<_> = store.site_pages(SiteRange::default(), 1_000).try_collect().await.unwrap();
    let served = pages.iter().flat_map(|page| store.open_sites(page).unwrap()).filter_map(|site| site.installable);
    served.map(|one| String::from_utf8_lossy(&one.pkcs8).parse().unwrap()).collect()
}

/// A served domain whose key says its number.
fn sealed(n: usize, customer: &CustomerId) -> Import {
    let unique = (n as u128).to_be_bytes();
    let hostname = Hostname::parse_form(&format!("k{n}.court.test")).unwrap();
    let certificate = Certificate {
        id: CertificateId::new(format!("certificate-{n}")),
        key: KeyId::new(key(n)),
        source: Source::Acme,
        names: vec![hostname.to_string()],
        authority: "Test CA".into(),
        issuer: "CN=Test CA".into(),
        serial: format!("{n:x}"),
        fingerprint_sha256: format!("{n:064x}"),
        not_before: NOW,
        not_after: NOW.plus(90 * DAY_MS),
        ari_id: None,
    };
    let setup = Setup {
        id: DomainId::new(format!("domain-{n:06}")),
        customer: customer.clone(),
        agency: None,
        name: format!("Office {n}"),
        hostname,
        alias: "portal".into(),
        verification_method: VerificationMethod::Txt,
        ssl_validation: SslValidation::Dns,
        token: Token::from_random(unique),
        dcv_label: DcvLabel::from_random(unique),
        created_at: NOW,
    };
    let facts = Facts { verified_at: Some(NOW), certificate: Some(certificate), ..Facts::added(NOW) };
    let key = KeyMaterial { pkcs8: Zeroizing::new(n.to_string().into_bytes()), csr_der: b"csr".to_vec() };
    Import { setup, facts, secret: Some((key, "chain".into())) }
}
