//! DNS over TCP (RFC 7766): where a resolver comes when an answer did not fit, or was held back, over UDP.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::limiter::Prefix;
use super::packet::{REQUEST_MAX_BYTES, Transport};
use super::server::{ERROR_PAUSE, respond};
use super::shown::Shown;

/// Connections open at once; about 10 KB each.
pub(super) const CONNECTIONS_MAX: usize = 1_024;
/// Connections from one network, so that one cannot take them all.
pub(super) const CONNECTIONS_PER_PREFIX_MAX: usize = 64;
/// Requests on one connection, after which it is closed and somebody else may have its place.
pub(super) const REQUESTS_PER_CONNECTION_MAX: usize = 128;
/// Time for a whole request to arrive, and for an answer to leave.
pub(super) const IDLE: Duration = Duration::from_secs(5);

/// Accepts and serves connections for ever. Dropping the future closes them all.
pub(super) async fn accept(listener: &TcpListener, shown: &Shown) {
    let mut connections = JoinSet::new();
    let mut open: HashMap<Prefix, usize> = HashMap::new();
    loop {
        tokio::select! {
            Some(ended) = connections.join_next() => {
                // `respond` catches panics and nothing aborts a connection, so each ends with its prefix.
                if let Ok(prefix) = ended {
                    leave(&mut open, prefix);
                }
            }
            accepted = listener.accept() => match accepted {
                Ok((stream, source)) if connections.len() < CONNECTIONS_MAX => {
                    let prefix = Prefix::of(source.ip());
                    let count = open.entry(prefix).or_default();
                    if *count < CONNECTIONS_PER_PREFIX_MAX {
                        *count += 1;
                        connections.spawn(connection(stream, source, shown.clone()));
                    }
                }
                Ok(_) => {}
                Err(_) => sleep(ERROR_PAUSE).await,
            }
        }
    }
}

fn leave(open: &mut HashMap<Prefix, usize>, prefix: Prefix) {
    if let Some(count) = open.get_mut(&prefix) {
        *count -= 1;
        if *count == 0 {
            open.remove(&prefix);
        }
    }
}

async fn connection(stream: TcpStream, source: SocketAddr, shown: Shown) -> Prefix {
    // How it ends is the client's affair: it hangs up, idles, or sends what is no request.
    let _ = talk(stream, &shown).await;
    Prefix::of(source.ip())
}

/// Requests in order, each answered before the next is read: a client that does not read its answers stops being read.
async fn talk(stream: TcpStream, shown: &Shown) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::with_capacity(2 + REQUEST_MAX_BYTES, stream);
    for _ in 0..REQUESTS_PER_CONNECTION_MAX {
        let request = timeout(IDLE, read_message(&mut stream)).await??;
        let Some(answer) = respond(shown, &request, Transport::Tcp) else { break };
        timeout(IDLE, write_message(&mut stream, &answer)).await??;
    }
    Ok(())
}

async fn read_message(stream: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let length = usize::from(stream.read_u16().await?);
    if length > REQUEST_MAX_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a request longer than any we answer"));
    }
    let mut message = vec![0; length];
    stream.read_exact(&mut message).await?;
    Ok(message)
}

/// Length and message leave in one write (RFC 7766 §8).
async fn write_message(stream: &mut BufReader<TcpStream>, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    let framed = [&length.to_be_bytes(), message].concat();
    stream.write_all(&framed).await
}
