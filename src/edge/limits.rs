//! How much the edge takes and how long it waits, each number with its reason.

use std::time::Duration;

/// Open connections on each of the two listeners; an idle TLS connection costs about 40 KB, so this is some 160 MB at worst.
const CONNECTIONS: usize = 4_096;
/// A handshake is two round trips; whoever needs longer is broken or holding a place.
const HANDSHAKE_SECONDS: u64 = 10;
/// From the end of one HTTP/1.1 request to the last header of the next: what nginx keeps an idle connection for is 75 s.
const HEADER_SECONDS: u64 = 60;
/// Twice the wait for an upstream's answer, so that a slow answer ends in a 504 and not in a cut connection.
const IDLE_SECONDS: u64 = 120;
/// Connecting inside one data centre takes milliseconds.
const CONNECT_SECONDS: u64 = 5;
/// A report that takes a minute to start is the longest that people wait for.
const RESPONSE_SECONDS: u64 = 60;
/// Shorter than the 90 s after which systemd kills, long enough for a page.
const DRAIN_SECONDS: u64 = 15;
/// Scanned case files are large; they are streamed, so this bounds time rather than memory.
const REQUEST_BODY_BYTES: u64 = 1 << 30;
/// Request line and headers together: 16 KB of cookies, twice over.
pub(super) const HEADER_BYTES: usize = 32 * 1024;
/// Requests at once on one HTTP/2 connection; RFC 9113 §6.5.2 advises against less than 100.
pub(super) const STREAMS: u32 = 128;
/// Idle connections kept to each upstream.
pub(super) const IDLE_UPSTREAM_CONNECTIONS: usize = 64;
/// Below the 5 s after which a Node.js server closes an idle connection: the race for it is lost less often.
pub(super) const IDLE_UPSTREAM_SECONDS: u64 = 4;

/// The limits of one edge; [`Limits::default`] is what production runs with.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The port that visitors use for HTTPS, for redirects: 443 unless the sandbox moves it.
    pub public_https_port: u16,
    /// Open connections, on each listener.
    pub connections: usize,
    /// Longest TLS handshake.
    pub handshake: Duration,
    /// Longest wait for the headers of a request over HTTP/1.1, idle time before them included.
    pub header: Duration,
    /// A connection, in either direction, on which nothing moves for this long is closed (at the latest after twice this).
    pub idle: Duration,
    /// Longest wait for a connection to an upstream.
    pub connect: Duration,
    /// Longest wait for the headers of an upstream's answer, counted from the last movement of the request's body.
    pub response: Duration,
    /// How long requests in flight may take after shutdown was asked for.
    pub drain: Duration,
    /// Largest request body.
    pub request_body_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            public_https_port: 443,
            connections: CONNECTIONS,
            handshake: Duration::from_secs(HANDSHAKE_SECONDS),
            header: Duration::from_secs(HEADER_SECONDS),
            idle: Duration::from_secs(IDLE_SECONDS),
            connect: Duration::from_secs(CONNECT_SECONDS),
            response: Duration::from_secs(RESPONSE_SECONDS),
            drain: Duration::from_secs(DRAIN_SECONDS),
            request_body_bytes: REQUEST_BODY_BYTES,
        }
    }
}
