//! A server of somebody else's, as Debian packages it.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::net::TcpStream;

/// One that runs, ended with this.
pub(crate) struct Server(Child);

impl Server {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// Waits until it takes connections.
    pub(crate) async fn listens(&self, address: SocketAddr) {
        for _ in 0..200 {
            if TcpStream::connect(address).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("nobody listens at {address}");
    }

    /// False, and says so, where its package is not installed.
    pub(crate) fn is_installed(program: &str) -> bool {
        let is = Command::new(program).arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
        if !is {
            eprintln!("SKIPPED: this test needs `{program}` (Debian: apt install {program})");
        }
        is
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked to end, nginx ends its workers as well.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}
