//! Revoking a certificate: asked for here, told to the CA by a worker, and obtained anew at once.

use super::broken;
use super::desk::Desk;
use crate::domain::event::Event;
use crate::domain::id::{CertificateId, DomainId};
use crate::domain::revocation::Reason;
use crate::domain::role::Act;
use crate::store::Stored;
use crate::wire::error::{Kind, Refusal};
use serde::Deserialize;

/// Why a certificate is to be revoked, as a script sends it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// The reason, by its word.
    pub reason: String,
}

impl Desk {
    /// Asks for a certificate's revocation.
    ///
    /// # Errors
    /// `not_revocable` for one that was uploaded, or is not the one that is held; `not_found`; what [`Self::renew`] refuses,
    /// since another one is ordered at once.
    pub async fn revoke(&self, id: &str, reason: &str) -> Result<(), Refusal> {
        let (stored, certificate) = self.revocable(id).await?;
        let reason = Reason::from_word(reason).ok_or_else(|| {
            let words = Reason::ALL.map(Reason::word).join(", ");
            Refusal::field("bad_value", "reason", format!("The reason is one of: {words}."))
        })?;
        let words = format!("Revocation asked: {}", reason.label().to_lowercase());
        let entry = self.entry("certificate.revocation_asked", words);
        let event = Event::RevocationAsked { certificate, reason };
        let (scope, now) = (self.caller.scope(), self.take_renewal(&stored)?);
        let asked = self.console.store.ask_revocation(&scope, &stored.setup.id, &event, &entry, now).await;
        if asked.map_err(|e| broken(&e))? { Ok(()) } else { Err(Refusal::not_found()) }
    }

    /// The same, for a person who types the domain's name to say that they mean it. Gives the domain.
    ///
    /// # Errors
    /// Names the field when another name was typed.
    pub async fn revoke_from_form(&self, id: &str, reason: &str, typed: &str) -> Result<DomainId, Refusal> {
        let (stored, _) = self.revocable(id).await?;
        let name = stored.setup.hostname.to_string();
        if !typed.trim().eq_ignore_ascii_case(&name) {
            let words = format!("Type {name} to revoke its certificate.");
            let refusal = Refusal::field("not_confirmed", "typed", words);
            return Err(refusal.with_typed(&[("typed", typed), ("reason", reason)]));
        }
        self.revoke(id, reason).await?;
        Ok(stored.setup.id)
    }

    async fn revocable(&self, id: &str) -> Result<(Stored, CertificateId), Refusal> {
        self.caller.must(Act::Manage)?;
        let (found, stored) = self.stored_certificate(id).await?;
        let id = found.certificate.id;
        if !stored.facts.is_revocable(&id) {
            let words = "Only the certificate that is held now can be revoked, once, and only if it was obtained here. One that was uploaded is revoked by the authority that issued it.";
            return Err(Refusal::new(Kind::Conflict, "not_revocable", words));
        }
        Ok((stored, id))
    }
}
