//! What a CA has counted by itself, as Let's Encrypt documents its limits: the witness of our own accounting.

use padlock::domain::limits::{Counted, Limit, Limits, Rule};
use padlock::domain::time::Millis;
use std::collections::{HashMap, HashSet, VecDeque};

/// A CA's own count.
#[derive(Default)]
pub(crate) struct Ledger {
    limits: Limits,
    spent: HashMap<(&'static str, String), VecDeque<Millis>>,
    names: HashSet<String>,
    /// Orders that it had to refuse: each is one too many.
    pub(crate) overruns: Vec<String>,
}

impl Ledger {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// How this CA counts an order; `advised` when it names a certificate that should be replaced by now.
    pub(crate) fn counted(&self, name: &str, advised: bool) -> Counted {
        match advised {
            true => Counted::Replacement,
            false if self.names.contains(name) => Counted::Renewal,
            false => Counted::New,
        }
    }

    /// Opens an order, if no limit is reached.
    pub(crate) fn open(&mut self, name: &str, counted: Counted, now: Millis) -> Result<(), String> {
        for (rule, limit) in self.limits.rules(counted) {
            let spent = self.spent.entry(whose(rule, name)).or_default();
            forget(spent, limit, now);
            if spent.len() >= limit.count as usize {
                let words = rule.words(limit, "scripted", name, registrable(name));
                self.overruns.push(format!("{words}, at {now:?}"));
                return Err(words);
            }
        }
        if counted == Counted::New {
            self.spend(Rule::Orders, name, now);
        }
        Ok(())
    }

    pub(crate) fn issued(&mut self, name: &str, counted: Counted, now: Millis) {
        self.names.insert(name.to_owned());
        match counted {
            Counted::New => [Rule::Domain, Rule::Name].into_iter().for_each(|rule| self.spend(rule, name, now)),
            Counted::Renewal => self.spend(Rule::Name, name, now),
            Counted::Replacement => {}
        }
    }

    pub(crate) fn failed(&mut self, name: &str, now: Millis) {
        self.spend(Rule::Failures, name, now);
    }

    fn spend(&mut self, rule: Rule, name: &str, now: Millis) {
        self.spent.entry(whose(rule, name)).or_default().push_back(now);
    }
}

fn whose(rule: Rule, name: &str) -> (&'static str, String) {
    let subject = match rule {
        Rule::Orders => "",
        Rule::Domain => registrable(name),
        Rule::Name | Rule::Failures => name,
    };
    (rule.problem_name(), subject.to_owned())
}

/// The last two labels: what the stage's private suffix makes of its names.
fn registrable(name: &str) -> &str {
    name.rmatch_indices('.').nth(1).map_or(name, |(dot, _)| &name[dot + 1..])
}

fn forget(spent: &mut VecDeque<Millis>, limit: Limit, now: Millis) {
    while spent.front().is_some_and(|at| now.since(*at) >= limit.window_ms) {
        spent.pop_front();
    }
}
