//! The certificate authorities in the operator's order: `[[ca]]` tables of the file, or the one that the `acme_…` keys name.

use super::config::{ConfigProblem, Layers, Origin, read_limited};
use super::keys::{ACME_KEYS, Key};
use crate::acme::ExternalAccount;
use crate::domain::limits::{Limit, Limits};
use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// An operator has a few; more is a mistake, and each has an account of ours.
const TABLES: usize = 10;
/// Minutes, hours or days that a limit counts over at most.
const LONGEST_STRETCH: i64 = 1_000;
/// A CA's name is stored with each order, and shown in timelines.
const NAME_CHARS: usize = 60;

/// One certificate authority.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Its name in the timeline; its directory's host when the operator gives it none.
    pub name: String,
    /// ACME directory URL.
    pub directory: String,
    /// Account contact.
    pub contact: Option<String>,
    /// Extra roots for the directory's own HTTPS, PEM.
    pub roots_pem: Option<Vec<u8>>,
    /// The profile to order by.
    pub profile: Option<String>,
    /// The account that the operator has with it.
    pub external_account: Option<ExternalAccount>,
    /// Names by which CAA records allow it.
    pub caa: Vec<String>,
    /// What it lets one account have, where the operator knows better than we do.
    pub limits: Option<Limits>,
}

/// One as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Option<String>,
    directory: String,
    contact: Option<String>,
    root: Option<PathBuf>,
    profile: Option<String>,
    eab_kid: Option<String>,
    eab_hmac_key_file: Option<PathBuf>,
    #[serde(skip)]
    eab_hmac_key: Option<String>,
    #[serde(default)]
    caa: Vec<String>,
    limits: Option<WrittenLimits>,
}

/// Each as a number and a stretch of time, such as `300/3h`, or `none`; what is left out stays as it is known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLimits {
    orders: Option<String>,
    certificates_per_domain: Option<String>,
    certificates_per_name: Option<String>,
    failures_per_name: Option<String>,
}

/// The CAs that are configured, the preferred one first.
///
/// # Errors
/// The first thing wrong, naming the table and the key.
pub fn authorities(layers: &Layers) -> Result<Vec<Authority>, ConfigProblem> {
    let (tables, origin) = layers.tables("ca");
    if tables.is_empty() {
        let (key, origin) = (&ACME_KEYS[0], origin_of(layers, &ACME_KEYS[0]));
        let typed = of_keys(layers).typed();
        return Ok(vec![typed.map_err(|why| ConfigProblem::Value { key: key.name, origin, why })?]);
    }
    let wrong = |why: String| ConfigProblem::Value { key: "ca", origin: origin.clone(), why };
    if tables.len() > TABLES {
        return Err(wrong(format!("{} tables are more than the {TABLES} that are read", tables.len())));
    }
    let (mut found, mut names) = (Vec::new(), BTreeSet::new());
    for (number, table) in (1..).zip(tables) {
        let within = |why: String| wrong(format!("table {number}: {why}"));
        let mut written: Written =
            table.clone().try_into().map_err(|error: toml::de::Error| within(error.message().to_owned()))?;
        // What is the same for all of them need not be said again in each.
        let common = of_keys(layers);
        written.contact = written.contact.or(common.contact);
        written.root = written.root.or(common.root);
        let typed = written.typed().map_err(within)?;
        if !names.insert(typed.name.clone()) {
            return Err(within(format!("name: another table is called {:?} as well", typed.name)));
        }
        found.push(typed);
    }
    Ok(found)
}

fn origin_of(layers: &Layers, key: &'static Key) -> Origin {
    layers.value(key).map_or(Origin::Default, |(_, origin)| origin)
}

fn of_keys(layers: &Layers) -> Written {
    let [directory, root, contact, caa, profile, eab_kid, eab_hmac_key] = ACME_KEYS.each_ref().map(|key| {
        let value = layers.value(key).map(|(value, _)| value.trim().to_owned());
        value.filter(|value| !value.is_empty())
    });
    let caa = caa.unwrap_or_default();
    Written {
        directory: directory.unwrap_or_default(),
        root: root.map(PathBuf::from),
        contact,
        caa: caa.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        profile,
        eab_kid,
        eab_hmac_key,
        ..Written::default()
    }
}

impl Written {
    fn typed(self) -> Result<Authority, String> {
        let directory = self.directory.trim_end_matches('/').to_owned();
        let host = match url::Url::parse(&directory) {
            Ok(url) if url.scheme() == "https" => url.host_str().map(str::to_owned),
            _ => None,
        };
        let host = host.ok_or_else(|| format!("directory: {directory:?} is not an https URL"))?;
        let limits = self.limits.map(|written| written.over(Limits::of_host(&host))).transpose()?;
        let name = self.name.unwrap_or(host);
        if name.is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
            return Err(format!("name: expected a few words, at most {NAME_CHARS} characters"));
        }
        let hmac_key = match (self.eab_hmac_key, &self.eab_hmac_key_file) {
            (None, Some(path)) => Some(read(path, "eab_hmac_key_file")?),
            (key, _) => key,
        };
        let external_account = match (self.eab_kid, hmac_key) {
            (None, None) => None,
            (Some(kid), Some(key)) => {
                Some(ExternalAccount::new(kid, &key).map_err(|error| format!("eab_hmac_key: {error}"))?)
            }
            (Some(_), None) => return Err("eab_kid: stands without eab_hmac_key_file".to_owned()),
            (None, Some(_)) => return Err("eab_hmac_key_file: stands without eab_kid".to_owned()),
        };
        let roots_pem = self.root.as_deref().map(|path| read(path, "root")).transpose()?.map(String::into_bytes);
        Ok(Authority {
            name,
            directory,
            contact: self.contact,
            roots_pem,
            profile: self.profile,
            external_account,
            caa: self.caa.iter().map(|name| name.trim_end_matches('.').to_lowercase()).collect(),
            limits,
        })
    }
}

impl WrittenLimits {
    fn over(&self, known: Limits) -> Result<Limits, String> {
        Ok(Limits {
            orders: limit("orders", self.orders.as_deref(), known.orders)?,
            certificates_per_domain: limit(
                "certificates_per_domain",
                self.certificates_per_domain.as_deref(),
                known.certificates_per_domain,
            )?,
            certificates_per_name: limit(
                "certificates_per_name",
                self.certificates_per_name.as_deref(),
                known.certificates_per_name,
            )?,
            failures_per_name: limit("failures_per_name", self.failures_per_name.as_deref(), known.failures_per_name)?,
        })
    }
}

fn limit(key: &str, written: Option<&str>, known: Option<Limit>) -> Result<Option<Limit>, String> {
    let read = |text: &str| {
        let (count, stretch) = text.split_once('/')?;
        let unit_ms = match stretch.chars().last()? {
            'm' => MINUTE_MS,
            'h' => HOUR_MS,
            'd' => DAY_MS,
            _ => return None,
        };
        let units: i64 =
            stretch[..stretch.len() - 1].parse().ok().filter(|units| (1..=LONGEST_STRETCH).contains(units))?;
        Some(Limit { count: count.parse().ok().filter(|count| *count > 0)?, window_ms: units * unit_ms })
    };
    match written {
        None => Ok(known),
        Some("none") => Ok(None),
        Some(text) => read(text)
            .map(Some)
            .ok_or_else(|| format!("limits.{key}: {text:?} is not a number and a time such as 300/3h, or none")),
    }
}

fn read(path: &Path, key: &str) -> Result<String, String> {
    read_limited(path).map_err(|error| format!("{key}: the file {} can't be read: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str, flags: &[(&'static str, &str)]) -> Result<Vec<Authority>, String> {
        let path = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(path.path(), file).expect("written");
        let flags: Vec<_> = flags.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let layers = Layers::read(Some(path.path()), &flags).map_err(|problem| problem.to_string())?;
        authorities(&layers).map_err(|problem| problem.to_string())
    }

    #[test]
    fn the_single_keys_name_one() {
        let found = read("", &[]).expect("the default");
        assert_eq!((found.len(), found[0].name.as_str()), (1, "acme-staging-v02.api.letsencrypt.org"));
        let flags =
            [("acme_directory", "https://ca.test/dir"), ("acme_contact", "ops@x.test"), ("acme_caa", "CA.test., b")];
        let found = read("", &flags).expect("one");
        assert_eq!((found[0].name.as_str(), found[0].contact.as_deref()), ("ca.test", Some("ops@x.test")));
        assert_eq!(found[0].caa, ["ca.test", "b"]);
        let problem = read("", &[("acme_directory", "http://ca.test/dir")]).expect_err("not https");
        assert!(problem.starts_with("acme_directory (flag): directory:"), "{problem}");
    }

    #[test]
    fn tables_keep_their_order() {
        let key = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(key.path(), "c2VjcmV0\n").expect("written");
        let file = format!(
            "[[ca]]\ndirectory = \"https://one.test/dir\"\nprofile = \"shortlived\"\n\
             [[ca]]\nname = \"second\"\ndirectory = \"https://two.test/dir\"\ncontact = \"x@two.test\"\n\
             limits = {{ orders = \"10/3h\", failures_per_name = \"none\" }}\neab_kid = \"k\"\neab_hmac_key_file = {:?}\ncaa = [\"two.test\"]\n",
            key.path()
        );
        let found = read(&file, &[("acme_contact", "ops@x.test"), ("acme_directory", "https://none.test")]);
        let [one, second] = &found.expect("two")[..] else { panic!("two tables") };
        assert_eq!((one.name.as_str(), one.profile.as_deref()), ("one.test", Some("shortlived")));
        assert_eq!(one.contact.as_deref(), Some("ops@x.test"), "what is common to all is said once");
        assert_eq!((second.name.as_str(), second.contact.as_deref()), ("second", Some("x@two.test")));
        assert_eq!(second.external_account.as_ref().map(|external| external.kid.as_str()), Some("k"));
        assert_eq!(second.caa, ["two.test"]);
        let orders = Some(Limit { count: 10, window_ms: 3 * HOUR_MS });
        assert_eq!((one.limits, second.limits), (None, Some(Limits { orders, ..Limits::NONE })));
    }

    #[test]
    fn what_is_wrong_with_a_table_is_named() {
        let good = "directory = \"https://one.test/dir\"";
        for (table, word) in [
            (String::new(), "directory"),
            ("directory = \"https://\"".to_owned(), "directory"),
            (format!("{good}\ndirektory = \"x\""), "direktory"),
            (format!("{good}\nname = \"\""), "name"),
            (format!("{good}\nprofile = 7"), "string"),
            (format!("{good}\nlimits = {{ orders = \"3h\" }}"), "limits.orders"),
            (format!("{good}\nlimits = {{ ordres = \"1/3h\" }}"), "ordres"),
            (format!("{good}\neab_kid = \"k\""), "eab_kid"),
            (format!("{good}\neab_hmac_key_file = \"/nowhere/at/all\""), "/nowhere/at/all"),
            (format!("{good}\nroot = \"/nowhere/at/all\""), "root: the file /nowhere/at/all"),
            (format!("{good}\n[[ca]]\n{good}"), "another table"),
        ] {
            let problem = read(&format!("[[ca]]\n{table}\n"), &[]).expect_err(word);
            assert!(problem.starts_with("ca (file ") && problem.contains(word), "{word}: {problem}");
        }
        let problem = read("ca = \"https://one.test\"", &[]).expect_err("no table");
        assert!(problem.contains("[[ca]]"), "{problem}");
    }
}
