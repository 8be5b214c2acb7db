//! Writing to a customer's zone: dynamic updates (RFC 2136), signed with a key that the customer gave us (RFC 8945).
//!
//! One message carries all changes, with a condition for each: the server makes all of them or none, and none when anything
//! is otherwise than it was when the person said yes. A success counts only when the server signed it. Whether an address may
//! be reached is asked of the guard that whoever makes a [`Publisher`] hands in.

mod message;

use crate::domain::publishing::Planned;
use crate::domain::time::Millis;
use message::Update;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

/// A person waits for the answer, and a page's answer has ten seconds.
const ANSWER: Duration = Duration::from_secs(7);

/// How updates are signed; the others of RFC 8945 are no longer safe, or nobody has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// What name servers make by default.
    HmacSha256,
    /// Longer.
    HmacSha384,
    /// Longer still.
    HmacSha512,
}

impl Algorithm {
    /// All of them, in the order shown.
    pub const ALL: [Self; 3] = [Self::HmacSha256, Self::HmacSha384, Self::HmacSha512];

    /// The name in DNS, in forms and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::HmacSha256 => "hmac-sha256",
            Self::HmacSha384 => "hmac-sha384",
            Self::HmacSha512 => "hmac-sha512",
        }
    }

    /// Reads that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.word() == word)
    }
}

/// A key that may change one zone at one server.
#[derive(Clone)]
pub struct UpdateKey {
    /// Where the zone is changed.
    pub server: SocketAddr,
    /// The zone.
    pub zone: String,
    /// The key's name.
    pub name: String,
    /// How it signs.
    pub algorithm: Algorithm,
    /// The secret itself; wiped when dropped.
    pub secret: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for UpdateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateKey").field("server", &self.server).field("zone", &self.zone).finish_non_exhaustive()
    }
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishProblem {
    /// The server's address is not public.
    #[error("{0} is not an address that may be reached")]
    NotAllowed(IpAddr),
    /// It can't be written as a message.
    #[error("the update can't be put together: {0}")]
    Unwritable(String),
    /// There was no answer, or none that is one.
    #[error("the name server did not answer")]
    Silent(#[source] Option<std::io::Error>),
    /// The server knows no such key, or its clock or secret differ.
    #[error("the name server does not accept the key ({0})")]
    Key(String),
    /// What stands there is not what the plan was made for.
    #[error("the zone changed since the plan was made")]
    Changed,
    /// The server does not serve the zone, or does not let this key change it.
    #[error("the name server refused the update ({0})")]
    Refused(String),
}

/// Changes zones, where the guard lets it.
#[derive(Clone)]
pub struct Publisher {
    allowed: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
}

impl Publisher {
    /// One that reaches what `allowed` lets through.
    #[must_use]
    pub fn new(allowed: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>) -> Self {
        Self { allowed }
    }

    /// Whether an address may be reached at all.
    ///
    /// # Errors
    /// [`PublishProblem::NotAllowed`].
    pub fn check(&self, address: IpAddr) -> Result<(), PublishProblem> {
        if (self.allowed)(address) { Ok(()) } else { Err(PublishProblem::NotAllowed(address)) }
    }

    /// Makes the changes of a plan, all of them or none.
    ///
    /// # Errors
    /// [`PublishProblem`]; after silence nobody knows whether they were made, and a look at DNS tells.
    pub async fn publish(&self, key: &UpdateKey, plan: &[Planned], now: Millis) -> Result<(), PublishProblem> {
        self.check(key.server.ip())?;
        let (bytes, mut update) = Update::new(key, plan, now)?;
        let exchange = tokio::time::timeout(ANSWER, exchange(key.server, &bytes));
        let answer = exchange.await.map_err(|_| PublishProblem::Silent(None))?;
        update.judge(&answer.map_err(|error| PublishProblem::Silent(Some(error)))?)
    }
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher").finish_non_exhaustive()
    }
}

/// One message over TCP, which nobody can answer in the server's place, and its answer (RFC 1035 §4.2.2).
async fn exchange(server: SocketAddr, message: &[u8]) -> std::io::Result<Vec<u8>> {
    let length = u16::try_from(message.len()).map_err(|_| std::io::ErrorKind::InvalidInput)?;
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(&[&length.to_be_bytes(), message].concat()).await?;
    let mut length = [0; 2];
    stream.read_exact(&mut length).await?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}
