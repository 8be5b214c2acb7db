//! Secrets that are known to the test are looked for wherever the process leaves bytes: database, write-ahead log, logs at
//! their loudest, backups, pages, the API's answers, and core dumps, which there must not be.

use crate::kit::node::{Database, Node};
use crate::kit::planted::{Planted, files, forms, found, key_forms};
use crate::kit::sandbox::{Sandbox, said};
use padlock::store::{MasterKey, SiteRange, Store};
use padlock::wire::domain::DomainView;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::process::Command;

const EMAIL: &str = "clerk@county.test";
const PASSWORD: &str = "planted horse battery staple";
const LOUD: (&str, &str) = ("PADLOCK_LOG", "trace");
/// The files that hold what they are made for: each must be found there, or the search is blind.
const MASTER: &str = "master.key";
const TYPED: &str = "password";

#[tokio::test]
async fn planted_secrets_are_found_nowhere_on_sqlite() {
    let Some(sandbox) = Sandbox::running() else { return };
    let mut node = Node::with(sandbox, Database::Sqlite, &[LOUD]).await;
    let (view, secrets) = live(&node).await;
    node.said(&["backup", "copy.db"]);
    let (mut searched, mut named) = (Vec::new(), Vec::new());
    for (file, bytes) in files(node.folder()) {
        match file.as_str() {
            MASTER => assert!(!found(&secrets, &bytes).is_empty(), "the control was not found"),
            TYPED => assert!(found(&secrets, &bytes).contains(&"password, raw"), "the control was not found"),
            _ => {
                assert_eq!(found(&secrets, &bytes), [] as [&str; 0], "{file}");
                if found(&forms("name", view.domain.as_bytes()), &bytes).contains(&"name, raw") {
                    named.push(file.clone());
                }
                searched.push(file);
            }
        }
    }
    // What is no secret was found, so that these are the files where one would be.
    for file in ["copy.db", "log"] {
        assert!(named.iter().any(|one| one == file), "{file}: {named:?} of {searched:?}");
    }
    assert!(named.iter().any(|one| one.starts_with("padlock.db")), "{named:?}");
    no_core(&mut node).await;
}

#[tokio::test]
async fn planted_secrets_are_found_nowhere_on_postgres() {
    let Some(sandbox) = Sandbox::running() else { return };
    let node = Node::with(sandbox, Database::Postgres, &[LOUD]).await;
    let (view, secrets) = live(&node).await;
    let dump = said(Command::new("pg_dump").arg(node.setting("PADLOCK_DATABASE_URL")));
    assert!(dump.contains(&view.domain), "the control was not found");
    assert_eq!(found(&secrets, dump.as_bytes()), [] as [&str; 0]);
    assert_eq!(found(&secrets, node.log().as_bytes()), [] as [&str; 0]);
}

/// Gets a certificate, signs somebody in, looks at everything there is; gives what must not be found anywhere since.
async fn live(node: &Node) -> (DomainView, Vec<Planted>) {
    node.user(EMAIL, "operator", None, PASSWORD);
    let view = node.ready(&node.name("vault", "court.test")).await;
    let cookie = node.sign_in(EMAIL, PASSWORD).await;
    let mut secrets = stored(node).await;
    let secret = node.token.splitn(3, '_').nth(2).unwrap();
    secrets.extend(forms("token", secret.as_bytes()));
    secrets.extend(forms("password", PASSWORD.as_bytes()));
    secrets.extend(forms("cookie", cookie.split_once('=').unwrap().1.as_bytes()));
    control(&secrets);
    let certificate = &view.certificates[0].id;
    let (page, api) = (format!("/domains/{}", view.id), format!("/api/v1/domains/{}", view.id));
    let mut paths: Vec<String> =
        ["/domains", "/domains/new", "/help", "/metrics", "/readyz", "/api/v1/domains", "/api/v1/customers"]
            .map(str::to_owned)
            .to_vec();
    paths.extend(
        ["/events", "/diagnosis", "/dns-records?format=zone", "/dns-records?format=csv"]
            .map(|end| format!("{api}{end}")),
    );
    paths.extend([
        page,
        api,
        format!("/api/v1/certificates/{certificate}"),
        format!("/api/v1/certificates/{certificate}/download"),
    ]);
    let mut named = 0;
    for path in paths {
        let answer = node.ask("GET", &path, &[("cookie", &cookie), ("accept", "*/*")], "").await.expect(200);
        let bytes = [format!("{:?}", answer.headers).as_bytes(), &answer.body].concat();
        assert_eq!(found(&secrets, &bytes), [] as [&str; 0], "{path}");
        named += usize::from(answer.text().contains(&view.domain));
    }
    assert!(named >= 6, "the answers of somebody who is signed in were searched");
    (view, secrets)
}

/// What the database keeps sealed, opened with the master key, and that key itself.
async fn stored(node: &Node) -> Vec<Planted> {
    let file = node.folder().join(MASTER);
    let store = Store::open(node.setting("PADLOCK_DATABASE_URL"), MasterKey::load(&file).unwrap()).await.unwrap();
    let mut secrets = forms("master key", &std::fs::read(&file).unwrap());
    let opened = store.open_sites(&store.sites(&SiteRange::default(), 10).await.unwrap()).unwrap();
    let served: Vec<_> = opened.into_iter().filter_map(|site| site.installable).collect();
    assert_eq!(served.len(), 1);
    secrets.extend(key_forms("certificate's key", &served[0].pkcs8));
    let directory = node.setting("PADLOCK_ACME_DIRECTORY");
    let host = url::Url::parse(directory).unwrap().host_str().unwrap().to_owned();
    let account = store.acme_account(&host, directory).await.unwrap().unwrap();
    secrets.extend(key_forms("account's key", &account.credentials));
    secrets
}

/// Each form is found where it lies open.
fn control(secrets: &[Planted]) {
    assert!(secrets.len() > 40);
    for one in secrets {
        let haystack = [b"before ", one.bytes.as_slice(), b" after"].concat();
        assert!(found(secrets, &haystack).contains(&one.name.as_str()), "{}", one.name);
    }
}

/// The process is made to crash where a core dump is allowed and would lie in its folder; another one leaves it there.
async fn no_core(node: &mut Node) {
    let cores = |node: &Node| files(node.folder()).iter().filter(|(name, _)| name.starts_with("core")).count();
    let limit = getrlimit(Resource::Core);
    setrlimit(Resource::Core, Rlimit { current: limit.maximum, maximum: limit.maximum }).unwrap();
    node.kill();
    node.serve().await;
    node.end_by("ABRT");
    assert_eq!(cores(node), 0, "a core dump holds every key");
    let control = Command::new("sh").args(["-c", "kill -ABRT $$"]).current_dir(node.folder()).status().unwrap();
    assert!(!control.success());
    if cores(node) == 0 {
        eprintln!("this machine keeps core dumps elsewhere, or none: {}", limit.maximum.unwrap_or(u64::MAX));
    }
}
