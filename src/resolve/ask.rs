//! Puts one question to one server, over UDP and, where that does not settle it, over TCP.
//!
//! Each question has a socket of its own: a fresh port and a connected peer are what keeps strangers' answers out, and
//! a socket costs some 20 µs. A semaphore bounds how many are open, so that a thousand looks side by side wait for one
//! another and never for file descriptors.

use super::packet::{Doubt, Match, Packet, Question, is_complaint};
use hickory_resolver::proto::op::Message;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// A healthy server answers within 1 s from anywhere on Earth; a loaded one is given some more.
const TRY: Duration = Duration::from_secs(5);
/// A lost datagram is sent once more this early, within the first try.
const RESEND: Duration = Duration::from_secs(1);
/// A quarter of the 1,024 file descriptors that a process has by default: visitors need the others.
const SOCKETS: usize = 256;
/// Well above what we say that we accept (1,232), for servers that do not care.
const DATAGRAM_BYTES: usize = 4_096;
/// After so many datagrams that answer something else, somebody is guessing: TCP can't be guessed.
const STRAYS: usize = 16;

/// Asks single questions, a bounded number at a time.
pub(super) struct Asker {
    sockets: Semaphore,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unheard {
    /// Nothing usable came within the limits.
    Silent,
    /// There is no way from here to that address.
    NoRoute,
    /// The question was not put: its time was up before its turn came.
    NotAsked,
}

/// The moment that lies `wait` ahead, by tokio's own clock, which tests may pause.
pub(super) fn after(wait: Duration) -> Instant {
    sleep(wait).deadline()
}

impl Asker {
    /// An asker without any socket open.
    pub(super) const fn new() -> Self {
        Self { sockets: Semaphore::const_new(SOCKETS) }
    }

    /// Puts the question: over UDP, then over TCP unless UDP settled it, 5 s each; nothing lasts beyond `deadline`.
    pub(super) async fn ask(
        &self,
        server: SocketAddr,
        question: Question<'_>,
        deadline: Instant,
    ) -> Result<Message, Unheard> {
        if !deadline.elapsed().is_zero() {
            return Err(Unheard::NotAsked);
        }
        let Ok(Ok(_turn)) = timeout_at(deadline, self.sockets.acquire()).await else {
            return Err(Unheard::NotAsked);
        };
        let tries = async {
            let answer = try_twice(server, question, true).await?;
            // Servers older than EDNS refuse what they do not know (RFC 6891 §7).
            if is_complaint(answer.metadata.response_code) {
                return try_twice(server, question, false).await;
            }
            Ok(answer)
        };
        timeout_at(deadline, tries).await.unwrap_or(Err(Unheard::Silent))
    }
}

/// What came over which transport.
pub(super) struct Came {
    /// The answer.
    pub(super) message: Message,
    /// Whether it came over TCP.
    pub(super) over_tcp: bool,
    /// Over UDP the question came back with its capital letters changed.
    pub(super) case_lost: bool,
}

impl Asker {
    /// Puts the question over one transport, within `patience`; what UDP leaves in doubt is asked over TCP.
    pub(super) async fn once(
        &self,
        server: SocketAddr,
        question: Question<'_>,
        over_tcp_only: bool,
        patience: Duration,
    ) -> Result<Came, Unheard> {
        let Ok(Ok(_turn)) = timeout(patience, self.sockets.acquire()).await else {
            return Err(Unheard::NotAsked);
        };
        let packet = Packet::new(question, true).ok_or(Unheard::NotAsked)?;
        let mut case_lost = false;
        if !over_tcp_only {
            match timeout(patience, over_udp(server, &packet)).await {
                Ok(Ok(Ok(message))) => return Ok(Came { message, over_tcp: false, case_lost }),
                Ok(Ok(Err(doubt))) => case_lost = doubt == Doubt::CaseLost,
                Ok(Err(error)) if has_no_route(&error) => return Err(Unheard::NoRoute),
                Ok(Err(_)) | Err(_) => return Err(Unheard::Silent),
            }
        }
        match timeout(patience, over_tcp(server, &packet)).await {
            Ok(Ok(Some(message))) => Ok(Came { message, over_tcp: true, case_lost }),
            _ => Err(Unheard::Silent),
        }
    }
}

async fn try_twice(server: SocketAddr, question: Question<'_>, edns: bool) -> Result<Message, Unheard> {
    let packet = Packet::new(question, edns).ok_or(Unheard::NotAsked)?;
    match timeout(TRY, over_udp(server, &packet)).await {
        Ok(Ok(Ok(answer))) => return Ok(answer),
        Ok(Err(error)) if has_no_route(&error) => return Err(Unheard::NoRoute),
        Ok(Ok(Err(_)) | Err(_)) | Err(_) => {}
    }
    match timeout(TRY, over_tcp(server, &packet)).await {
        Ok(Ok(Some(answer))) => Ok(answer),
        _ => Err(Unheard::Silent),
    }
}

fn has_no_route(error: &io::Error) -> bool {
    use io::ErrorKind::{AddrNotAvailable, HostUnreachable, NetworkUnreachable};
    matches!(error.kind(), AddrNotAvailable | HostUnreachable | NetworkUnreachable)
}

/// The answer, or why only TCP can settle it.
async fn over_udp(server: SocketAddr, packet: &Packet) -> io::Result<Result<Message, Doubt>> {
    let any = match server.ip() {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    // A connected socket takes datagrams from this server's address and port only.
    socket.connect(server).await?;
    socket.send(&packet.bytes).await?;
    match timeout(RESEND, first_match(&socket, packet)).await {
        Ok(answer) => answer,
        Err(_) => {
            socket.send(&packet.bytes).await?;
            first_match(&socket, packet).await
        }
    }
}

async fn first_match(socket: &UdpSocket, packet: &Packet) -> io::Result<Result<Message, Doubt>> {
    let mut buffer = vec![0; DATAGRAM_BYTES];
    for _ in 0..STRAYS {
        let length = socket.recv(&mut buffer).await?;
        match packet.judge_datagram(&buffer[..length]) {
            Match::Answer(answer) => return Ok(Ok(*answer)),
            Match::Doubtful(doubt) => return Ok(Err(doubt)),
            Match::Stray => {}
        }
    }
    Ok(Err(Doubt::Unreadable))
}

/// One question over a connection of its own (RFC 7766 §8: two bytes of length before each message).
async fn over_tcp(server: SocketAddr, packet: &Packet) -> io::Result<Option<Message>> {
    let mut stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let length = u16::try_from(packet.bytes.len()).map_err(io::Error::other)?;
    let mut framed = length.to_be_bytes().to_vec();
    framed.extend_from_slice(&packet.bytes);
    stream.write_all(&framed).await?;
    let mut answer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut answer).await?;
    match packet.judge_stream(&answer) {
        Match::Answer(answer) => Ok(Some(*answer)),
        Match::Doubtful(_) | Match::Stray => Ok(None),
    }
}
