//! A name server with bad manners, over UDP and TCP at one address: each of its zones is served in a way of its own.
//!
//! It writes its messages itself, octet by octet, since no library would: RFC 1035 §4.1 is all that it knows.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::sync::Arc;

/// Record types (RFC 1035 §3.2.2, RFC 8659 §4.1).
pub(crate) const A: u16 = 1;
pub(crate) const NS: u16 = 2;
pub(crate) const CNAME: u16 = 5;
pub(crate) const SOA: u16 = 6;
pub(crate) const TXT: u16 = 16;
pub(crate) const AAAA: u16 = 28;
pub(crate) const CAA: u16 = 257;

/// A question: the name in small letters, without trailing dot.
pub(crate) struct Question {
    pub(crate) name: String,
    pub(crate) kind: u16,
}

/// What it says.
pub(crate) enum Says {
    /// Records of these types with this data; none says that there is none.
    Records(Vec<(u16, Vec<u8>)>),
    /// There is no such name.
    NoSuchName,
    /// It fails (SERVFAIL).
    Fails,
    /// It does not serve that (REFUSED).
    Refuses,
    /// Nothing at all.
    Nothing,
    /// The same as another answer, with the question in small letters.
    InSmallLetters(Box<Self>),
}

/// How all questions are answered.
pub(crate) type Manners = Arc<dyn Fn(&Question) -> Says + Send + Sync>;

/// Serves for as long as the test's process lives.
pub(crate) fn serve(ip: Ipv4Addr, port: u16, manners: &Manners) {
    let (udp, tcp) = (UdpSocket::bind((ip, port)).unwrap(), TcpListener::bind((ip, port)).unwrap());
    let of_udp = Arc::clone(manners);
    std::thread::spawn(move || {
        let mut buffer = [0; 4_096];
        while let Ok((length, from)) = udp.recv_from(&mut buffer) {
            if let Some(answer) = answer(&buffer[..length], &of_udp) {
                let _ = udp.send_to(&answer, from);
            }
        }
    });
    let of_tcp = Arc::clone(manners);
    std::thread::spawn(move || {
        for stream in tcp.incoming() {
            let (Ok(mut stream), manners) = (stream, Arc::clone(&of_tcp)) else { continue };
            std::thread::spawn(move || {
                let mut length = [0; 2];
                while stream.read_exact(&mut length).is_ok() {
                    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
                    if stream.read_exact(&mut message).is_err() {
                        return;
                    }
                    let Some(answer) = answer(&message, &manners) else { continue };
                    let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
                    let _ = stream.write_all(&[&length[..], &answer].concat());
                }
            });
        }
    });
}

/// An answer to a message; none when it is no question, or when manners say nothing.
fn answer(message: &[u8], manners: &Manners) -> Option<Vec<u8>> {
    let (name, end) = name_at(message)?;
    let kind = u16::from_be_bytes(message.get(end..end + 2)?.try_into().ok()?);
    let mut question = message.get(12..end + 4)?.to_vec();
    let mut said = manners(&Question { name: name.to_lowercase(), kind });
    if let Says::InSmallLetters(other) = said {
        // The name alone: a type is a number.
        let name = question.len() - 4;
        question[..name].make_ascii_lowercase();
        said = *other;
    }
    let (code, records) = match said {
        Says::Records(records) => (0, records),
        Says::NoSuchName => (3, Vec::new()),
        Says::Fails => (2, Vec::new()),
        Says::Refuses => (5, Vec::new()),
        Says::Nothing | Says::InSmallLetters(_) => return None,
    };
    let count = u16::try_from(records.len()).unwrap().to_be_bytes();
    // An answer with authority to one question (RFC 1035 §4.1.1).
    let mut written = [&message[..2], &[0x84, code, 0, 1], &count, &[0, 0, 0, 0], &question].concat();
    for (kind, data) in records {
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        written.extend([&[0xc0, 12][..], &kind.to_be_bytes(), &[0, 1, 0, 0, 0, 60], &length, &data].concat());
    }
    Some(written)
}

/// The question's name, and where it ends.
fn name_at(message: &[u8]) -> Option<(String, usize)> {
    let (mut labels, mut at) = (Vec::new(), 12);
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        labels.push(String::from_utf8_lossy(message.get(at..at + length)?).into_owned());
        at += length;
    }
}

/// A name in a record's data.
pub(crate) fn name(text: &str) -> Vec<u8> {
    let labels = text.split('.').flat_map(|label| [&[u8::try_from(label.len()).unwrap()], label.as_bytes()].concat());
    labels.chain([0]).collect()
}

/// The zone's start, by this server.
pub(crate) fn soa(server: &str) -> Vec<u8> {
    soa_of(server, 1)
}

/// The same, of this version of the zone.
pub(crate) fn soa_of(server: &str, serial: u32) -> Vec<u8> {
    let numbers = [serial, 3_600, 600, 86_400, 60].map(u32::to_be_bytes).concat();
    [name(server), name("hostmaster.provider.test"), numbers].concat()
}
