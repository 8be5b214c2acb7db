//! A server as a child process: what it costs, and its end.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tokio::time::Instant;

use crate::fill::Trouble;

/// HAProxy takes minutes to read 100,000 certificates; who takes longer than this is left out, and it is said.
const LONGEST_START: Duration = Duration::from_secs(900);
/// Of `/proc/*/stat`: what Linux has on every architecture.
const TICKS_PER_SECOND: u64 = 100;

/// A running server; dropping it ends it.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    /// Whether it passes requests on.
    pub(crate) proxies: bool,
    /// From the start of the process until it took a connection.
    pub(crate) started: Duration,
    child: Child,
}

impl Server {
    /// Starts it and waits until it takes connections; none if that takes too long.
    pub(crate) fn start(
        name: &'static str,
        proxies: bool,
        port: u16,
        command: &mut Command,
    ) -> Result<Option<Self>, Trouble> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let from = Instant::now();
        let child = command.stdin(Stdio::null()).spawn().map_err(|error| format!("{name}: {error}"))?;
        let mut server = Self { name, address, proxies, started: Duration::ZERO, child };
        while TcpStream::connect(address).is_err() {
            if server.child.try_wait()?.is_some() {
                return Err(format!("{name} did not start").into());
            }
            if from.elapsed() > LONGEST_START {
                println!("{name} was not ready after {} s", LONGEST_START.as_secs());
                return Ok(None);
            }
            sleep(Duration::from_millis(5));
        }
        server.started = from.elapsed();
        Ok(Some(server))
    }

    /// User and system time until now, of the process and its children.
    pub(crate) fn cpu(&self) -> Result<Duration, Trouble> {
        let mut ticks = 0;
        for pid in self.family()? {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
            ticks += fields(&stat).skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum::<u64>();
        }
        Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
    }

    /// Resident memory of the process and its children; what they share counts once.
    pub(crate) fn memory_mb(&self) -> Result<f64, Trouble> {
        let mut kb = 0;
        for pid in self.family()? {
            let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
            let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).ok_or("no Pss in smaps_rollup")?;
            kb += pss.trim().trim_end_matches(" kB").parse::<u64>()?;
        }
        Ok(kb as f64 / 1024.0)
    }

    fn family(&self) -> Result<Vec<u32>, Trouble> {
        let mut family = vec![self.child.id()];
        for entry in std::fs::read_dir("/proc")? {
            let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            // A process may end while the list is read.
            let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
            if fields(&stat).nth(1) == Some(self.child.id().to_string().as_str()) {
                family.push(pid);
            }
        }
        Ok(family)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM by the shell's own kill: nginx's workers outlive a master that is killed.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        for _ in 0..200 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The fields behind the command's name: state, parent, and so on (proc(5)).
fn fields(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split_whitespace()
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16, Trouble> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
