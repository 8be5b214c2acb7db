//! The real process on a full database: from its start to the moment it calls itself ready.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::time::Instant;

const PADLOCK: &str = env!("CARGO_BIN_EXE_padlock");
const LONGEST: Duration = Duration::from_secs(600);
const PAUSE: Duration = Duration::from_millis(5);

/// Starts every part of a node, and ends it again; says what it took beside the time that passed.
pub(crate) async fn ready(database_url: &str, master: &Path) -> (String, Vec<Duration>) {
    let (console, dcv, http, https) = (free(), free(), free(), free());
    let begun = Instant::now();
    let mut node = Command::new(PADLOCK)
        .arg("serve")
        .env_clear()
        .env("PADLOCK_DATABASE_URL", database_url)
        .env("PADLOCK_MASTER_KEY_FILE", master)
        .env("PADLOCK_LOG", "warn")
        .env("PADLOCK_CONSOLE_ADDR", console.to_string())
        .env("PADLOCK_DCV_ZONE", "dcv.padlock.test")
        .env("PADLOCK_DCV_ADDR", dcv.to_string())
        .env("PADLOCK_EDGE_HOSTNAME", "edge.padlock.test")
        .env("PADLOCK_EDGE_HTTP_ADDR", http.to_string())
        .env("PADLOCK_EDGE_HTTPS_ADDR", https.to_string())
        // Nobody answers there: what is due meanwhile finds no resolver and no CA.
        .env("PADLOCK_DNS_RESOLVERS", "127.0.0.1:9")
        .env("PADLOCK_ACME_DIRECTORY", "https://127.0.0.1:9/directory")
        .stdout(Stdio::null())
        .spawn()
        .expect("starts");
    while !answers(console) {
        assert!(node.try_wait().expect("asked").is_none(), "padlock serve ended");
        assert!(begun.elapsed() < LONGEST, "padlock serve is not ready");
        std::thread::sleep(PAUSE);
    }
    let took = begun.elapsed();
    eprintln!("a node is ready after {took:?}, {:.1} s of CPU and {} MiB", cpu_s(&node), memory_mib(&node));
    node.kill().expect("ends");
    node.wait().expect("ends");
    ("start to /readyz".into(), vec![took])
}

fn answers(console: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(console) else { return false };
    let mut answer = [0; 12];
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer.ends_with(b"200")
}

fn memory_mib(node: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", node.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|kib| kib.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() / 1_024
}

/// User and system time, in the kernel's ticks of a hundredth of a second.
fn cpu_s(node: &Child) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", node.id())).unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// A port where nobody listens.
fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port")
}
