//! Zones that tests make: records as an owner types them, served from two addresses by servers with manners of their own.
//!
//! The sandbox delegates `made-1.test`, `made-2.test`… to two name servers that nobody runs until a test of this process
//! takes such a zone.

use super::hostile::{A, AAAA, CAA, CNAME, Manners, NS, Question, SOA, Says, TXT, name, serve, soa_of};
use super::sandbox::Sandbox;
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// The servers' names, by which `end2end/signed.sh` delegates to them.
pub(crate) const SERVERS: [&str; 2] = ["made-ns1.test", "made-ns2.test"];

/// How the servers of a zone behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As they should.
    Sound,
    /// The second does not serve the zone.
    Lame,
    /// Both fail.
    Failing,
    /// The second has a copy from before the owner typed anything.
    Stale,
    /// The zone itself names another server than the zone above it.
    Mismatch,
    /// Questions for CAA get no answer.
    Drops,
    /// The question's capital letters get lost.
    LosesCase,
    /// A name that has only names below it is denied.
    DeniesParents,
    /// Questions for CAA fail.
    FailsCaa,
    /// Both call themselves by another name than before, at the same addresses.
    Renamed,
}

/// A zone of this test, for as long as the process lives.
#[derive(Clone)]
pub(crate) struct MadeZone {
    /// Its name.
    pub(crate) name: String,
    state: Arc<Mutex<State>>,
}

struct State {
    manner: Manner,
    records: Vec<(String, u16, Vec<u8>)>,
}

type Zones = Mutex<HashMap<String, MadeZone>>;

static ZONES: OnceLock<Zones> = OnceLock::new();
static TAKEN: AtomicU32 = AtomicU32::new(0);

impl MadeZone {
    /// One that no other test has; with the first, the servers begin to answer.
    pub(crate) fn take(sandbox: &Sandbox, manner: Manner) -> Self {
        let zones = ZONES.get_or_init(|| {
            let port = sandbox.line("LAB_DNS_PORT").parse().unwrap();
            for (server, address) in sandbox.line("LAB_MADE_NS").split(' ').enumerate() {
                let manners: Manners = Arc::new(move |asked: &Question| answer(server, asked));
                serve(address.parse().unwrap(), port, &manners);
            }
            Zones::default()
        });
        let number = TAKEN.fetch_add(1, Ordering::Relaxed) + 1;
        let most: u32 = sandbox.line("LAB_MADE_ZONES").parse().unwrap();
        assert!(number <= most, "the sandbox delegates {most} zones");
        let name = format!("made-{number}.test");
        let state = Arc::new(Mutex::new(State { manner, records: Vec::new() }));
        let zone = Self { name: name.clone(), state };
        zones.lock().unwrap().insert(name, zone.clone());
        zone
    }

    /// Adds records: lines of `name. TTL TYPE data`.
    pub(crate) fn add(&self, lines: &[String]) {
        let records = lines.iter().map(|line| {
            let parts: Vec<&str> = line.splitn(4, ' ').collect();
            let (kind, data) = data(parts[2], parts[3]);
            (parts[0].trim_end_matches('.').to_lowercase(), kind, data)
        });
        self.state.lock().unwrap().records.extend(records);
    }

    /// Takes away all that stands at a name.
    pub(crate) fn delete(&self, owner: &str) {
        self.state.lock().unwrap().records.retain(|(name, ..)| name != owner);
    }

    /// From now on its servers behave so.
    pub(crate) fn behave(&self, manner: Manner) {
        self.state.lock().unwrap().manner = manner;
    }

    fn says(&self, server: usize, asked: &Question) -> Says {
        let state = self.state.lock().unwrap();
        let sound = || state.soundly(&self.name, server, asked);
        let parent = state.records.iter().any(|(owner, ..)| owner.ends_with(&format!(".{}", asked.name)));
        match state.manner {
            Manner::Failing => Says::Fails,
            Manner::Lame if server == 1 => Says::Refuses,
            Manner::Drops if asked.kind == CAA => Says::Nothing,
            Manner::FailsCaa if asked.kind == CAA => Says::Fails,
            Manner::LosesCase => Says::InSmallLetters(Box::new(sound())),
            Manner::DeniesParents if parent && asked.name != self.name && state.at(&asked.name).next().is_none() => {
                Says::NoSuchName
            }
            _ => sound(),
        }
    }
}

impl State {
    fn at<'a>(&'a self, owner: &'a str) -> impl Iterator<Item = (u16, Vec<u8>)> + 'a {
        let own = self.records.iter().filter(move |(name, ..)| name == owner);
        own.map(|(_, kind, data)| (*kind, data.clone()))
    }

    /// What a name server says that does its work, of the copy that this one has.
    fn soundly(&self, zone: &str, server: usize, asked: &Question) -> Says {
        let stale = self.manner == Manner::Stale && server == 1;
        if asked.name == zone {
            let own = match asked.kind {
                SOA => vec![(SOA, soa_of(SERVERS[0], if stale { 3 } else { 7 }))],
                NS => self.servers().iter().map(|server| (NS, name(server))).collect(),
                kind => self.at(zone).filter(|(own, _)| *own == kind && !stale).collect(),
            };
            return Says::Records(own);
        }
        if stale {
            return Says::NoSuchName;
        }
        let here: Vec<(u16, Vec<u8>)> = self.at(&asked.name).collect();
        let exists = self.records.iter().any(|(owner, ..)| owner.ends_with(&format!(".{}", asked.name)));
        if here.is_empty() && !exists {
            let (_, parent) = asked.name.split_once('.').unwrap();
            let wildcard: Vec<_> = self.at(&format!("*.{parent}")).collect();
            return if wildcard.is_empty() { Says::NoSuchName } else { of_kind(wildcard, asked.kind) };
        }
        of_kind(here, asked.kind)
    }

    fn servers(&self) -> [&'static str; 2] {
        match self.manner {
            Manner::Mismatch => [SERVERS[0], "ns9.elsewhere.test"],
            Manner::Renamed => ["made-ns3.test", "made-ns4.test"],
            _ => SERVERS,
        }
    }
}

/// Records of this type; else the alias, if one stands there.
fn of_kind(all: Vec<(u16, Vec<u8>)>, kind: u16) -> Says {
    let asked: Vec<_> = all.iter().filter(|(own, _)| *own == kind).cloned().collect();
    let given = if asked.is_empty() { all.into_iter().filter(|(own, _)| *own == CNAME).collect() } else { asked };
    Says::Records(given)
}

fn answer(server: usize, asked: &Question) -> Says {
    let zones = ZONES.get().unwrap().lock().unwrap();
    let own = zones
        .values()
        .find(|zone| asked.name.strip_suffix(&zone.name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    let own = own.cloned();
    drop(zones);
    own.map_or(Says::Refuses, |zone| zone.says(server, asked))
}

/// A record's type and data out of a zone file's form.
fn data(kind: &str, text: &str) -> (u16, Vec<u8>) {
    let string = |text: &str| {
        let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        text.replace("\\\"", "\"").replace("\\;", ";").into_bytes()
    };
    match kind {
        "A" => (A, text.parse::<Ipv4Addr>().unwrap().octets().to_vec()),
        "AAAA" => (AAAA, text.parse::<std::net::Ipv6Addr>().unwrap().octets().to_vec()),
        "CNAME" => (CNAME, name(text.trim_end_matches('.'))),
        "TXT" => {
            let text = string(text);
            (TXT, [&[u8::try_from(text.len()).unwrap()], text.as_slice()].concat())
        }
        "CAA" => {
            let parts: Vec<&str> = text.splitn(3, ' ').collect();
            let head = [parts[0].parse().unwrap(), u8::try_from(parts[1].len()).unwrap()];
            (CAA, [&head[..], parts[1].as_bytes(), &string(parts[2])].concat())
        }
        other => panic!("no zone here has {other}"),
    }
}
