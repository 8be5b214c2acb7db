//! Signing in at an OpenID provider: away, and back to who one is here.
//!
//! What the answer has to match lies in the browser's session and is used up by the first answer, so that nobody else's
//! answer is taken, and none twice. Nobody gets an account or a right by signing in there.

use super::address::ClientAddress;
use super::session;
use super::{Console, broken};
use crate::domain::errors::chain;
use crate::domain::time::{MINUTE_MS, Millis};
use crate::oidc::{OidcProblem, Pending, Person};
use crate::store::{Actor, Identity, Known, Outcome, User};
use crate::wire::openid::NotLetIn;
use aws_lc_rs::constant_time;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::sync::Arc;
use tower_sessions::Session;

/// So long somebody may take at the provider.
const AWAY_MS: i64 = 10 * MINUTE_MS;
const PENDING: &str = "openid";

/// What a sign-in waits for.
#[derive(Serialize, Deserialize)]
struct Away {
    pending: Pending,
    next: String,
    since: i64,
}

/// How somebody comes back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Return {
    code: Option<String>,
    state: String,
    error: Option<String>,
    /// Who answers (RFC 9207), where the provider says so.
    iss: Option<String>,
}

impl Console {
    /// Where somebody goes to sign in.
    ///
    /// # Errors
    /// When there is no such place, or it does not answer.
    pub async fn leave(&self, session: &Session, next: &str) -> Result<String, NotLetIn> {
        let provider = self.provider.as_ref().ok_or(NotLetIn::Off)?;
        let (url, pending) = Arc::clone(provider).begin().await.map_err(|problem| told(&problem))?;
        let away = Away { pending, next: session::own_path(next).to_owned(), since: self.clock.now().0 };
        session.insert(PENDING, away).await.map_err(|_| NotLetIn::Broken)?;
        Ok(url)
    }

    /// Lets in who comes back, and gives where they wanted to go.
    ///
    /// # Errors
    /// Why not.
    pub async fn come_back(
        &self,
        session: &Session,
        back: Return,
        address: Option<ClientAddress>,
    ) -> Result<String, NotLetIn> {
        let provider = self.provider.as_ref().ok_or(NotLetIn::Off)?;
        let away = session.remove::<Away>(PENDING).await.map_err(|_| NotLetIn::Broken)?.ok_or(NotLetIn::Stale)?;
        // Used up before anything is asked: of two answers at once only one finds it.
        session.save().await.map_err(|_| NotLetIn::Broken)?;
        let same = constant_time::verify_slices_are_equal(away.pending.state.as_bytes(), back.state.as_bytes()).is_ok();
        if !same || self.clock.now().since(Millis(away.since)) > AWAY_MS {
            return Err(NotLetIn::Stale);
        }
        if back.iss.as_deref().is_some_and(|issuer| issuer != provider.issuer()) {
            return Err(NotLetIn::Unfit);
        }
        let code = back.code.filter(|_| back.error.is_none()).ok_or(NotLetIn::Declined)?;
        let person = Arc::clone(provider).finish(away.pending, code).await.map_err(|problem| told(&problem))?;
        let address = address.map(|ClientAddress(address)| address);
        let user = self.known(person, address).await?;
        let memberships = self.store.memberships(&user.id).await.map_err(|error| failed(&error))?;
        let refused = match memberships.first() {
            _ if user.disabled_at.is_some() => Some(NotLetIn::Disabled),
            None => Some(NotLetIn::NoMembership),
            Some(_) => None,
        };
        let customer = memberships.first().and_then(|first| first.customer_id());
        let (outcome, summary) = match refused {
            None => (Outcome::Done, "Signed in at the OpenID provider"),
            Some(_) => (Outcome::Refused, "Sign-in at the OpenID provider refused: the account may not be used"),
        };
        self.note_sign_in(&user, customer, address, outcome, summary).await.map_err(|_| NotLetIn::Broken)?;
        if let Some(why) = refused {
            return Err(why);
        }
        session::begin(self, session, &user).await.map_err(|_| NotLetIn::Broken)?;
        Ok(away.next)
    }

    /// Who somebody is here: by their identity, or the first time by an address that is verified there.
    async fn known(&self, person: Person, address: Option<IpAddr>) -> Result<User, NotLetIn> {
        let Person { issuer, subject, verified_email } = person;
        let identity = Identity { issuer, subject };
        if let Some(user) = self.store.user_of_identity(&identity).await.map_err(|error| failed(&error))? {
            return Ok(user);
        }
        let email = verified_email.ok_or(NotLetIn::Unverified)?;
        let email = super::people::sound_email(&email).map_err(|_| NotLetIn::Unfit)?;
        let store = self.store.by(Actor { name: email.clone(), id: None, address });
        match store.link_identity(&identity, &email, self.clock.now()).await {
            Ok(Known::Linked(user)) => Ok(user),
            Ok(Known::Nobody) => Err(NotLetIn::Nobody),
            Ok(Known::Another) => Err(NotLetIn::Another),
            Err(problem) => {
                tracing::error!(error = %chain(&problem), "an identity could not be linked");
                Err(NotLetIn::Broken)
            }
        }
    }
}

fn failed(error: &crate::store::StoreError) -> NotLetIn {
    // For the log: a person who comes back from a provider is told by a page, not by a refusal.
    let _ = broken(error);
    NotLetIn::Broken
}

/// What is said of it; the log has the rest.
fn told(problem: &OidcProblem) -> NotLetIn {
    tracing::warn!(error = %chain(problem), "a sign-in at the OpenID provider came to nothing");
    match problem {
        OidcProblem::Settings(_) => NotLetIn::Broken,
        OidcProblem::Unreachable(..) => NotLetIn::Unreachable,
        OidcProblem::Refused(_) => NotLetIn::Stale,
        OidcProblem::Unfit(_) => NotLetIn::Unfit,
    }
}
