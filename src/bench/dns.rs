//! The responder beside its peer: how late answers come at a given rate, and what a flood gets.
//!
//! Each question is sent when its time has come, whether or not earlier ones were answered, from many networks of
//! 127.0.0.0/8, since answers are limited by network. One thread sends and then looks at all sockets, so that up to half a
//! millisecond of what is measured is its own. `BENCH_DNS_OURS` and `BENCH_DNS_PEER` hold address, zone and process id.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread::sleep;
use std::time::Duration;
use tokio::time::Instant;

/// Questions a second, and for how long.
const RATE: u32 = 20_000;
const SPAN: Duration = Duration::from_secs(5);
/// Networks that share the rate: each stays below what one is answered.
const NETWORKS: usize = 250;
/// Networks beside a flood, and what each of them asks in a second.
const BYSTANDERS: usize = 50;
const BYSTANDER_RATE: u32 = 20;
/// An answer that comes later than this does not come.
const LATE: Duration = Duration::from_secs(1);
/// The generator rests so long between two looks.
const REST: Duration = Duration::from_micros(150);

/// Runs all three.
pub(crate) fn bench() {
    let (ours, peer) = (Target::named("BENCH_DNS_OURS"), Target::named("BENCH_DNS_PEER"));
    for (who, target) in [("Knot", &peer), ("Padlock", &ours)] {
        let before = target.cpu_ticks();
        let mut asked = Asked::default();
        let networks = (0..NETWORKS).map(|n| Client::of(network(n), target, RATE / NETWORKS as u32)).collect();
        drive(vec![(&mut asked, networks)]);
        let cpu_us = (target.cpu_ticks() - before) as f64 * 10_000.0 / f64::from(asked.sent);
        println!(
            "DNS at {RATE} questions a second from {NETWORKS} networks: {who} {asked}; {cpu_us:.1} us of CPU each"
        );
    }
    flood(&ours);
    from_everywhere(&ours);
}

/// One network floods, others ask as usual.
fn flood(target: &Target) {
    let (mut flood, mut others) = (Asked::default(), Asked::default());
    let bystanders = (1..=BYSTANDERS).map(|n| Client::of(network(n), target, BYSTANDER_RATE)).collect();
    drive(vec![(&mut flood, vec![Client::of(network(0), target, RATE)]), (&mut others, bystanders)]);
    let per_cent = |part: u32| 100.0 * f64::from(part) / f64::from(flood.sent);
    println!(
        "DNS flood of {RATE} a second from one network: {:.2} % answered, {:.1} % told to use TCP in {:.2} of the flood's bytes; \
         {BYSTANDERS} other networks: {others}",
        per_cent(flood.whole),
        per_cent(flood.cut),
        flood.bytes_heard as f64 / flood.bytes_sent as f64,
    );
}

/// One question from each of 65,000 networks: what the process keeps of them.
fn from_everywhere(target: &Target) {
    let (before, mut sent) = (target.resident_kb(), 0);
    for n in 0..65_000_u32 {
        let [_, high, low, _] = (n << 8).to_be_bytes();
        let Ok(socket) = UdpSocket::bind((Ipv4Addr::new(127, high, low, 77), 0)) else { continue };
        sent += u32::from(socket.send_to(&target.question, target.address).is_ok());
    }
    println!("DNS flood from {sent} networks: the process grew by {} KB", target.resident_kb() - before);
}

/// The n-th network's client: a /24 of its own.
fn network(n: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 200, n as u8, 1)
}

/// A server, and the question that it is asked: its zone's SOA, with EDNS.
struct Target {
    address: SocketAddr,
    question: Vec<u8>,
    pid: String,
}

impl Target {
    #[expect(clippy::disallowed_methods, reason = "where the peers are is no configuration of the product")]
    fn named(variable: &str) -> Self {
        let text = std::env::var(variable).expect("end2end/bench says where the servers are");
        let [address, zone, pid] = text.split(' ').collect::<Vec<_>>().try_into().expect("address, zone, process");
        let mut question = vec![0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1];
        for label in zone.split('.') {
            question.push(label.len() as u8);
            question.extend(label.bytes());
        }
        question.extend([0, 0, 6, 0, 1]);
        question.extend([0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0]);
        Self { address: address.parse().expect("an address"), question, pid: pid.to_owned() }
    }

    fn cpu_ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).expect("it runs");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split(' ').collect();
        [12, 13].map(|at| fields[at].parse::<u64>().expect("ticks")).iter().sum()
    }

    fn resident_kb(&self) -> i64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).expect("it runs");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its memory");
        line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("a number")
    }
}

/// What was asked and what came.
#[derive(Default)]
struct Asked {
    sent: u32,
    whole: u32,
    cut: u32,
    bytes_sent: usize,
    bytes_heard: usize,
    took: Vec<Duration>,
}

impl std::fmt::Display for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut took = self.took.clone();
        took.sort();
        let at = |share: f64| took.get(((took.len() as f64 * share) as usize).min(took.len().saturating_sub(1)));
        let ms = |share: f64| at(share).map_or(f64::NAN, |took| took.as_secs_f64() * 1_000.0);
        let answered = 100.0 * f64::from(self.whole) / f64::from(self.sent);
        write!(f, "{} questions, {answered:.2} % answered, ", self.sent)?;
        write!(f, "median {:.2} ms, 99th percentile {:.2} ms, last {:.2} ms", ms(0.5), ms(0.99), ms(1.0))
    }
}

/// A socket in one network, and when each of its questions left.
struct Client {
    socket: UdpSocket,
    question: Vec<u8>,
    rate: u32,
    sent: Vec<Option<Instant>>,
    next: u32,
}

impl Client {
    fn of(source: Ipv4Addr, target: &Target, rate: u32) -> Self {
        let socket = UdpSocket::bind((source, 0)).expect("an address of 127.0.0.0/8");
        socket.connect(target.address).expect("connects");
        socket.set_nonblocking(true).expect("does not block");
        Self { socket, question: target.question.clone(), rate, sent: vec![None; 1 << 16], next: 0 }
    }

    /// Sends what is due.
    fn send(&mut self, begun: Instant, asked: &mut Asked) {
        let due = (begun.elapsed().min(SPAN).as_secs_f64() * f64::from(self.rate)) as u32;
        while self.next < due {
            let id = self.next as u16;
            self.question[..2].copy_from_slice(&id.to_be_bytes());
            self.sent[usize::from(id)] = Some(Instant::now());
            if self.socket.send(&self.question).is_ok() {
                asked.sent += 1;
                asked.bytes_sent += self.question.len();
            }
            self.next += 1;
        }
    }

    fn hear(&mut self, asked: &mut Asked) {
        let mut answer = [0; 1_500];
        while let Ok(length) = self.socket.recv(&mut answer) {
            asked.bytes_heard += length;
            let id = usize::from(u16::from_be_bytes([answer[0], answer[1]]));
            let Some(sent) = self.sent[id].take() else { continue };
            let (truncated, refused) = (answer[2] & 2 != 0, answer[3] & 0x0f != 0);
            match (truncated, refused) {
                (true, _) => asked.cut += 1,
                (false, false) => {
                    asked.whole += 1;
                    asked.took.push(sent.elapsed());
                }
                (false, true) => {}
            }
        }
    }
}

/// Lets all of them ask at their rates, side by side.
fn drive(mut groups: Vec<(&mut Asked, Vec<Client>)>) {
    let begun = Instant::now();
    while begun.elapsed() < SPAN + LATE {
        for (asked, clients) in &mut groups {
            for client in clients {
                client.send(begun, asked);
                client.hear(asked);
            }
        }
        sleep(REST);
    }
}
