//! The responder's sockets: bind them, then serve until told to stop.

use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tokio::net::{TcpListener, UdpSocket};
use tokio::task::yield_now;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use super::limiter::{Limiter, Rate, Verdict};
use super::packet::{self, REQUEST_MAX_BYTES, Transport};
use super::shown::Shown;
use super::tcp;

/// Datagrams answered in a row before other tasks get their turn.
const BATCH_DATAGRAMS: usize = 64;
/// Pause after a socket error that may last (no memory, no file descriptors), so that it does not spin.
pub(super) const ERROR_PAUSE: Duration = Duration::from_millis(50);
/// Tries to find a port that is free for both, when the system picks it.
const PORT_TRIES: usize = 16;

/// Sockets that are open and not served yet.
#[derive(Debug)]
pub struct Bound {
    udp: UdpSocket,
    tcp: TcpListener,
    addr: SocketAddr,
}

impl Bound {
    /// The address of both sockets; with a port even if 0 was asked for.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

/// Opens UDP and TCP on one address and port.
///
/// Name real addresses on a host that has several: from a wildcard the kernel picks a UDP answer's source by route, and a
/// resolver ignores an answer from another address than it asked.
pub async fn bind(addr: SocketAddr) -> io::Result<Bound> {
    let mut tries = PORT_TRIES;
    loop {
        let tcp = TcpListener::bind(addr).await?;
        let addr_found = tcp.local_addr()?;
        tries -= 1;
        match UdpSocket::bind(addr_found).await {
            Ok(udp) => return Ok(Bound { udp, tcp, addr: addr_found }),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && addr.port() == 0 && tries > 0 => {}
            Err(error) => return Err(error),
        }
    }
}

/// Answers from what is shown, until `shutdown`. Connections still open then are closed.
pub async fn serve(bound: Bound, shown: Shown, rate: Rate, shutdown: CancellationToken) {
    let sockets = async { tokio::join!(udp(&bound.udp, &shown, Limiter::new(rate)), tcp::accept(&bound.tcp, &shown)) };
    tokio::select! {
        () = shutdown.cancelled() => {}
        _ = sockets => {}
    }
}

/// One task for all datagrams: an answer takes microseconds, and a second task would only add a lock.
async fn udp(socket: &UdpSocket, shown: &Shown, mut limiter: Limiter) {
    let mut second = interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // One byte more than a request may have, so that a longer one is seen to be.
    let mut buffer = [0; REQUEST_MAX_BYTES + 1];
    loop {
        tokio::select! {
            _ = second.tick() => limiter.next_second(),
            ready = socket.readable() => {
                if ready.is_err() || drain(socket, shown, &mut limiter, &mut buffer).is_err() {
                    sleep(ERROR_PAUSE).await;
                }
                yield_now().await;
            }
        }
    }
}

/// Answers what has arrived, up to one batch.
fn drain(socket: &UdpSocket, shown: &Shown, limiter: &mut Limiter, buffer: &mut [u8]) -> io::Result<()> {
    for _ in 0..BATCH_DATAGRAMS {
        let (length, source) = match socket.try_recv_from(buffer) {
            Ok(received) => received,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        let request = &buffer[..length];
        let answer = match limiter.judge(source.ip()) {
            Verdict::Answer => respond(shown, request, Transport::Udp),
            Verdict::Slip => guarded(|| packet::slip(request)),
            Verdict::Drop => None,
        };
        if let Some(answer) = answer {
            // A full send buffer or an unreachable sender: the client asks again, and nobody else must wait for it.
            let _ = socket.try_send_to(&answer, source);
        }
    }
    Ok(())
}

/// The answer from the newest generation.
pub(super) fn respond(shown: &Shown, request: &[u8], transport: Transport) -> Option<Vec<u8>> {
    let zone = shown.zone();
    guarded(|| packet::reply(&zone, request, transport))
}

/// Strangers' bytes pass through a decoder that is not ours: should it ever panic, one request is lost, not the service.
fn guarded(answer: impl FnOnce() -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|_| {
        tracing::error!("a DNS request made the decoder panic and was dropped");
        None
    })
}
