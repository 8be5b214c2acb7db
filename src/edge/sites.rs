//! The table in memory that the edge answers from: names with their certificates and services, and live HTTP-01 answers.
//!
//! Every change is seen by the very next handshake; nothing is reloaded. Readers share the locks, and a writer holds one
//! only for the insertion: certificates are read and checked before. A copy of the whole table for each change was
//! refused, since a start with 100,000 names would copy it 100,000 times.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::certified::{Certified, Chains, Fingerprint, InstallProblem};

/// A handle on the table; clones share it.
#[derive(Clone, Default)]
pub struct Sites(Arc<Tables>);

#[derive(Default)]
struct Tables {
    exact: Table,
    /// By the name under the asterisk: `agency.test` for `*.agency.test`.
    wildcard: Table,
    answers: RwLock<HashMap<Box<str>, Answers>>,
    chains: Chains,
}

type Table = RwLock<HashMap<Box<str>, Arc<Site>>>;

/// What a host answers over plain HTTP to whoever asks for proof.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Key authorizations of live HTTP-01 challenges, each under the token that it begins with (RFC 8555 §8.3).
    pub challenges: Vec<String>,
    /// Token files: name and text.
    pub files: Vec<(String, String)>,
}

/// One name, as far as the edge knows it.
pub(super) struct Site {
    /// The service that answers for it.
    pub(super) alias: Box<str>,
    /// Absent until the first certificate is there.
    pub(super) certified: Option<Arc<Certified>>,
}

impl Sites {
    /// Serves this certificate for the host (`portal.court.test`, or `*.agency.test`) from the next handshake on.
    ///
    /// `chain_pem` is leaf first; the key is PKCS #8 DER. Gives the leaf's SHA-256, which a handshake must show.
    pub fn install(
        &self,
        host: &str,
        alias: &str,
        chain_pem: &str,
        key_pkcs8: &[u8],
    ) -> Result<Fingerprint, InstallProblem> {
        Ok(self.put(host, alias, Certified::read(chain_pem, key_pkcs8, &self.0.chains)?))
    }

    /// The same for what was served before, as a start does it for every name at once: where nothing is installed yet,
    /// that the key belongs to the certificate is looked at when the first visitor comes, who is refused if it does not.
    /// What is installed already, and is the same, is left as it is.
    pub fn restore(
        &self,
        host: &str,
        alias: &str,
        chain_pem: &str,
        key_pkcs8: &[u8],
    ) -> Result<Fingerprint, InstallProblem> {
        let certified = Certified::unchecked(chain_pem, key_pkcs8, &self.0.chains)?;
        match self.fingerprint(host) {
            None => Ok(self.put(host, alias, certified)),
            Some(same) if same == certified.fingerprint => {
                self.route(host, alias);
                Ok(same)
            }
            Some(_) => self.install(host, alias, chain_pem, key_pkcs8),
        }
    }

    fn put(&self, host: &str, alias: &str, certified: Certified) -> Fingerprint {
        let fingerprint = certified.fingerprint;
        let (table, name) = self.place(host);
        write(table).insert(name, Arc::new(Site { alias: alias.into(), certified: Some(Arc::new(certified)) }));
        fingerprint
    }

    /// Makes the host known, or moves it to another service; a certificate that it has stays.
    pub fn route(&self, host: &str, alias: &str) {
        let (table, name) = self.place(host);
        let mut table = write(table);
        let certified = table.get(&name).and_then(|site| site.certified.clone());
        table.insert(name, Arc::new(Site { alias: alias.into(), certified }));
    }

    /// The same, and forgets a certificate that it has: the next handshake for it is refused, or made under a wildcard's.
    pub fn route_only(&self, host: &str, alias: &str) {
        let (table, name) = self.place(host);
        write(table).insert(name, Arc::new(Site { alias: alias.into(), certified: None }));
    }

    /// Forgets the host; the next handshake for it is refused.
    pub fn remove(&self, host: &str) {
        let (table, name) = self.place(host);
        write(table).remove(&name);
    }

    /// Forgets every host that is not among these: what was removed while nobody listened.
    pub fn keep_only(&self, hosts: &HashSet<String>) {
        write(&self.0.exact).retain(|name, _| hosts.contains(&**name));
        write(&self.0.wildcard).retain(|parent, _| hosts.contains(&format!("*.{parent}")));
    }

    /// SHA-256 of the leaf that is installed for exactly this host or wildcard.
    pub fn fingerprint(&self, host: &str) -> Option<Fingerprint> {
        let (table, name) = self.place(host);
        let site = read(table).get(&name).cloned()?;
        Some(site.certified.as_ref()?.fingerprint)
    }

    /// Gives exactly these answers on this host from now on.
    pub fn answer(&self, host: &str, answers: Answers) {
        let host = host.to_ascii_lowercase().into_boxed_str();
        let mut all = write(&self.0.answers);
        if answers == Answers::default() {
            all.remove(&host);
        } else {
            all.insert(host, answers);
        }
    }

    /// Gives exactly these answers, and none on any other host.
    pub fn answer_only(&self, answers: HashMap<String, Answers>) {
        let lower = |(host, answers): (String, Answers)| (host.to_ascii_lowercase().into_boxed_str(), answers);
        *write(&self.0.answers) = answers.into_iter().map(lower).collect();
    }

    /// How many answers are given.
    #[must_use]
    pub fn answer_count(&self) -> usize {
        read(&self.0.answers).values().map(|host| host.challenges.len()).sum()
    }

    /// The key authorization for a pair that is live now.
    pub(super) fn http01(&self, token: &str, host: &str) -> Option<String> {
        let all = read(&self.0.answers);
        let is_of = |answer: &&String| answer.split_once('.').is_some_and(|(begins, _)| begins == token);
        all.get(host)?.challenges.iter().find(is_of).cloned()
    }

    /// The token file of this name on this host.
    pub(super) fn file(&self, name: &str, host: &str) -> Option<String> {
        let all = read(&self.0.answers);
        all.get(host)?.files.iter().find(|(known, _)| known == name).map(|(_, text)| text.clone())
    }

    /// The site whose certificate answers for this lower-case name: its own, else the wildcard one label up (RFC 9525 §6.3).
    pub(super) fn secured(&self, name: &str) -> Option<Arc<Site>> {
        self.find(name, |site| site.certified.is_some())
    }

    /// The site for this lower-case name, with or without a certificate.
    pub(super) fn known(&self, name: &str) -> Option<Arc<Site>> {
        self.find(name, |_| true)
    }

    fn find(&self, name: &str, fits: impl Fn(&Site) -> bool) -> Option<Arc<Site>> {
        if let Some(site) = read(&self.0.exact).get(name).filter(|site| fits(site)) {
            return Some(Arc::clone(site));
        }
        let (first, parent) = name.split_once('.')?;
        if first.is_empty() {
            return None;
        }
        read(&self.0.wildcard).get(parent).filter(|site| fits(site)).cloned()
    }

    fn place(&self, host: &str) -> (&Table, Box<str>) {
        let host = host.to_ascii_lowercase();
        match host.strip_prefix("*.") {
            Some(parent) => (&self.0.wildcard, parent.into()),
            None => (&self.0.exact, host.into()),
        }
    }
}

impl std::fmt::Debug for Sites {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (exact, wildcard) = (read(&self.0.exact).len(), read(&self.0.wildcard).len());
        f.debug_struct("Sites").field("exact", &exact).field("wildcard", &wildcard).finish()
    }
}

// A panic cannot leave these maps half changed, so a poisoned lock is as good as a sound one.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_name_wins_over_a_wildcard_which_covers_one_label() {
        let sites = Sites::default();
        sites.route("*.Agency.test", "wild");
        sites.route("own.agency.test", "own");
        let alias = |name| sites.known(name).map(|site| site.alias.to_string());
        assert_eq!(alias("own.agency.test").as_deref(), Some("own"));
        assert_eq!(alias("any.agency.test").as_deref(), Some("wild"));
        assert_eq!(alias("agency.test"), None);
        assert_eq!(alias("a.b.agency.test"), None);
        assert_eq!(alias(".agency.test"), None);
        assert_eq!(alias("*.agency.test").as_deref(), Some("wild"), "a literal asterisk is one label like another");
        assert!(sites.secured("own.agency.test").is_none());
        sites.remove("own.agency.test");
        assert_eq!(alias("own.agency.test").as_deref(), Some("wild"));
        sites.route("portal.court.test", "portal");
        sites.keep_only(&HashSet::from(["*.agency.test".to_owned()]));
        assert_eq!((alias("portal.court.test"), alias("x.agency.test").as_deref()), (None, Some("wild")));
        sites.keep_only(&HashSet::new());
        assert_eq!(alias("x.agency.test"), None);
    }

    #[test]
    fn answers_are_given_for_exact_live_pairs_only() {
        let sites = Sites::default();
        let files = vec![("name".to_owned(), "text".to_owned())];
        sites.answer("Portal.court.test", Answers { challenges: vec!["token.thumb".into()], files });
        assert_eq!(sites.file("name", "portal.court.test").as_deref(), Some("text"));
        assert_eq!((sites.file("name", "other.court.test"), sites.file("nam", "portal.court.test")), (None, None));
        assert_eq!(sites.http01("token", "portal.court.test").as_deref(), Some("token.thumb"));
        assert_eq!(sites.http01("token", "other.court.test"), None);
        assert_eq!(sites.http01("toke", "portal.court.test"), None);
        assert_eq!(sites.answer_count(), 1);
        sites.answer("portal.court.test", Answers::default());
        assert_eq!(sites.http01("token", "portal.court.test"), None);
    }
}
