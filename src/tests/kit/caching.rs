//! A real resolver that remembers, as those of the internet do and the sandbox's own does not.

use super::node::Node;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(25);

/// Unbound, at a node's own address; gone when dropped.
pub(crate) struct CachingResolver {
    /// Where it answers.
    pub(crate) at: SocketAddr,
    process: Child,
    _folder: TempDir,
}

impl CachingResolver {
    /// Starts one, and waits until it answers.
    pub(crate) async fn start(node: &Node) -> Self {
        let folder = TempDir::new().unwrap();
        let at = SocketAddr::new(node.edge().ip(), node.sandbox.line("LAB_DNS_PORT").parse().unwrap());
        let usual =
            std::fs::read_to_string(format!("{}/unbound/unbound.conf", node.sandbox.line("LAB_STATE"))).unwrap();
        let own = |line: &&str| {
            let key = line.trim().split(':').next().unwrap_or_default();
            !["interface", "cache-max-ttl", "cache-max-negative-ttl", "directory", "pidfile"].contains(&key)
        };
        let kept: Vec<&str> = usual.lines().filter(own).collect();
        let path = folder.path().join("unbound.conf");
        let mine = format!("server:\n  interface: {}\n  directory: {:?}\n  pidfile: \"\"\n", at.ip(), folder.path());
        std::fs::write(&path, format!("{}\n{mine}", kept.join("\n"))).unwrap();
        let mut command = Command::new("unbound");
        command.arg("-d").arg("-c").arg(&path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let resolver = Self { at, process: command.spawn().unwrap(), _folder: folder };
        for _ in 0..TRIES {
            if std::net::TcpStream::connect(at).is_ok() {
                return resolver;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("no resolver answers at {at}");
    }
}

impl Drop for CachingResolver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
