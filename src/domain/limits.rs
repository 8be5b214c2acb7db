//! What a CA lets an account have, as our own accounting keeps to it.
//!
//! A CA that has to refuse an order has been asked once too often: each order is counted here first, in the transaction
//! that plans it. Nothing is known of most CAs' limits; Let's Encrypt's are published
//! (<https://letsencrypt.org/docs/rate-limits/>), and an operator may name others.

use super::time::{DAY_MS, HOUR_MS, Millis};
use serde::{Deserialize, Serialize};

/// At most so many in any stretch of time this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub count: u32,
    /// In how many milliseconds.
    pub window_ms: i64,
}

impl Limit {
    /// When a place is free again that was taken at `taken_at`: a twentieth of the window later than by our own clock, since
    /// the CA counts from when it heard of the order or issued.
    #[must_use]
    pub const fn free_at(self, taken_at: Millis) -> Millis {
        taken_at.plus(self.window_ms.saturating_add(self.window_ms / 20))
    }

    /// Places taken at this time or before are free at `now`.
    #[must_use]
    pub const fn freed_before(self, now: Millis) -> Millis {
        now.plus(-self.window_ms.saturating_add(self.window_ms / 20))
    }
}

/// A CA's limits; none where nothing is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// New orders of the account.
    pub orders: Option<Limit>,
    /// Certificates for names under one registered domain.
    pub certificates_per_domain: Option<Limit>,
    /// Certificates for exactly the same name.
    pub certificates_per_name: Option<Limit>,
    /// Validations of one name that failed.
    pub failures_per_name: Option<Limit>,
}

impl Limits {
    /// No limit is known.
    pub const NONE: Self =
        Self { orders: None, certificates_per_domain: None, certificates_per_name: None, failures_per_name: None };

    /// Let's Encrypt's.
    pub const LETS_ENCRYPT: Self = Self {
        orders: Some(Limit { count: 300, window_ms: 3 * HOUR_MS }),
        certificates_per_domain: Some(Limit { count: 50, window_ms: 7 * DAY_MS }),
        certificates_per_name: Some(Limit { count: 5, window_ms: 7 * DAY_MS }),
        failures_per_name: Some(Limit { count: 5, window_ms: HOUR_MS }),
    };

    /// What is known of the CA whose directory is at this host.
    #[must_use]
    pub fn of_host(host: &str) -> Self {
        let ours = host == "letsencrypt.org" || host.ends_with(".letsencrypt.org");
        if ours { Self::LETS_ENCRYPT } else { Self::NONE }
    }

    /// The rules that an order has to keep.
    #[must_use]
    pub fn rules(&self, counted: Counted) -> Vec<(Rule, Limit)> {
        let all = [
            (Rule::Orders, self.orders),
            (Rule::Domain, self.certificates_per_domain),
            (Rule::Name, self.certificates_per_name),
            (Rule::Failures, self.failures_per_name),
        ];
        let applies = |rule: Rule| match counted {
            Counted::New => true,
            Counted::Renewal => matches!(rule, Rule::Name | Rule::Failures),
            Counted::Replacement => false,
        };
        all.into_iter().filter(|(rule, _)| applies(*rule)).filter_map(|(rule, limit)| Some((rule, limit?))).collect()
    }
}

/// How a CA counts an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counted {
    /// By every rule.
    #[default]
    New,
    /// The same name again at the same CA: neither against the account nor against the registered domain.
    Renewal,
    /// A renewal that names what it replaces, in the window that the CA asked for (RFC 9773 §5): not at all.
    Replacement,
}

impl Counted {
    /// The word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Renewal => "renewal",
            Self::Replacement => "replacement",
        }
    }
}

/// One of a CA's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rule {
    /// [`Limits::orders`].
    Orders,
    /// [`Limits::certificates_per_domain`].
    Domain,
    /// [`Limits::certificates_per_name`].
    Name,
    /// [`Limits::failures_per_name`].
    Failures,
}

impl Rule {
    /// The name of the problem that a domain has while it waits for a place under this rule.
    #[must_use]
    pub const fn problem_name(self) -> &'static str {
        match self {
            Self::Orders => "limit_orders",
            Self::Domain => "limit_domain",
            Self::Name => "limit_name",
            Self::Failures => FAILURES_SPENT,
        }
    }

    /// The rule in words, for people.
    #[must_use]
    pub fn words(self, limit: Limit, ca: &str, name: &str, registrable: &str) -> String {
        let (count, window) = (limit.count, window_words(limit.window_ms));
        match self {
            Self::Orders => format!("{ca} takes at most {count} new orders from one account in {window}"),
            Self::Domain => format!("{ca} gives at most {count} certificates under {registrable} in {window}"),
            Self::Name => format!("{ca} gives at most {count} certificates for {name} in {window}"),
            Self::Failures => format!("{ca} allows at most {count} failed validations of {name} in {window}"),
        }
    }
}

/// The name of the problem when a name failed too often: its DNS is at fault, and no other CA would fare better.
pub const FAILURES_SPENT: &str = "limit_failures";
/// The name of the problem when the CA asked for a pause of all our orders.
pub const PAUSED: &str = "limit_pause";

/// Whether a problem's name says that we wait by our own accounting, and the CA was not asked.
#[must_use]
pub fn is_ours(problem_name: &str) -> bool {
    problem_name.starts_with("limit_")
}

fn window_words(ms: i64) -> String {
    match ms {
        _ if ms % DAY_MS == 0 && ms > DAY_MS => format!("{} days", ms / DAY_MS),
        HOUR_MS => "an hour".into(),
        _ if ms % HOUR_MS == 0 => format!("{} hours", ms / HOUR_MS),
        _ => format!("{} minutes", ms / (HOUR_MS / 60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renewals_are_exempt_as_lets_encrypt_documents() {
        let rules = |counted| Limits::LETS_ENCRYPT.rules(counted).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>();
        assert_eq!(rules(Counted::New), [Rule::Orders, Rule::Domain, Rule::Name, Rule::Failures]);
        assert_eq!(rules(Counted::Renewal), [Rule::Name, Rule::Failures]);
        assert_eq!(rules(Counted::Replacement), []);
        assert_eq!(Limits::NONE.rules(Counted::New), []);
    }

    #[test]
    fn limits_are_known_by_the_directorys_host() {
        assert_eq!(Limits::of_host("acme-v02.api.letsencrypt.org"), Limits::LETS_ENCRYPT);
        assert_eq!(Limits::of_host("notletsencrypt.org"), Limits::NONE);
    }

    #[test]
    fn rules_read_as_sentences() {
        let said = |rule: Rule, limit: Option<Limit>| rule.words(limit.expect("known"), "LE", "a.b.gov", "b.gov");
        let all = Limits::LETS_ENCRYPT;
        assert_eq!(said(Rule::Orders, all.orders), "LE takes at most 300 new orders from one account in 3 hours");
        assert_eq!(
            said(Rule::Domain, all.certificates_per_domain),
            "LE gives at most 50 certificates under b.gov in 7 days"
        );
        assert_eq!(
            said(Rule::Failures, all.failures_per_name),
            "LE allows at most 5 failed validations of a.b.gov in an hour"
        );
    }
}
