//! The DCV zone as an immutable value: apex, name servers, and the TXT values on show.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::Bound::{Included, Unbounded};
use std::sync::Arc;

use hickory_proto::rr::Name;
use thiserror::Error;

/// Names with values at one time. One per order in flight, and the CA's own limits end far below this.
pub const NAMES_MAX: usize = 100_000;
/// Values at one name. A wildcard and its parent share a name, retries add to it; 64 of 255 bytes still fit one TCP message.
pub const VALUES_PER_NAME_MAX: usize = 64;
/// Bytes in one value: one character-string (RFC 1035 §3.3). ACME's values have 43.
pub const VALUE_MAX_BYTES: usize = 255;
/// Bytes in a name as text, without the last dot (RFC 1035 §2.3.4).
const NAME_MAX_BYTES: usize = 253;
/// Bytes in one label (RFC 1035 §2.3.4).
const LABEL_MAX_BYTES: usize = 63;

/// Why a name, an address or a value cannot be in the zone.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ZoneProblem {
    /// Not a lower-case host name of letters, digits, `-` and `_`, or too long.
    #[error("{0:?} is not a name that this zone can hold")]
    Name(String),
    /// A zone without name servers cannot be delegated to.
    #[error("the zone needs at least one name server")]
    NoNameServer,
    /// An address was given for something that is no name server below the apex.
    #[error("{0:?} is not one of the zone's own name servers")]
    NotOurNameServer(String),
    /// The value is empty or longer than [`VALUE_MAX_BYTES`].
    #[error("a TXT value has 1 to {VALUE_MAX_BYTES} bytes, this one has {0}")]
    Value(usize),
    /// More than [`NAMES_MAX`] names.
    #[error("the zone holds at most {NAMES_MAX} names")]
    TooManyNames,
    /// More than [`VALUES_PER_NAME_MAX`] values at a name.
    #[error("{0:?} holds at most {VALUES_PER_NAME_MAX} values")]
    TooManyValues(String),
}

/// What stands at a name.
#[derive(Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// The name is not in this zone at all.
    Outside,
    /// The name is in the zone and does not exist: NXDOMAIN.
    Nothing,
    /// The name exists; with no data of its own it is an empty non-terminal (RFC 8020).
    Node(Node<'a>),
}

/// A name that exists.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Node<'a> {
    /// The name is the zone's own: SOA and NS live here.
    pub apex: bool,
    /// TXT values on show, in order.
    pub texts: Option<&'a BTreeSet<String>>,
    /// Addresses, when the name is one of our name servers.
    pub addresses: &'a [IpAddr],
}

/// One generation of the zone. Cloning copies the map's pointers, not the values.
#[derive(Debug, Clone)]
pub struct Zone {
    frame: Arc<Frame>,
    serial: u32,
    texts: BTreeMap<Key, Arc<BTreeSet<String>>>,
}

/// What does not change while the process runs.
#[derive(Debug, Clone)]
struct Frame {
    apex: Name,
    apex_text: String,
    ns_names: Vec<Name>,
    hosts: BTreeMap<Key, Vec<IpAddr>>,
}

/// A name below the apex, lower case, nearest label first, joined by dots: all that is below `a` begins with `a.`, so one
/// look into an ordered map tells an empty non-terminal from nothing. The empty key is the apex.
/// Shared, since each generation has a map of its own.
type Key = Arc<str>;

impl Zone {
    /// An empty zone. `serial` is what the first generation says in its SOA; the start time in seconds goes up over restarts.
    /// A name server below the apex exists without an address until [`Zone::with_address`] gives it one.
    pub fn new<'a>(apex: &str, ns_names: impl IntoIterator<Item = &'a str>, serial: u32) -> Result<Self, ZoneProblem> {
        let (apex_text, apex) = (trimmed(apex).to_owned(), absolute_name(apex)?);
        let (mut names, mut hosts) = (Vec::new(), BTreeMap::new());
        for text in ns_names {
            if let Some(key) = key_below(trimmed(text), &apex_text) {
                hosts.insert(key, Vec::new());
            }
            names.push(absolute_name(text)?);
        }
        if names.is_empty() {
            return Err(ZoneProblem::NoNameServer);
        }
        let frame = Arc::new(Frame { apex, apex_text, ns_names: names, hosts });
        Ok(Self { frame, serial, texts: BTreeMap::new() })
    }

    /// Adds an address (an A or AAAA record) to a name server that lives in this zone.
    pub fn with_address(mut self, ns_name: &str, address: IpAddr) -> Result<Self, ZoneProblem> {
        let frame = Arc::make_mut(&mut self.frame);
        let addresses = key_below(trimmed(ns_name), &frame.apex_text)
            .and_then(|key| frame.hosts.get_mut(&key))
            .ok_or_else(|| ZoneProblem::NotOurNameServer(ns_name.to_owned()))?;
        if !addresses.contains(&address) {
            addresses.push(address);
        }
        Ok(self)
    }

    /// The next generation, with one more value at `label` (lower case, relative to the apex).
    pub fn showing(&self, label: &str, value: &str) -> Result<Self, ZoneProblem> {
        let mut next = self.next();
        next.insert(label, value)?;
        Ok(next)
    }

    /// The next generation, without this value. The last value's name goes with it.
    pub fn hiding(&self, label: &str, value: &str) -> Self {
        let mut next = self.next();
        let key = reversed(label);
        let empty = next.texts.get_mut(&key).is_some_and(|values| {
            let values = Arc::make_mut(values);
            values.remove(value);
            values.is_empty()
        });
        if empty {
            next.texts.remove(&key);
        }
        next
    }

    /// The next generation, with exactly these values.
    pub fn with_values<L, V>(&self, values: impl IntoIterator<Item = (L, V)>) -> Result<Self, ZoneProblem>
    where
        L: AsRef<str>,
        V: AsRef<str>,
    {
        let serial = self.serial.wrapping_add(1);
        let mut next = Self { frame: Arc::clone(&self.frame), serial, texts: BTreeMap::new() };
        for (label, value) in values {
            next.insert(label.as_ref(), value.as_ref())?;
        }
        Ok(next)
    }

    /// The next generation, with exactly these values at `label`.
    pub fn with_values_at(&self, label: &str, values: &[String]) -> Result<Self, ZoneProblem> {
        let mut next = self.next();
        next.texts.remove(&reversed(label));
        for value in values {
            next.insert(label, value)?;
        }
        Ok(next)
    }

    /// Is this value on show?
    pub fn shows(&self, label: &str, value: &str) -> bool {
        self.texts.get(&reversed(label)).is_some_and(|values| values.contains(value))
    }

    /// Do both generations show the same values?
    pub fn same_values(&self, other: &Self) -> bool {
        self.texts == other.texts
    }

    /// Values on show, over all names.
    pub fn value_count(&self) -> usize {
        self.texts.values().map(|values| values.len()).sum()
    }

    /// The SOA's serial. Goes up by one with each generation and wraps (RFC 1982).
    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// The zone's own name.
    pub fn apex(&self) -> &Name {
        &self.frame.apex
    }

    /// The name servers, the primary first.
    pub fn ns_names(&self) -> &[Name] {
        &self.frame.ns_names
    }

    /// What stands at an absolute name, whatever its letters' case.
    pub fn find(&self, name: &Name) -> Found<'_> {
        let apex = &self.frame.apex;
        if !apex.zone_of(name) {
            return Found::Outside;
        }
        let below = name.iter().len() - apex.iter().len();
        if below == 0 {
            return Found::Node(Node { apex: true, ..Node::default() });
        }
        // No name that we hold has other characters, so such a name cannot exist; and a dot inside a label can't pass for two.
        let Some(key) = key_of(name.iter().take(below)) else { return Found::Nothing };
        let texts = self.texts.get(key.as_str()).map(Arc::as_ref);
        match (texts, self.frame.hosts.get(key.as_str())) {
            (None, None) if !has_below(&self.texts, &key) && !has_below(&self.frame.hosts, &key) => Found::Nothing,
            (texts, host) => Found::Node(Node { apex: false, texts, addresses: host.map_or(&[], Vec::as_slice) }),
        }
    }

    fn next(&self) -> Self {
        Self { serial: self.serial.wrapping_add(1), ..self.clone() }
    }

    fn insert(&mut self, label: &str, value: &str) -> Result<(), ZoneProblem> {
        let whole = label.len() + 1 + self.frame.apex_text.len();
        if !is_name(label) || whole > NAME_MAX_BYTES {
            return Err(ZoneProblem::Name(label.to_owned()));
        }
        if value.is_empty() || value.len() > VALUE_MAX_BYTES {
            return Err(ZoneProblem::Value(value.len()));
        }
        let key = reversed(label);
        if self.texts.len() >= NAMES_MAX && !self.texts.contains_key(&key) {
            return Err(ZoneProblem::TooManyNames);
        }
        let values = Arc::make_mut(self.texts.entry(key).or_default());
        if values.len() >= VALUES_PER_NAME_MAX && !values.contains(value) {
            return Err(ZoneProblem::TooManyValues(label.to_owned()));
        }
        values.insert(value.to_owned());
        Ok(())
    }
}

fn trimmed(text: &str) -> &str {
    text.strip_suffix('.').unwrap_or(text)
}

fn absolute_name(text: &str) -> Result<Name, ZoneProblem> {
    let problem = || ZoneProblem::Name(text.to_owned());
    if !is_name(trimmed(text)) || trimmed(text).len() > NAME_MAX_BYTES {
        return Err(problem());
    }
    Name::from_labels(trimmed(text).split('.').map(str::as_bytes)).map_err(|_| problem())
}

fn is_name(text: &str) -> bool {
    text.split('.').all(|label| (1..=LABEL_MAX_BYTES).contains(&label.len()) && label.bytes().all(is_ours))
}

fn is_ours(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_')
}

fn key_below(name: &str, apex: &str) -> Option<Key> {
    name.strip_suffix(apex).and_then(|rest| rest.strip_suffix('.')).map(reversed)
}

fn reversed(relative: &str) -> Key {
    relative.rsplit('.').collect::<Vec<_>>().join(".").into()
}

fn key_of<'a>(labels: impl DoubleEndedIterator<Item = &'a [u8]>) -> Option<String> {
    let mut key = String::new();
    for label in labels.rev() {
        if !key.is_empty() {
            key.push('.');
        }
        for byte in label {
            let lower = byte.to_ascii_lowercase();
            is_ours(lower).then(|| key.push(char::from(lower)))?;
        }
    }
    Some(key)
}

fn has_below<T>(map: &BTreeMap<Key, T>, key: &str) -> bool {
    let prefix = format!("{key}.");
    let first = map.range::<str, _>((Included(prefix.as_str()), Unbounded)).next();
    first.is_some_and(|(key, _)| key.starts_with(&prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> Zone {
        Zone::new("dcv.example.net", ["ns1.dcv.example.net", "ns2.example.org."], 7).unwrap()
    }

    #[track_caller]
    fn check(zone: &Zone, name: &str, found: &str) {
        let seen = match zone.find(&Name::from_ascii(name).unwrap()) {
            Found::Outside => "outside".to_owned(),
            Found::Nothing => "nothing".to_owned(),
            Found::Node(Node { apex: true, .. }) => "apex".to_owned(),
            Found::Node(Node { texts: Some(texts), .. }) => texts.iter().cloned().collect::<Vec<_>>().join(" "),
            Found::Node(_) => "empty".to_owned(),
        };
        assert_eq!(seen, found, "{name}");
    }

    #[test]
    fn names_are_found_whatever_their_case_and_only_below_the_apex() {
        let zone = zone().showing("a", "1").unwrap().showing("a", "2").unwrap().showing("x.y-z.b", "3").unwrap();
        check(&zone, "a.dcv.example.net.", "1 2");
        check(&zone, "A.DcV.eXample.NET.", "1 2");
        check(&zone, "x.y-z.b.dcv.example.net.", "3");
        check(&zone, "y-z.b.dcv.example.net.", "empty");
        check(&zone, "b.dcv.example.net.", "empty");
        check(&zone, "y.b.dcv.example.net.", "nothing");
        check(&zone, "b.a.dcv.example.net.", "nothing");
        check(&zone, "*.dcv.example.net.", "nothing");
        check(&zone, "dcv.example.net.", "apex");
        check(&zone, "ns1.dcv.example.net.", "empty");
        check(&zone, "example.net.", "outside");
        check(&zone, "a.xdcv.example.net.", "outside");
        check(&zone, ".", "outside");
    }

    #[test]
    fn a_dot_inside_a_label_is_not_a_boundary() {
        let zone = zone().showing("x.b", "3").unwrap();
        let name = Name::from_labels([&b"x.b"[..], b"dcv", b"example", b"net"]).unwrap();
        assert_eq!(zone.find(&name), Found::Nothing);
    }

    #[test]
    fn the_last_value_takes_its_name_along() {
        let zone = zone().showing("x.b", "1").unwrap().showing("x.b", "2").unwrap().hiding("x.b", "1");
        check(&zone, "x.b.dcv.example.net.", "2");
        let zone = zone.hiding("x.b", "2");
        check(&zone, "x.b.dcv.example.net.", "nothing");
        check(&zone, "b.dcv.example.net.", "nothing");
        assert_eq!((zone.value_count(), zone.serial()), (0, 11));
    }

    #[test]
    fn what_cannot_be_in_the_zone_is_refused() {
        let zone = zone();
        for label in ["", "A", "a..b", "a.", "a b", "ü", &"a".repeat(64), &["a".repeat(63).as_str(); 4].join(".")] {
            assert_eq!(zone.showing(label, "v").unwrap_err(), ZoneProblem::Name(label.to_owned()));
        }
        assert!(zone.showing(&"a".repeat(63), "v").is_ok());
        assert_eq!(zone.showing("a", "").unwrap_err(), ZoneProblem::Value(0));
        assert_eq!(zone.showing("a", &"v".repeat(256)).unwrap_err(), ZoneProblem::Value(256));
        assert!(zone.showing("a", &"v".repeat(255)).is_ok());
        let full = zone.with_values((0..VALUES_PER_NAME_MAX).map(|n| ("a", n.to_string()))).unwrap();
        assert!(full.showing("a", "0").is_ok());
        assert_eq!(full.showing("a", "x").unwrap_err(), ZoneProblem::TooManyValues("a".to_owned()));
        let full = zone.with_values((0..NAMES_MAX).map(|n| (format!("n{n}"), "v"))).unwrap();
        assert_eq!(full.showing("a", "x").unwrap_err(), ZoneProblem::TooManyNames);
        assert!(full.showing("n0", "x").is_ok());
    }

    #[test]
    fn the_frame_is_checked() {
        assert_eq!(Zone::new("dcv.test", [], 0).unwrap_err(), ZoneProblem::NoNameServer);
        assert_eq!(Zone::new("", ["ns.test"], 0).unwrap_err(), ZoneProblem::Name(String::new()));
        assert_eq!(Zone::new("dcv.test", ["n s"], 0).unwrap_err(), ZoneProblem::Name("n s".to_owned()));
        let address = IpAddr::from([192, 0, 2, 1]);
        assert!(zone().with_address("ns1.dcv.example.net.", address).is_ok());
        let problem = zone().with_address("ns2.example.org", address).unwrap_err();
        assert_eq!(problem, ZoneProblem::NotOurNameServer("ns2.example.org".to_owned()));
    }
}
