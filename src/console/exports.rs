//! Export Certificate: a served certificate with its private key, as files for another server.
//!
//! A key that leaves is a key that others may lose, so that it takes a role, a reason and, of a person, the password once
//! more; each export is an act in the audit log, a line in the domain's timeline, and a mail to the customer's managers. Keys
//! that Padlock made for certificates which it renews leave only where the operator has allowed it.

use super::broken;
use super::desk::Desk;
use crate::bundle::write::{self, Encoding};
use crate::domain::certificate::Source;
use crate::domain::notice::{Deed, Notice};
use crate::domain::role::Act;
use crate::domain::time::MINUTE_MS;
use crate::store::User;
use crate::wire::certificate::ExportableView;
use crate::wire::error::{Kind, Refusal};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// Shorter passwords of PFX files are guessed in a day.
const PASSWORD_CHARS: usize = 12;
/// Who has no password here has signed in at their provider within this.
const FRESH_MS: i64 = 10 * MINUTE_MS;
/// A reason is a sentence.
const REASON_CHARS: usize = 500;

/// What somebody wants exported, as a form or a script sends it.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Export {
    /// `pem`: full chain and key; `key`: the key alone; `pfx`.
    pub format: String,
    /// Of a PFX file: `modern` or `legacy`.
    pub encoding: String,
    /// The PFX file's password.
    #[serde(deserialize_with = "secret")]
    pub password: Zeroizing<String>,
    /// The same again.
    #[serde(deserialize_with = "secret")]
    pub password_again: Zeroizing<String>,
    /// Of a person: the password that they sign in with.
    #[serde(deserialize_with = "secret")]
    pub own_password: Zeroizing<String>,
    /// Why.
    pub reason: String,
}

fn secret<'de, D: Deserializer<'de>>(source: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(source).map(Zeroizing::new)
}

/// A file to be handed over.
pub struct ExportedFile {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub kind: &'static str,
    /// Its content; wiped when dropped.
    pub content: Zeroizing<Vec<u8>>,
}

impl Desk {
    /// The certificate, for those who may export it.
    ///
    /// # Errors
    /// `forbidden`, `export_off`, `not_found`.
    pub async fn exportable(&self, id: &str) -> Result<ExportableView, Refusal> {
        self.caller.must(Act::ExportKeys)?;
        let certificate = self.certificate_details(id).await?.certificate;
        if certificate.source == Source::Acme.word() && !self.console.house.export_keys {
            let words = "Keys of certificates that are obtained here do not leave. Ask the operator, who can allow it.";
            return Err(Refusal::new(Kind::Forbidden, "export_off", words));
        }
        let has_password = self.asking_person().await?.is_some_and(|user| user.has_password());
        Ok(ExportableView { certificate, has_password })
    }

    /// Exports a certificate with its key.
    ///
    /// # Errors
    /// Names the field that is wrong; `export_off` for keys that don't leave; `sign_in_again`; `not_found`.
    pub async fn export_certificate(&self, id: &str, wanted: Export) -> Result<ExportedFile, Refusal> {
        self.exportable(id).await?;
        let encoding = sound(&wanted)?;
        let store = &self.console.store;
        self.sign_in_again(&wanted.own_password).await?;
        let (found, stored) = self.stored_certificate(id).await?;
        let chain = store.chain(&found.certificate.id).await.map_err(|e| broken(&e))?.ok_or_else(Refusal::not_found)?;
        let key = store.signing_key(&found.certificate.key).await.map_err(|e| broken(&e))?;
        let key = key.ok_or_else(Refusal::not_found)?.pkcs8;
        let (serial, reason) = (&found.certificate.serial, wanted.reason.trim());
        let words = format!("Certificate {serial} exported with its private key ({}): {reason}", wanted.format);
        // Written down and told before the file leaves.
        let entry = self.entry("certificate.exported", words);
        let name = stored.setup.hostname.to_string();
        let deed = Deed { actor: entry.actor.clone(), summary: entry.summary.clone() };
        let notice = Notice::exported(name.clone(), found.certificate, deed);
        store.tell_of(&stored, &entry, Some(notice), self.console.clock.now()).await.map_err(|e| broken(&e))?;
        let file = name.replace('*', "wildcard");
        let written = tokio::task::spawn_blocking(move || written(&wanted, encoding, &chain, &key, &name)).await;
        let (ending, kind, content) = written.ok().and_then(Result::ok).ok_or_else(Refusal::broken)?;
        Ok(ExportedFile { name: format!("{file}.{ending}"), kind, content })
    }

    /// A person says once more that it is them, or has just signed in at their provider; a token is its own proof.
    async fn sign_in_again(&self, password: &str) -> Result<(), Refusal> {
        let Some(user) = self.asking_person().await? else { return Ok(()) };
        if !user.has_password() {
            let now = self.console.clock.now();
            if self.caller.signed_in_at.is_some_and(|at| now.since(at) <= FRESH_MS) {
                return Ok(());
            }
            let words = "You have no password here, and signed in a while ago. Sign out, sign in again, and export within ten minutes.";
            return Err(Refusal::new(Kind::Forbidden, "sign_in_again", words));
        }
        let checked = self.console.check_password(&user.email, password.to_owned(), self.caller.address).await;
        match checked {
            Ok(_) => Ok(()),
            Err(refusal) if refusal.code == "wrong_sign_in" => {
                Err(Refusal::field("wrong_password", "own_password", "Your password is wrong. Type it again."))
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// Who asks, when it is a person.
    async fn asking_person(&self) -> Result<Option<User>, Refusal> {
        let Some(user) = &self.caller.user else { return Ok(None) };
        self.console.store.user(user).await.map_err(|e| broken(&e))?.map(Some).ok_or_else(Refusal::signed_out)
    }
}

type Written = (&'static str, &'static str, Zeroizing<Vec<u8>>);

fn written(
    wanted: &Export,
    encoding: Encoding,
    chain: &str,
    key: &[u8],
    name: &str,
) -> Result<Written, write::WriteProblem> {
    Ok(match wanted.format.as_str() {
        "pfx" => ("pfx", "application/x-pkcs12", write::pfx(chain, key, name, &wanted.password, encoding)?),
        "key" => ("key", "application/x-pem-file", Zeroizing::new(write::key_pem(key).as_bytes().to_vec())),
        _ => {
            let both = Zeroizing::new([chain, write::key_pem(key).as_str()].concat());
            ("pem", "application/x-pem-file", Zeroizing::new(both.as_bytes().to_vec()))
        }
    })
}

fn sound(wanted: &Export) -> Result<Encoding, Refusal> {
    if !["pem", "key", "pfx"].contains(&wanted.format.as_str()) {
        return Err(Refusal::field("bad_value", "format", "The format is \"pem\", \"key\" or \"pfx\"."));
    }
    let encoding = Encoding::from_word(&wanted.encoding);
    let encoding =
        encoding.ok_or_else(|| Refusal::field("bad_value", "encoding", "The encoding is \"modern\" or \"legacy\"."))?;
    if wanted.format == "pfx" {
        if wanted.password.chars().count() < PASSWORD_CHARS {
            let words = format!("The file's password has at least {PASSWORD_CHARS} characters.");
            return Err(Refusal::field("bad_password", "password", words));
        }
        if wanted.password != wanted.password_again {
            return Err(Refusal::field("bad_password", "password_again", "The two passwords differ. Type them again."));
        }
    }
    let reason = wanted.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS || reason.contains(char::is_control) {
        let words = format!("Say why, in at most {REASON_CHARS} characters on one line.");
        return Err(Refusal::field("bad_reason", "reason", words));
    }
    Ok(encoding)
}
