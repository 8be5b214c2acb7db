//! Use cases around API tokens: made, shown once, listed, used and revoked.

use super::browse::sound_limit;
use super::caller::Caller;
use super::desk::Desk;
use super::people::{known_role, refuse, secret, sha256, sound_name};
use super::{Console, broken};
use crate::domain::id::TokenId;
use crate::domain::role::Act;
use crate::domain::time::DAY_MS;
use crate::store::{NewToken, StoredToken};
use crate::wire::domain::Page;
use crate::wire::error::{Kind, Refusal};
use crate::wire::people::{NewTokenView, TokenView};
use aws_lc_rs::constant_time;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// What a token's text begins with, so that scanners recognise a leaked one.
const TOKEN_PREFIX: &str = "padlock";
/// Ten years: whoever wants more leaves it out.
const DAYS_MAX: u32 = 3_650;

impl Console {
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
        let same = constant_time::verify_slices_are_equal(&sha256(&secret), &stored.secret_sha256).is_ok();
        if !(stored.works(now) && same) {
            return Err(refused());
        }
        self.store.touch_token(&stored, now).await.map_err(|e| broken(&e))?;
        Ok(Caller {
            name: format!("token {}", stored.name),
            role: stored.role,
            customer: stored.customer,
            user: None,
            signed_in_at: None,
            token: Some(stored.id),
            read_only: stored.read_only,
            address: None,
        })
    }
}

/// A token to be made, as somebody typed it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewApiToken {
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub role: String,
    /// The customer that it is bound to, by id or name.
    pub customer: Option<String>,
    /// Whether it may only read.
    pub read_only: Option<bool>,
    /// Days until it stops working; never when left out.
    pub expires_in_days: Option<u32>,
}

impl NewApiToken {
    /// What a form sends.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub fn from_form(name: &str, role: String, customer: String, access: &str, days: &str) -> Result<Self, Refusal> {
        let days = Some(days.trim()).filter(|days| !days.is_empty());
        let bad = |_| Refusal::field("bad_value", "days", "Choose how long the token works.");
        Ok(Self {
            name: name.to_owned(),
            role,
            customer: Some(customer),
            // Whatever is not asked for in full is not given.
            read_only: Some(access != "write"),
            expires_in_days: days.map(str::parse).transpose().map_err(bad)?,
        })
    }
}

impl Desk {
    /// Makes an API token; its text is given this once and never again.
    ///
    /// # Errors
    /// Names the field that is wrong; `forbidden` for a role above the caller's own.
    pub async fn make_token(&self, typed: &NewApiToken) -> Result<NewTokenView, Refusal> {
        self.caller.must(Act::ManageAccess)?;
        let (name, role) = (sound_name("name", &typed.name)?, known_role(&typed.role)?);
        let bound = self.caller.customer.is_some();
        if bound && role.sees_all_customers() {
            return Err(Refusal::forbidden());
        }
        let customer = match bound {
            true => Some(self.customer_meant(typed.customer.as_deref()).await?),
            false => self.console.bound_customer(role, typed.customer.as_deref()).await?,
        };
        let now = self.console.clock.now();
        let expires_at = match typed.expires_in_days {
            None => None,
            Some(days @ 1..=DAYS_MAX) => Some(now.plus(i64::from(days) * DAY_MS)),
            Some(_) => {
                let words = format!("A token stops working after 1 to {DAYS_MAX} days, or never.");
                return Err(Refusal::field("bad_value", "expires_in_days", words));
            }
        };
        let (secret, secret_sha256) = secret()?;
        let (read_only, made_by) = (typed.read_only.unwrap_or_default(), self.caller.user.clone());
        let new = NewToken { name, secret_sha256, role, customer, expires_at, read_only, made_by };
        let id = self.console.store.add_token(new, now).await.map_err(|problem| refuse(problem, "name"))?;
        Ok(NewTokenView { token: format!("{TOKEN_PREFIX}_{id}_{secret}"), id: id.to_string() })
    }

    /// Tokens that were not revoked, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tokens(&self) -> Result<Vec<TokenView>, Refusal> {
        self.caller.must(Act::ManageAccess)?;
        let tokens = self.console.store.tokens(&self.caller.scope()).await.map_err(|e| broken(&e))?;
        Ok(tokens.into_iter().map(view).collect())
    }

    /// A page of them.
    ///
    /// # Errors
    /// `forbidden`; names the field that is wrong.
    pub async fn paged_tokens(&self, cursor: &str, limit: Option<u32>) -> Result<Page<TokenView>, Refusal> {
        self.caller.must(Act::ManageAccess)?;
        let (cursor, limit) = (Some(cursor).filter(|cursor| !cursor.is_empty()), sound_limit(limit)?);
        let page = self.console.store.paged_tokens(&self.caller.scope(), cursor, limit).await;
        let page = page.map_err(|e| broken(&e))?;
        Ok(Page { items: page.items.into_iter().map(view).collect(), next_cursor: page.next_cursor })
    }

    /// One of them.
    ///
    /// # Errors
    /// `not_found`, also for one that was revoked.
    pub async fn token(&self, id: &str) -> Result<TokenView, Refusal> {
        self.tokens().await?.into_iter().find(|token| token.id == id).ok_or_else(Refusal::not_found)
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

fn view(token: StoredToken) -> TokenView {
    TokenView {
        id: token.id.to_string(),
        name: token.name,
        role: token.role,
        read_only: token.read_only,
        customer: token.customer.map(|customer| customer.to_string()),
        created_at: token.created_at.into(),
        expires_at: token.expires_at.map(Into::into),
        last_used_at: token.last_used_at.map(Into::into),
    }
}
