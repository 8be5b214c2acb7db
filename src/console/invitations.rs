//! Use cases around invitations: a mail with a link that works once, and what the invited one does with it.

use super::desk::Desk;
use super::members::membership_view;
use super::people::{known_role, refuse, secret, sound_email, sound_password};
use super::{Console, broken};
use crate::domain::errors::chain;
use crate::domain::id::InvitationId;
use crate::domain::role::Act;
use crate::domain::time::DAY_MS;
use crate::mail::Letter;
use crate::store::{Actor, Invitation, NewInvitation};
use crate::wire::error::{Kind, Refusal};
use crate::wire::people::{InvitationView, InvitedView};
use crate::wire::when::When;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::net::IpAddr;

/// A link works this long.
const LIFE_MS: i64 = 7 * DAY_MS;

impl Desk {
    /// Invites somebody by mail to a customer, the caller's own when none is named.
    ///
    /// # Errors
    /// Names the field that is wrong; `no_mail` and `mail_failed` when no mail can be sent.
    pub async fn invite(&self, email: &str, customer: &str, role: &str) -> Result<InvitationView, Refusal> {
        self.caller.must(Act::ManageAccess)?;
        let (role, email) = (known_role(role)?, sound_email(email)?);
        if role.sees_all_customers() && self.caller.customer.is_some() {
            return Err(Refusal::forbidden());
        }
        let customer = match role.sees_all_customers() {
            true => None,
            false => Some(self.customer_meant(Some(customer)).await?),
        };
        let (token, token_sha256) = secret()?;
        let (now, invited_by) = (self.console.clock.now(), self.caller.name.clone());
        let expires_at = now.plus(LIFE_MS);
        let new = NewInvitation { email, customer, role, token_sha256, invited_by, expires_at };
        let added = self.console.store.add_invitation(new, now).await.map_err(|problem| refuse(problem, "email"))?;
        let id = added.ok_or_else(too_many)?;
        let found = self.console.store.invitation(&token_sha256, now).await.map_err(|e| broken(&e))?;
        let invitation = found.ok_or_else(Refusal::broken)?;
        if let Err(refusal) = self.post(&invitation, &token).await {
            self.console.store.withdraw_invitation(&self.caller.scope(), &id, now).await.map_err(|e| broken(&e))?;
            return Err(refusal);
        }
        Ok(view(invitation))
    }

    /// Invitations to this customer that are open.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn invitations(&self) -> Result<Vec<InvitationView>, Refusal> {
        self.caller.must(Act::ManageAccess)?;
        let open = self.console.store.invitations(&self.caller.scope(), self.console.clock.now()).await;
        Ok(open.map_err(|e| broken(&e))?.into_iter().map(view).collect())
    }

    /// Withdraws an invitation: its link leads nowhere any more.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn withdraw(&self, id: &str) -> Result<(), Refusal> {
        self.caller.must(Act::ManageAccess)?;
        let (id, now) = (InvitationId::new(id), self.console.clock.now());
        let withdrawn = self.console.store.withdraw_invitation(&self.caller.scope(), &id, now).await;
        if withdrawn.map_err(|e| broken(&e))? { Ok(()) } else { Err(Refusal::not_found()) }
    }

    async fn post(&self, invitation: &Invitation, token: &str) -> Result<(), Refusal> {
        let Some(mailer) = &self.console.mailer else {
            let words = "This installation sends no mail. Its operator can set PADLOCK_SMTP_URL, or add people by \"padlock user add\".";
            return Err(Refusal::new(Kind::Conflict, "no_mail", words));
        };
        let brand = &self.console.house.brand;
        let by = &self.caller.name;
        let place = invitation.membership.customer.as_ref().map_or(brand.as_str(), |(_, name)| name);
        let role = invitation.membership.role.word();
        let (until, link) = (When::from(invitation.expires_at).date_time(), self.console.house.public_url.as_str());
        let text = format!(
            "{by} invites you to {place} on {brand}, as {role}.\n\n\
             Open this link to accept. It works once, until {until}:\n\n{link}/invitation/{token}\n\n\
             If you did not expect this, you can ignore it: nothing happens.\n"
        );
        let subject = format!("Your invitation to {brand}");
        let letter = Letter { to: invitation.email.clone(), subject, text, ..Letter::default() };
        mailer.send(letter).await.map_err(|problem| {
            tracing::warn!(error = %chain(&problem), "an invitation could not be mailed");
            let words =
                "The mail could not be sent, so nobody was invited. Check the address, or try again in a moment.";
            Refusal::field("mail_failed", "email", words)
        })
    }
}

impl Console {
    /// What a link offers.
    ///
    /// # Errors
    /// `not_found` when it is used up, withdrawn, expired or made up.
    pub async fn invited(&self, token: &str) -> Result<InvitedView, Refusal> {
        let found = self.store.invitation(&hashed(token)?, self.clock.now()).await.map_err(|e| broken(&e))?;
        let invitation = found.ok_or_else(Refusal::not_found)?;
        let known = self.store.user_by_email(&invitation.email).await.map_err(|e| broken(&e))?.is_some();
        Ok(InvitedView {
            email: invitation.email,
            membership: membership_view(invitation.membership),
            brand: self.house.brand.clone(),
            needs_password: !known,
        })
    }

    /// Accepts an invitation; the password is for an account that does not exist yet.
    ///
    /// # Errors
    /// `not_found` like [`Self::invited`], or the password that does not do.
    pub async fn accept(&self, token: &str, password: String, address: Option<IpAddr>) -> Result<(), Refusal> {
        let invited = self.invited(token).await?;
        let hash = match invited.needs_password {
            true => Some(sound_password(password).await?),
            false => None,
        };
        let store = self.store.by(Actor { name: invited.email, id: None, address });
        let accepted = store.accept_invitation(&hashed(token)?, hash, self.clock.now()).await;
        accepted.map_err(|problem| refuse(problem, "password"))?.map(drop).ok_or_else(Refusal::not_found)
    }
}

fn hashed(token: &str) -> Result<[u8; 32], Refusal> {
    let secret = URL_SAFE_NO_PAD.decode(token).map_err(|_| Refusal::not_found())?;
    Ok(super::people::sha256(&secret))
}

fn too_many() -> Refusal {
    let words = "Too many invitations are open. Withdraw some, or wait until they are accepted.";
    Refusal::new(Kind::Conflict, "too_many_invitations", words)
}

fn view(invitation: Invitation) -> InvitationView {
    InvitationView {
        id: invitation.id.to_string(),
        email: invitation.email,
        membership: membership_view(invitation.membership),
        expires_at: invitation.expires_at.into(),
    }
}
