//! Use cases around API tokens: made, shown once, listed, used and revoked.

use super::caller::Caller;
use super::desk::Desk;
use super::people::{refuse, secret, sha256, sound_name};
use super::{Console, broken};
use crate::domain::id::TokenId;
use crate::domain::role::{Act, Role};
use crate::domain::time::Millis;
use crate::store::{NewToken, StoredToken};
use crate::wire::error::{Kind, Refusal};
use crate::wire::people::TokenView;
use aws_lc_rs::constant_time;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What a token's text begins with, so that scanners recognise a leaked one.
const TOKEN_PREFIX: &str = "padlock";

impl Console {
    /// Makes an API token; its text is given this once and never again.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn add_token(
        &self,
        name: &str,
        role: Role,
        customer: Option<&str>,
        expires_at: Option<Millis>,
    ) -> Result<String, Refusal> {
        let name = sound_name("name", name)?;
        let customer = self.bound_customer(role, customer).await?;
        let (secret, secret_sha256) = secret()?;
        let new = NewToken { name, secret_sha256, role, customer, expires_at };
        let id = self.store.add_token(new, self.clock.now()).await.map_err(|problem| refuse(problem, "name"))?;
        Ok(format!("{TOKEN_PREFIX}_{id}_{secret}"))
    }

    /// Who a bearer token belongs to.
    ///
    /// # Errors
    /// `signed_out` for whatever is wrong with it.
    pub async fn bearer(&self, text: &str) -> Result<Caller, Refusal> {
        let refused = || Refusal::new(Kind::SignedOut, "bad_token", "The token is unknown, expired or revoked.");
        let (id, secret) = text
            .strip_prefix(TOKEN_PREFIX)
            .and_then(|rest| rest.strip_prefix('_')?.split_once('_'))
            .ok_or_else(refused)?;
        let secret = URL_SAFE_NO_PAD.decode(secret).map_err(|_| refused())?;
        let (id, now) = (TokenId::new(id), self.clock.now());
        let stored = self.store.token_by_id(&id).await.map_err(|e| broken(&e))?.ok_or_else(refused)?;
        let live = stored.revoked_at.is_none() && stored.expires_at.is_none_or(|at| at > now);
        let same = constant_time::verify_slices_are_equal(&sha256(&secret), &stored.secret_sha256).is_ok();
        if !(live && same) {
            return Err(refused());
        }
        self.store.touch_token(&stored, now).await.map_err(|e| broken(&e))?;
        Ok(Caller {
            name: format!("token {}", stored.name),
            role: stored.role,
            customer: stored.customer,
            user: None,
            token: Some(stored.id),
            address: None,
        })
    }
}

impl Desk {
    /// Tokens that were not revoked, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tokens(&self) -> Result<Vec<TokenView>, Refusal> {
        self.caller.must(Act::ManageAccess)?;
        let tokens = self.console.store.tokens(&self.caller.scope()).await.map_err(|e| broken(&e))?;
        let view = |token: StoredToken| TokenView {
            id: token.id.to_string(),
            name: token.name,
            role: token.role,
            customer: token.customer.map(|customer| customer.to_string()),
            created_at: token.created_at.into(),
            expires_at: token.expires_at.map(Into::into),
            last_used_at: token.last_used_at.map(Into::into),
        };
        Ok(tokens.into_iter().map(view).collect())
    }

    /// Revokes a token: from now on nobody is let in by it.
    ///
    /// # Errors
    /// `not_found`, also for one that was revoked before.
    pub async fn revoke_token(&self, id: &str) -> Result<(), Refusal> {
        self.caller.must(Act::ManageAccess)?;
        let (id, now) = (TokenId::new(id), self.console.clock.now());
        let revoked = self.console.store.revoke_token(&self.caller.scope(), &id, now).await.map_err(|e| broken(&e))?;
        if revoked { Ok(()) } else { Err(Refusal::not_found()) }
    }
}
