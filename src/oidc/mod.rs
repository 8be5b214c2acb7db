//! Signing in at an OpenID provider: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0 §3.1).
//!
//! The provider is asked for its configuration and keys at each sign-in: people sign in a few times a day, and a provider
//! that changed its keys or addresses must not keep them out. What an answer has to match is kept by whoever calls, for one
//! answer. This folder knows no person: it says who the provider says it is.

mod http;

use futures::future::BoxFuture;
use http::Http;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::sync::Arc;

/// The client of a provider as it is configured now; its type says which endpoints are known, and has no short name.
macro_rules! client {
    ($provider:expr) => {{
        let Provider { settings, redirect, .. } = $provider;
        let secret = settings.client_secret.clone().map(ClientSecret::new);
        CoreClient::from_provider_metadata(
            $provider.metadata().await?,
            ClientId::new(settings.client_id.clone()),
            secret,
        )
        .set_redirect_uri(redirect.clone())
    }};
}

/// Where and how to sign in elsewhere.
#[derive(Clone)]
pub struct OidcSettings {
    /// The provider's issuer URL.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// What it knows us by; none for a public client.
    pub client_secret: Option<String>,
    /// What people call the provider.
    pub label: String,
    /// Where it sends people back to.
    pub redirect_url: String,
}

impl std::fmt::Debug for OidcSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OidcSettings").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// Why there is nobody to let in.
#[derive(Debug, thiserror::Error)]
pub enum OidcProblem {
    /// The settings are no such addresses.
    #[error("the settings of the OpenID provider do not fit")]
    Settings(#[source] Box<dyn Error + Send + Sync>),
    /// It could not be asked, or its answer made no sense.
    #[error("the OpenID provider could not be asked for {0}")]
    Unreachable(&'static str, #[source] Box<dyn Error + Send + Sync>),
    /// It refused the code: used before, too old, or not ours.
    #[error("the OpenID provider refused the code")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
    /// What it signed is not what this sign-in asked for.
    #[error("the OpenID provider's word does not fit this sign-in")]
    Unfit(#[source] Box<dyn Error + Send + Sync>),
}

/// What the answer has to match: kept with the browser's session, for one answer.
#[derive(Clone, Serialize, Deserialize)]
pub struct Pending {
    /// Comes back with the answer.
    pub state: String,
    nonce: String,
    verifier: String,
}

/// Who the provider says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The provider.
    pub issuer: String,
    /// Their name there, for ever.
    pub subject: String,
    /// Their address, if the provider has verified it.
    pub verified_email: Option<String>,
}

/// A provider.
pub struct Provider {
    settings: OidcSettings,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    http: Http,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.settings.fmt(f)
    }
}

impl Provider {
    /// Prepares to ask a provider; nothing is sent before somebody signs in.
    ///
    /// # Errors
    /// When an address is none.
    pub fn new(settings: OidcSettings) -> Result<Self, OidcProblem> {
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|error| OidcProblem::Settings(error.into()))?;
        let redirect =
            RedirectUrl::new(settings.redirect_url.clone()).map_err(|error| OidcProblem::Settings(error.into()))?;
        let http = Http::new().map_err(|error| OidcProblem::Settings(error.into()))?;
        Ok(Self { settings, issuer, redirect, http })
    }

    /// What people call it.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.settings.label
    }

    /// The issuer, as it names itself.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Where somebody goes to sign in, and what the answer has to match.
    ///
    /// # Errors
    /// When the provider can't be asked.
    pub fn begin(self: Arc<Self>) -> BoxFuture<'static, Result<(String, Pending), OidcProblem>> {
        Box::pin(async move { self.began().await })
    }

    async fn began(&self) -> Result<(String, Pending), OidcProblem> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client!(self)
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scope(Scope::new("email".into()))
            .set_pkce_challenge(challenge)
            .url();
        let pending = Pending {
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
        };
        Ok((url.into(), pending))
    }

    /// Who came back with this code.
    ///
    /// # Errors
    /// When the provider can't be asked, refuses, or says something else than what this sign-in asked for.
    pub fn finish(self: Arc<Self>, pending: Pending, code: String) -> BoxFuture<'static, Result<Person, OidcProblem>> {
        Box::pin(async move { self.finished(pending, code).await })
    }

    async fn finished(&self, pending: Pending, code: String) -> Result<Person, OidcProblem> {
        let unfit = |error: Box<dyn Error + Send + Sync>| OidcProblem::Unfit(error);
        let client = client!(self);
        let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(|e| unfit(e.into()))?;
        let http = self.http.asker();
        let tokens = exchange
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier))
            .request_async(&http)
            .await
            .map_err(|error| OidcProblem::Refused(error.into()))?;
        let id_token = tokens.id_token().ok_or_else(|| unfit("there is no ID token".into()))?;
        let verifier = client.id_token_verifier();
        let claims = id_token.claims(&verifier, &Nonce::new(pending.nonce)).map_err(|e| unfit(e.into()))?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg().map_err(|e| unfit(e.into()))?;
            let key = id_token.signing_key(&verifier).map_err(|e| unfit(e.into()))?;
            let actual =
                AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(|e| unfit(e.into()))?;
            if actual != *expected {
                return Err(unfit("the access token belongs to another ID token".into()));
            }
        }
        let said = |email: Option<&openidconnect::EndUserEmail>, verified: Option<bool>| {
            email.filter(|_| verified == Some(true)).map(|email| email.to_string())
        };
        let mut verified_email = said(claims.email(), claims.email_verified());
        // Most providers tell the address only to who asks for it with the access token.
        if claims.email().is_none()
            && let Ok(asking) = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone()))
        {
            let told: CoreUserInfoClaims = asking
                .request_async(&http)
                .await
                .map_err(|error| OidcProblem::Unreachable("the person's address", error.into()))?;
            verified_email = said(told.email(), told.email_verified());
        }
        Ok(Person { issuer: claims.issuer().to_string(), subject: claims.subject().to_string(), verified_email })
    }

    async fn metadata(&self) -> Result<CoreProviderMetadata, OidcProblem> {
        let http = self.http.asker();
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &http).await;
        found.map_err(|error| OidcProblem::Unreachable("its configuration", error.into()))
    }
}
