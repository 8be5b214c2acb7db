//! Certificates handed over to servers that terminate TLS themselves: the real nginx, HAProxy and Caddy.

use crate::kit::server::Server;
use crate::kit::stage::Stage;
use padlock::boot::handout::{self, Handout};
use padlock::domain::record::Purpose;
use padlock::domain::time::{HOUR_MS, MINUTE_MS};
use padlock::probe::handshake;
use padlock::probe::page::{self, Got};
use padlock::targets::{Format, Handover, Target, TargetSettings, Tell};
use padlock::wire::domain::DomainView;
use padlock::worker::edges::Edges;
use padlock::worker::perform::Tools;
use padlock::worker::receivers::Receivers;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const NAME: &str = "portal.court.test";

/// A domain whose certificates are handed over to one server.
struct Scene {
    stage: Stage,
    folder: TempDir,
    address: SocketAddr,
    receivers: Receivers,
    settings: TargetSettings,
    added: DomainView,
}

impl Scene {
    /// None, and says so, where Debian's package is not installed.
    async fn of(program: &str, tell: impl Fn(&Path) -> Tell) -> Option<Self> {
        if !Server::is_installed(program) {
            return None;
        }
        let (stage, folder) = (Stage::new().await, tempfile::tempdir().unwrap());
        let certificates = folder.path().join("certificates");
        std::fs::create_dir(&certificates).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let settings = TargetSettings {
            name: "front".into(),
            folder: certificates,
            format: Format::Pem,
            tell: tell(folder.path()),
            serves: vec![address],
        };
        let receivers = Receivers::new(stage.store.clone(), vec![Target::new(settings.clone())]);
        let added = stage.add(NAME).await;
        stage.publish(&added, &Purpose::ALL);
        Some(Self { stage, folder, address, receivers, settings, added })
    }

    /// Does everything that is due at a later time, as a worker of this node.
    async fn later(&self, ms: i64) -> DomainView {
        self.stage.clock.turn(ms);
        let tools = self.stage.tools();
        let edges = Edges { targets: vec![("front".into(), self.address)], ..tools.edges };
        let mirror = tools.mirror.with_receivers(Some(self.receivers.clone()));
        self.stage.worker_with(Tools { mirror, edges, ..tools }).pass().await.unwrap();
        self.stage.view(&self.added.id).await
    }

    /// Passes until the domain is Ready.
    async fn ready(&self) -> DomainView {
        for _ in 0..100 {
            let view = self.later(MINUTE_MS).await;
            if view.ready {
                return view;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("never ready: {:#?}", self.later(0).await);
    }

    /// The certificate that the server shows comes to be the one that is in use: a reload goes on after its command ended.
    async fn shows(&self, view: &DomainView) {
        let mut shown = String::new();
        for _ in 0..200 {
            let served = handshake::served(self.address, NAME).await.unwrap();
            shown = served.fingerprint_sha256.iter().map(|byte| format!("{byte:02x}")).collect();
            if shown == view.certificates[0].fingerprint_sha256 {
                assert_eq!(served.chain_len, 2, "with its issuer");
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{shown} is shown, not {}", view.certificates[0].fingerprint_sha256);
    }

    async fn renewed(&self, before: &DomainView) -> DomainView {
        self.stage.clock.turn(HOUR_MS);
        self.stage.desk().renew(&self.added.id).await.unwrap();
        let view = self.ready().await;
        assert_ne!(view.certificates[0].fingerprint_sha256, before.certificates[0].fingerprint_sha256);
        view
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

#[tokio::test]
async fn nginx_serves_what_it_receives_and_counts_for_the_status() {
    let config = |folder: &Path| folder.join("nginx.conf").display().to_string();
    let reload =
        |folder: &Path| Tell::Command(["nginx", "-c", &config(folder), "-s", "reload"].map(str::to_owned).into());
    let Some(scene) = Scene::of("nginx", reload).await else { return };
    let view = scene.later(0).await;
    assert_eq!(view.certificates.len(), 1);
    let waits = scene.later(MINUTE_MS).await;
    assert!(!waits.ready && waits.status_code == "tls_not_everywhere", "{waits:#?}");
    assert!(waits.findings[0].evidence[0].starts_with("front (127.0.0.1:"), "{:#?}", waits.findings);

    let (base, address, file) =
        (scene.folder.path().display(), scene.address, scene.settings.folder.join(format!("{NAME}.pem")));
    let file = file.display();
    let text = format!(
        "daemon off; pid {base}/pid; error_log {base}/error.log; events {{}}\nhttp {{ access_log off; \
         client_body_temp_path {base}/b; proxy_temp_path {base}/p; fastcgi_temp_path {base}/f; uwsgi_temp_path {base}/u; \
         scgi_temp_path {base}/s;\nserver {{ listen {address} ssl; server_name {NAME}; ssl_certificate {file}; \
         ssl_certificate_key {file}; return 204; }} }}\n"
    );
    let written = scene.write("nginx.conf", &text);
    let nginx = Server::start(Command::new("nginx").args(["-c", &written]));
    nginx.listens(scene.address).await;
    let first = scene.ready().await;
    scene.shows(&first).await;
    let second = scene.renewed(&first).await;
    scene.shows(&second).await;
}

#[tokio::test]
async fn haproxy_changes_its_certificate_without_a_reload_and_whatever_a_crash_left() {
    let Some(scene) = Scene::of("haproxy", |folder| Tell::Haproxy(folder.join("haproxy.sock"))).await else { return };
    // HAProxy does not start on an empty folder; what the operator put there stays.
    let key = rcgen::generate_simple_self_signed(vec!["default.test".into()]).unwrap();
    let theirs = scene.settings.folder.join("default.pem");
    std::fs::write(&theirs, key.cert.pem() + &key.signing_key.serialize_pem()).unwrap();
    let (base, folder, address) = (scene.folder.path().display(), scene.settings.folder.display(), scene.address);
    let text = format!(
        "global\n stats socket {base}/haproxy.sock mode 600 level admin\ndefaults\n mode http\n timeout client 5s\n \
         timeout server 5s\n timeout connect 5s\nfrontend front\n bind {address} ssl crt {folder}\n http-request return status 204\n"
    );
    let written = scene.write("haproxy.cfg", &text);
    let haproxy = Server::start(Command::new("haproxy").args(["-f", &written]));
    haproxy.listens(scene.address).await;
    let first = scene.ready().await;
    scene.shows(&first).await;
    let second = scene.renewed(&first).await;
    scene.shows(&second).await;

    // Killed after the file was written: the next start tells of it.
    let other = rcgen::generate_simple_self_signed(vec![NAME.into()]).unwrap();
    let (chain_pem, pkcs8) = (other.cert.pem(), other.signing_key.serialize_der());
    let stale = Target::new(scene.settings.clone());
    stale.write(&Handover { host: NAME, chain_pem: &chain_pem, pkcs8: &pkcs8 }).unwrap();
    stale.tell().await.unwrap();
    let restarted = Receivers::new(scene.stage.store.clone(), vec![Target::new(scene.settings.clone())]);
    let (stop, done) = (CancellationToken::new(), CancellationToken::new());
    let keeping = tokio::spawn({
        let stop = stop.clone();
        async move { restarted.catch_up(stop).await }
    });
    for _ in 0..200 {
        let served = handshake::served(scene.address, NAME).await.unwrap();
        if served.chain_len == 2 {
            done.cancel();
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!(done.is_cancelled(), "the stored certificate is not served again");
    scene.shows(&second).await;

    // Removed: HAProxy forgets it, and the file is gone.
    scene.stage.desk().remove(&scene.added.id).await.unwrap();
    scene.receivers.sync(&padlock::domain::id::DomainId::new(&scene.added.id)).await;
    assert!(!scene.settings.folder.join(format!("{NAME}.pem")).exists() && theirs.exists());
    let served = handshake::served(scene.address, NAME).await.unwrap();
    assert_eq!(served.chain_len, 1, "the operator's own");
    stop.cancel();
    keeping.await.unwrap();
    drop(haproxy);
}

#[tokio::test]
async fn caddy_fetches_each_certificate_by_name_with_the_secret() {
    const TOKEN: &str = "0123456789abcdef0123456789abcdef";
    let Some(scene) = Scene::of("caddy", |_| Tell::Nobody).await else { return };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let door = listener.local_addr().unwrap();
    let app = handout::router(Handout::new(door, TOKEN).unwrap(), scene.stage.store.clone());
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });
    let (base, address) = (scene.folder.path().display(), scene.address);
    let text = format!(
        "{{\n admin off\n auto_https off\n storage file_system {base}/caddy\n}}\nhttps://:{} {{\n bind 127.0.0.1\n tls {{\n  \
         get_certificate http http://{door}/certificate/{TOKEN}\n }}\n respond 204\n}}\n",
        address.port()
    );
    let written = scene.write("Caddyfile", &text);
    let caddy = Server::start(
        Command::new("caddy")
            .args(["run", "--adapter", "caddyfile", "--config", &written])
            .env("HOME", scene.folder.path()),
    );
    caddy.listens(scene.address).await;
    let first = scene.ready().await;
    scene.shows(&first).await;
    let second = scene.renewed(&first).await;
    scene.shows(&second).await;
    assert!(handshake::served(address, "stranger.court.test").await.is_err());
    let asked = |token: &'static str| {
        page::get(
            door,
            "caddy",
            format!("/certificate/{token}?server_name={NAME}").leak(),
            false,
            Duration::from_secs(5),
        )
    };
    let Got::Page(refused) = asked("0123456789abcdef0123456789abcdee").await else { panic!("no answer") };
    assert_eq!((refused.status, refused.body.as_str()), (404, ""));
    let Got::Page(given) = asked(TOKEN).await else { panic!("no answer") };
    assert_eq!(given.status, 200);
    serving.abort();
}
