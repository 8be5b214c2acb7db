//! One GET of HTTP/1.1 to one address, as a CA's validator makes it: plain, or over TLS that shows any certificate.
//!
//! Redirects are not followed here: whoever follows one asks the guard about where it leads. Nothing of ours is sent but the
//! host's name and the path.

use super::handshake;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// As much of a header as is kept.
const HEADER_CHARS: usize = 2_000;

/// How much is read and kept of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Most {
    /// Bytes that are read, the head among them.
    pub answer_bytes: u64,
    /// Characters of the body that are kept.
    pub body_chars: usize,
}

impl Most {
    /// Its head, and how its body begins.
    pub const BEGINNING: Self = Self { answer_bytes: 16_384, body_chars: 2_000 };
}

/// Headers that are kept; more are a mistake or a trick.
const HEADERS: usize = 60;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    /// An answer.
    Page(Page),
    /// Nothing listens there.
    Refused,
    /// Nothing came in time.
    TimedOut,
    /// The connection was cut.
    Reset,
    /// What came is no HTTP/1.
    NotHttp,
    /// The network said otherwise.
    Failed(String),
}

/// An answer, as far as anything is read from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Its status.
    pub status: u16,
    /// `Server`.
    pub server: String,
    /// `Strict-Transport-Security`.
    pub hsts: String,
    /// `Location`.
    pub location: String,
    /// Its headers: names in small letters, with values.
    pub headers: Vec<(String, String)>,
    /// How its body begins.
    pub body: String,
}

/// Gets a path of a host at an address. The caller has asked [`super::guard::reachable`] about the address.
pub async fn get(address: SocketAddr, host: &str, path: &str, secure: bool, patience: Duration) -> Got {
    get_most(address, (host, path), secure, Most::BEGINNING, patience).await
}

/// The same, of which more or less is read.
pub async fn get_most(
    address: SocketAddr,
    (host, path): (&str, &str),
    secure: bool,
    most: Most,
    patience: Duration,
) -> Got {
    let visit = async {
        let stream = TcpStream::connect(address).await?;
        if secure {
            let stream = handshake::connect(stream, host).await?;
            return exchange(stream, host, path, most.answer_bytes).await;
        }
        exchange(stream, host, path, most.answer_bytes).await
    };
    match timeout(patience, visit).await {
        Err(_) => Got::TimedOut,
        Ok(Ok(bytes)) if bytes.is_empty() => Got::Reset,
        Ok(Ok(bytes)) => read(&bytes, most.body_chars).map_or(Got::NotHttp, Got::Page),
        Ok(Err(error)) => match error.kind() {
            io::ErrorKind::ConnectionRefused => Got::Refused,
            io::ErrorKind::TimedOut => Got::TimedOut,
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => Got::Reset,
            _ => Got::Failed(error.to_string()),
        },
    }
}

/// The status and the whole body of what is no text. More than `most_bytes` is none.
///
/// # Errors
/// What came of it instead; never [`Got::Page`].
pub async fn bytes(
    address: SocketAddr,
    (host, path): (&str, &str),
    secure: bool,
    most_bytes: u64,
    patience: Duration,
) -> Result<(u16, Vec<u8>), Got> {
    let visit = async {
        let stream = TcpStream::connect(address).await?;
        if secure {
            return exchange(handshake::connect(stream, host).await?, host, path, most_bytes + 1).await;
        }
        exchange(stream, host, path, most_bytes + 1).await
    };
    let bytes = timeout(patience, visit).await.map_err(|_| Got::TimedOut)?;
    let bytes = bytes.map_err(|error| Got::Failed(error.to_string()))?;
    if bytes.len() as u64 > most_bytes {
        return Err(Got::Failed("the answer is too long".into()));
    }
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or(Got::NotHttp)?;
    let (head, body) = (&bytes[..end], &bytes[end + 4..]);
    let head = read(head, 0).ok_or(Got::NotHttp)?;
    let header = |wanted: &str| head.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let chunked = header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
    let whole = if chunked { unchunked(body) } else { body.to_vec() };
    let cut =
        header("content-length").and_then(|value| value.parse().ok()).is_some_and(|length: usize| whole.len() < length);
    if cut { Err(Got::Reset) } else { Ok((head.status, whole)) }
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    host: &str,
    path: &str,
    answer_bytes: u64,
) -> io::Result<Vec<u8>> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Padlock (domain check)\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    match stream.take(answer_bytes).read_to_end(&mut bytes).await {
        // Some servers cut the connection behind their answer.
        Err(error) if bytes.is_empty() => Err(error),
        _ => Ok(bytes),
    }
}

fn read(bytes: &[u8], body_chars: usize) -> Option<Page> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").or_else(|| text.split_once("\n\n")).unwrap_or((&text, ""));
    let mut lines = head.lines();
    let mut status = lines.next()?.splitn(3, ' ');
    status.next().filter(|version| version.starts_with("HTTP/1."))?;
    let mut chunked = false;
    let mut page = Page { status: status.next()?.parse().ok()?, ..Page::default() };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let (name, value): (_, String) = (name.to_ascii_lowercase(), value.trim().chars().take(HEADER_CHARS).collect());
        match name.as_str() {
            "server" => page.server.clone_from(&value),
            "strict-transport-security" => page.hsts.clone_from(&value),
            "location" => page.location.clone_from(&value),
            "transfer-encoding" => chunked = value.trim().eq_ignore_ascii_case("chunked"),
            _ => {}
        }
        if page.headers.len() < HEADERS {
            page.headers.push((name, value));
        }
    }
    let whole =
        if chunked { String::from_utf8_lossy(&unchunked(body.as_bytes())).into_owned() } else { body.to_owned() };
    page.body = whole.chars().take(body_chars).collect();
    Some(page)
}

/// The body of RFC 9112 §7.1, as far as it can be read.
fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
        let size = String::from_utf8_lossy(&body[..end]);
        let size = size.split(';').next().unwrap_or_default().trim();
        let Some(size) = usize::from_str_radix(size, 16).ok().filter(|size| *size > 0) else { break };
        let rest = &body[end + 2..];
        let Some(chunk) = rest.get(..size) else {
            whole.extend_from_slice(rest);
            break;
        };
        whole.extend_from_slice(chunk);
        body = rest[size..].strip_prefix(b"\r\n").unwrap_or_else(|| &rest[size..]);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokio::net::TcpListener;

    const PATIENCE: Duration = Duration::from_secs(5);

    async fn met(says: &'static [u8]) -> Got {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 512];
            let length = stream.read(&mut request).await.unwrap();
            assert!(request[..length].starts_with(b"GET /a HTTP/1.1\r\nHost: x.test\r\n"));
            stream.write_all(says).await.unwrap();
        };
        tokio::join!(get(address, "x.test", "/a", false, PATIENCE), serve).0
    }

    #[tokio::test]
    async fn answers_are_told_apart() {
        let page = met(b"HTTP/1.1 302 Found\r\nServer: S\r\nlocation: https://x.test/b\r\n\r\nhello").await;
        let want = Page {
            status: 302,
            server: "S".into(),
            location: "https://x.test/b".into(),
            headers: vec![("server".into(), "S".into()), ("location".into(), "https://x.test/b".into())],
            body: "hello".into(),
            ..Page::default()
        };
        assert_eq!(page, Got::Page(want));
        let Got::Page(chunked) =
            met(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n").await
        else {
            panic!("no page")
        };
        assert_eq!((chunked.status, chunked.body.as_str()), (200, "hello"));
        assert_eq!(met(b"SSH-2.0-OpenSSH\r\n").await, Got::NotHttp);
        assert_eq!(met(b"").await, Got::Reset);
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        assert_eq!(get(gone, "x.test", "/a", false, PATIENCE).await, Got::Refused);
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let patience = Duration::from_millis(50);
        assert_eq!(get(silent.local_addr().unwrap(), "x.test", "/a", false, patience).await, Got::TimedOut);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes, 2_000);
            let _ = read(&[b"HTTP/1.1 200 OK\r\n".as_slice(), &bytes].concat(), 2_000);
            let _ = unchunked(&bytes);
        }
    }
}
