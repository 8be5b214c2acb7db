//! Who people are at an OpenID provider. The first time they are known by an address that it has verified, then for ever by
//! the name that it gives them.

use super::audit::Deed;
use super::error::{Constraint, StoreError, violated};
use super::invitations::{OF_EMAIL, USE, read as read_invitation};
use super::people::{PeopleProblem, insert_user, key, user_by_email};
use super::transaction::Tx;
use super::{Store, User, members};
use crate::domain::id::UserId;
use crate::domain::time::Millis;
use sqlx::Row as _;

/// Invitations that are accepted at once, at most.
const INVITATIONS: i64 = 50;
/// No password has this hash: such a person signs in at the provider.
const NO_PASSWORD: &str = "";

const FIND: &str = "select user_id from identities where issuer = $1 and subject = $2";
const ADD: &str = "insert into identities (issuer, subject, user_id, created_at) values ($1, $2, $3, $4)";

/// Somebody, as an OpenID provider names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Their name there.
    pub subject: String,
}

/// What came of knowing somebody by their address.
#[derive(Debug)]
pub enum Known {
    /// They are this person, from now on by their identity.
    Linked(User),
    /// Nobody here has this address, and nobody was invited by it.
    Nobody,
    /// Whoever has this address here is somebody else at the provider.
    Another,
}

impl Store {
    /// The person of an identity.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_of_identity(&self, identity: &Identity) -> Result<Option<User>, StoreError> {
        let query = sqlx::query(FIND).bind(&*identity.issuer).bind(&*identity.subject);
        let Some(row) = query.fetch_optional(self.database.reader()).await? else { return Ok(None) };
        self.user(&UserId::new(row.try_get::<String, _>("user_id")?)).await
    }

    /// Links an identity to the person of a verified address, or to somebody who was invited by it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link_identity(&self, identity: &Identity, email: &str, now: Millis) -> Result<Known, PeopleProblem> {
        let mut tx = self.database.begin().await?;
        let user = match user_by_email(&mut tx, email).await? {
            Some(user) => user,
            None => match self.accept_all(&mut tx, email, now).await? {
                Some(user) => user,
                None => return Ok(Known::Nobody),
            },
        };
        let added = sqlx::query(ADD)
            .bind(&*identity.issuer)
            .bind(&*identity.subject)
            .bind(user.id.as_str())
            .bind(now.0)
            .execute(&mut *tx)
            .await;
        match added {
            Ok(_) => {}
            Err(error) if violated(&error) == Some(Constraint::TakenIdentity) => return Ok(Known::Another),
            Err(error) => return Err(error.into()),
        }
        let summary = format!("{} signs in at {} from now on", user.email, identity.issuer);
        let deed = Deed { act: "identity.linked", customer: None, subject: user.id.as_str(), summary: &summary };
        self.note(&mut tx, deed, now).await?;
        tx.commit().await?;
        Ok(Known::Linked(user))
    }

    /// Accepts every open invitation of an address for somebody new; none when there is none.
    async fn accept_all(&self, tx: &mut Tx, email: &str, now: Millis) -> Result<Option<User>, PeopleProblem> {
        let rows = sqlx::query(OF_EMAIL).bind(key(email)).bind(now.0).bind(INVITATIONS).fetch_all(&mut **tx).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let user = insert_user(tx, email, NO_PASSWORD.to_owned(), now).await?;
        for row in &rows {
            let invitation = read_invitation(row)?;
            sqlx::query(USE).bind(invitation.id.as_str()).execute(&mut **tx).await?;
            let (role, customer) = (invitation.membership.role, invitation.membership.customer_id());
            members::put(tx, &user.id, customer, role, now).await?;
            let summary = format!("{} accepted an invitation as {}", user.email, role.word());
            let deed = Deed { act: "invitation.accepted", customer, subject: user.id.as_str(), summary: &summary };
            self.note(tx, deed, now).await?;
        }
        Ok(Some(user))
    }
}
