//! Reading an observation: the rows about one question, and what they hold together.

use super::{Answer, Kind, Message, Observation, Record, Said, Who};
use std::net::IpAddr;

/// Aliases that are followed at most: what CAs' resolvers follow (Unbound and others stop at about this).
const HOPS: usize = 11;

impl Observation {
    /// Whether anybody said anything. When nobody did, the fault is ours, and the pass says nothing about the name.
    #[must_use]
    pub fn heard_somebody(&self) -> bool {
        self.answers.iter().any(|answer| matches!(answer.said, Said::Message(_)))
    }

    /// The zone's own name; empty when it was not found.
    #[must_use]
    pub fn zone(&self) -> &str {
        self.delegation.zone.as_deref().unwrap_or_default()
    }

    /// What the zone's servers, or those of a zone below it, were asked.
    pub fn authorities<'a>(&'a self, name: &'a str, kind: Kind) -> impl Iterator<Item = &'a Answer> {
        self.asked(name, kind).filter(|answer| matches!(answer.who, Who::Authority { .. }))
    }

    /// What servers of the zone above were asked.
    pub fn parents<'a>(&'a self, name: &'a str, kind: Kind) -> impl Iterator<Item = &'a Answer> {
        self.asked(name, kind).filter(|answer| matches!(answer.who, Who::Parent { .. }))
    }

    /// What validating resolvers were asked.
    pub fn resolvers<'a>(&'a self, name: &'a str, kind: Kind) -> impl Iterator<Item = &'a Answer> {
        self.asked(name, kind).filter(|answer| answer.who == Who::Resolver)
    }

    /// What resolvers were asked without validating.
    pub fn unchecked<'a>(&'a self, name: &'a str, kind: Kind) -> impl Iterator<Item = &'a Answer> {
        self.asked(name, kind).filter(|answer| answer.who == Who::ResolverUnchecked)
    }

    fn asked<'a>(&'a self, name: &'a str, kind: Kind) -> impl Iterator<Item = &'a Answer> {
        self.answers.iter().filter(move |answer| answer.kind == kind && answer.name == name)
    }

    /// What the authorities said, where they said something.
    pub fn heard<'a>(&'a self, name: &'a str, kind: Kind) -> impl Iterator<Item = (&'a Answer, &'a Message)> {
        self.authorities(name, kind).filter_map(|answer| Some((answer, answer.heard()?)))
    }

    /// Every record of this type at this name that an authority gave, each value once.
    #[must_use]
    pub fn records<'a>(&'a self, name: &'a str, kind: Kind) -> Vec<&'a Record> {
        let mut found: Vec<&'a Record> = Vec::new();
        for answer in self.authorities(name, kind) {
            for record in answer.heard().into_iter().flat_map(|message| message.records.iter()) {
                let here = record.kind == kind && record.name == name;
                if here && !found.iter().any(|known| known.value == record.value) {
                    found.push(record);
                }
            }
        }
        found
    }

    /// The values of [`Self::records`].
    #[must_use]
    pub fn values<'a>(&'a self, name: &'a str, kind: Kind) -> Vec<&'a str> {
        self.records(name, kind).into_iter().map(|record| record.value.as_str()).collect()
    }

    /// The alias at a name, if there is one.
    #[must_use]
    pub fn alias<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.values(name, Kind::Cname).first().copied()
    }

    /// Where aliases lead from a name, and whether they come to an end.
    #[must_use]
    pub fn chain<'a>(&'a self, name: &str) -> (Vec<&'a str>, bool) {
        let next = |from: &str| {
            let by_anyone = self.answers.iter().filter_map(Answer::heard).flat_map(|message| message.records.iter());
            by_anyone
                .filter(|record| record.kind == Kind::Cname && record.name == from)
                .map(|record| record.value.as_str())
                .next()
        };
        let mut hops: Vec<&str> = Vec::new();
        let mut at = name;
        while let Some(target) = next(at) {
            if hops.contains(&target) || target == name || hops.len() >= HOPS {
                return (hops, false);
            }
            hops.push(target);
            at = target;
        }
        (hops, true)
    }

    /// The addresses at which visitors arrive, as authorities and resolvers say.
    #[must_use]
    pub fn addresses(&self) -> Vec<IpAddr> {
        let name = &self.subject.visited();
        let said = [Kind::A, Kind::Aaaa].into_iter().flat_map(|kind| self.asked(name, kind));
        let mut found: Vec<IpAddr> = said
            .filter_map(Answer::heard)
            .flat_map(|message| message.records.iter())
            .filter(|record| matches!(record.kind, Kind::A | Kind::Aaaa))
            .filter_map(|record| record.value.parse().ok())
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// Whether a random name beside this one answers the same: then a wildcard does.
    #[must_use]
    pub fn is_by_wildcard(&self, name: &str, kind: Kind) -> bool {
        // A wildcard itself is no name that another one could stand in for.
        let Some((first, parent)) = name.split_once('.') else { return false };
        if first == "*" {
            return false;
        }
        let random_name = format!("{}.{parent}", self.subject.random_label);
        let (mut here, mut random) = (self.values(name, kind), self.values(&random_name, kind));
        here.sort_unstable();
        random.sort_unstable();
        !here.is_empty() && here == random
    }
}

impl super::Subject {
    /// The name that is visited: for a wildcard, one below it that nobody has.
    #[must_use]
    pub fn visited(&self) -> String {
        if self.wildcard { format!("{}.{}", self.random_label, self.name) } else { self.name.clone() }
    }
}
