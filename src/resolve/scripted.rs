//! Scripted DNS servers on loopback, UDP and TCP, for this folder's tests: real sockets, small zones, and moods.

use hickory_resolver::proto::op::{Message, OpCode, Query, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, CNAME, NS, SOA, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard};

/// How a server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    Well,
    Silent,
    /// Says nothing about names below this one: as a resolver does while it waits for a dead zone.
    SilentAbout(&'static str),
    Answering(ResponseCode),
    /// Says over UDP that the answer does not fit.
    Truncating,
    /// Does not understand EDNS, and does not echo what it did not understand.
    Old,
    /// Gives the question back in lower case.
    LosingCase,
    /// Sends forged answers before its own: another id, another question, another case.
    Forged,
    /// Answers without authority.
    Forwarding,
    /// Never answers over UDP.
    TcpOnly,
    /// Sends bytes that are no DNS message after the right id.
    Garbled,
}

/// One server: authoritative for a zone, or a resolver (its zone is the root).
pub(super) struct Server {
    pub(super) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    zone: Name,
    records: Vec<Record>,
    mood: Mood,
    asked: Vec<String>,
}

pub(super) fn name(text: &str) -> Name {
    let mut name = Name::from_ascii(text).expect("a name");
    name.set_fqdn(true);
    name
}

/// `host TYPE value`, as in a zone file; the time to live is a minute.
fn record(line: &str) -> Record {
    let mut words = line.splitn(3, ' ');
    let (owner, rtype, value) = (words.next(), words.next(), words.next());
    let value = value.expect("a value");
    let data = match rtype.expect("a type") {
        "A" => RData::A(A(value.parse().expect("an address"))),
        "CNAME" => RData::CNAME(CNAME(name(value))),
        "NS" => RData::NS(NS(name(value))),
        "TXT" => RData::TXT(TXT::new(value.split('|').map(str::to_owned).collect())),
        other => panic!("no such type here: {other}"),
    };
    Record::from_rdata(name(owner.expect("an owner")), 60, data)
}

impl Server {
    /// Binds UDP and TCP at one port; port 0 finds a free one.
    pub(super) fn start(ip: Ipv4Addr, port: u16, zone: &str) -> Option<Self> {
        let udp = UdpSocket::bind((ip, port)).ok()?;
        let address = udp.local_addr().ok()?;
        let tcp = TcpListener::bind(address).ok()?;
        let state = State { zone: name(zone), records: Vec::new(), mood: Mood::Well, asked: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        let (for_udp, for_tcp) = (Arc::clone(&state), Arc::clone(&state));
        std::thread::spawn(move || serve_udp(&udp, &for_udp));
        std::thread::spawn(move || serve_tcp(&tcp, &for_tcp));
        Some(Self { address, state })
    }

    pub(super) fn add(&self, lines: &[&str]) -> &Self {
        self.state().records.extend(lines.iter().map(|line| record(line)));
        self
    }

    pub(super) fn remove(&self, owner: &str) {
        self.state().records.retain(|record| record.name != name(owner));
    }

    pub(super) fn set(&self, mood: Mood) {
        self.state().mood = mood;
    }

    /// What it was asked since the last time: `udp name TYPE`.
    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state().asked)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a server's state")
    }
}

/// Servers at 127.0.0.2, .3, … at one port, each for its zone.
pub(super) fn servers(zones: &[&str]) -> Vec<Server> {
    for _ in 0..50 {
        let Some(first) = Server::start(Ipv4Addr::new(127, 0, 0, 2), 0, zones[0]) else { continue };
        let port = first.address.port();
        let others =
            zones[1..].iter().zip(3..).map(|(zone, last)| Server::start(Ipv4Addr::new(127, 0, 0, last), port, zone));
        if let Some(others) = others.collect::<Option<Vec<Server>>>() {
            return std::iter::once(first).chain(others).collect();
        }
    }
    panic!("no port is free on all addresses");
}

fn serve_udp(socket: &UdpSocket, state: &Mutex<State>) {
    let mut buffer = [0; 4096];
    while let Ok((length, peer)) = socket.recv_from(&mut buffer) {
        let Ok(question) = Message::from_vec(&buffer[..length]) else { continue };
        for reply in state.lock().expect("a server's state").replies(&question, "udp") {
            let _ = socket.send_to(&reply, peer);
        }
    }
}

fn serve_tcp(listener: &TcpListener, state: &Mutex<State>) {
    for stream in listener.incoming() {
        let Ok(mut stream) = stream else { continue };
        let mut length = [0; 2];
        if stream.read_exact(&mut length).is_err() {
            continue;
        }
        let mut bytes = vec![0; usize::from(u16::from_be_bytes(length))];
        if stream.read_exact(&mut bytes).is_err() {
            continue;
        }
        let Ok(question) = Message::from_vec(&bytes) else { continue };
        let replies = state.lock().expect("a server's state").replies(&question, "tcp");
        for reply in replies {
            let length = u16::try_from(reply.len()).expect("fits");
            let _ = stream.write_all(&[&length.to_be_bytes(), reply.as_slice()].concat());
        }
    }
}

impl State {
    fn replies(&mut self, question: &Message, transport: &str) -> Vec<Vec<u8>> {
        let query = &question.queries[0];
        self.asked.push(format!("{transport} {} {}", query.name.to_lowercase(), query.query_type));
        let mut reply = self.reply(question);
        let bytes = |message: &Message| message.to_vec().expect("encodes");
        match (self.mood, transport) {
            (Mood::Silent, _) | (Mood::TcpOnly, "udp") => return Vec::new(),
            (Mood::SilentAbout(zone), _) if name(zone).zone_of(&query.name) => return Vec::new(),
            (Mood::Answering(code), _) => {
                reply.answers.clear();
                reply.authorities.clear();
                reply.metadata.response_code = code;
            }
            (Mood::Truncating, "udp") => {
                reply.answers.clear();
                reply.metadata.truncation = true;
            }
            (Mood::Old, _) if question.edns.is_some() => {
                return vec![bytes(&Message::error_msg(question.metadata.id, OpCode::Query, ResponseCode::FormErr))];
            }
            (Mood::LosingCase, _) => reply.queries[0].name = query.name.to_lowercase(),
            (Mood::Forwarding, _) => reply.metadata.authoritative = false,
            (Mood::Garbled, _) => {
                let mut garbled = bytes(&reply);
                garbled.truncate(12);
                garbled.extend([0xc0, 0x0c, 0xff, 0xff, 0xff]);
                return vec![garbled];
            }
            (Mood::Forged, "udp") => {
                let forged = |change: fn(&mut Message)| {
                    let mut message = reply.clone();
                    message.answers = vec![record(&format!("{} TXT forged", query.name))];
                    change(&mut message);
                    bytes(&message)
                };
                let other_id = forged(|message| message.metadata.id ^= 0x5555);
                let other_question =
                    forged(|message| message.queries[0] = Query::query(name("other.test"), RecordType::TXT));
                let garbage = vec![0xff; 40];
                return vec![other_id, other_question, garbage, bytes(&reply)];
            }
            _ => {}
        }
        vec![bytes(&reply)]
    }

    fn reply(&self, question: &Message) -> Message {
        let query = &question.queries[0];
        let asked = &query.name;
        let mut reply = Message::response(question.metadata.id, OpCode::Query);
        reply.add_query(query.clone());
        if !self.zone.zone_of(asked) {
            reply.metadata.response_code = ResponseCode::Refused;
            return reply;
        }
        let is_resolver = self.zone.is_root();
        let is_cut = |record: &&Record| {
            matches!(record.data, RData::NS(_)) && record.name != self.zone && record.name.zone_of(asked)
        };
        let cut: Vec<Record> = self.records.iter().filter(is_cut).cloned().collect();
        if !is_resolver && !cut.is_empty() {
            reply.add_authorities(cut);
            return reply;
        }
        reply.metadata.authoritative = !is_resolver;
        let here: Vec<&Record> = self.records.iter().filter(|record| record.name == *asked).collect();
        let fits =
            |record: &&&Record| record.record_type() == query.query_type || matches!(record.data, RData::CNAME(_));
        reply.add_answers(here.iter().filter(fits).map(|record| (**record).clone()));
        if reply.answers.is_empty() {
            let soa = RData::SOA(SOA::new(name("ns"), name("host"), 1, 2, 3, 4, 5));
            let apex = if is_resolver { asked.base_name() } else { self.zone.clone() };
            reply.add_authority(Record::from_rdata(apex, 60, soa));
            if !self.records.iter().any(|record| asked.zone_of(&record.name)) {
                reply.metadata.response_code = ResponseCode::NXDomain;
            }
        }
        reply
    }
}

/// Loopback's first address, where no scripted server listens.
pub(super) const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
