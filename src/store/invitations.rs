//! Invitations: somebody's address, what they shall be, and the hash of the link that was mailed to them.

use super::audit::Deed;
use super::error::StoreError;
use super::fresh::new_id;
use super::members::{self, Membership, read_membership};
use super::people::{PeopleProblem, insert_user, key, user_by_email};
use super::row::readable;
use super::{Scope, Store};
use crate::domain::id::{CustomerId, InvitationId};
use crate::domain::role::Role;
use crate::domain::time::Millis;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// Invitations that one customer may have open; each has sent a mail to an address that somebody typed.
const OPEN_MAX: i64 = 50;

macro_rules! one {
    ($condition:literal) => {
        concat!(
            "select invitations.id, invitations.email, invitations.customer, customers.name as customer_name, \
             invitations.role, invitations.expires_at from invitations \
             left join customers on customers.id = invitations.customer where ",
            $condition
        )
    };
}

const OPEN: &str = "select count(*) from invitations where (customer = $1 or (customer is null and $1 is null)) \
    and email_key <> $2 and expires_at > $3";
const REPLACE: &str =
    "delete from invitations where (customer = $1 or (customer is null and $1 is null)) and email_key = $2";
const ADD: &str = "insert into invitations \
    (id, token_sha256, email, email_key, customer, role, invited_by, created_at, expires_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const LIST: &str = one!(
    "($1 is null or invitations.customer = $1) and invitations.expires_at > $2 \
     order by invitations.email_key, invitations.id limit $3"
);
const BY_TOKEN: &str = one!("invitations.token_sha256 = $1 and invitations.expires_at > $2");
pub(super) const OF_EMAIL: &str =
    one!("invitations.email_key = $1 and invitations.expires_at > $2 order by invitations.id limit $3");
const WITHDRAW: &str =
    "delete from invitations where id = $1 and ($2 is null or customer = $2) returning email, customer";
pub(super) const USE: &str = "delete from invitations where id = $1";
/// See `prune`.
pub(super) const EXPIRED: &str =
    "delete from invitations where id in (select id from invitations where expires_at <= $1 limit $2)";

/// An invitation to be added.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// Whom.
    pub email: String,
    /// Where to.
    pub customer: Option<CustomerId>,
    /// As what.
    pub role: Role,
    /// SHA-256 of the link's secret.
    pub token_sha256: [u8; 32],
    /// Who invites, as the mail names them.
    pub invited_by: String,
    /// Until when the link works.
    pub expires_at: Millis,
}

/// An invitation that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its row.
    pub id: InvitationId,
    /// Whom.
    pub email: String,
    /// Where to, and as what.
    pub membership: Membership,
    /// Until when the link works.
    pub expires_at: Millis,
}

impl Store {
    /// Adds an invitation, in place of an older one of the same address to the same customer. None when the customer has
    /// [`OPEN_MAX`] others.
    ///
    /// # Errors
    /// [`PeopleProblem`].
    pub async fn add_invitation(&self, new: NewInvitation, now: Millis) -> Result<Option<InvitationId>, PeopleProblem> {
        let (id, customer) =
            (InvitationId::new(new_id(now)), new.customer.map(|customer| customer.as_str().to_owned()));
        let mut tx = self.database.begin().await?;
        let open = sqlx::query_scalar(OPEN).bind(customer.clone()).bind(key(&new.email)).bind(now.0);
        let open: i64 = open.fetch_one(&mut *tx).await?;
        if open >= OPEN_MAX {
            return Ok(None);
        }
        sqlx::query(REPLACE).bind(customer.clone()).bind(key(&new.email)).execute(&mut *tx).await?;
        sqlx::query(ADD)
            .bind(id.as_str())
            .bind(new.token_sha256.to_vec())
            .bind(new.email.trim())
            .bind(key(&new.email))
            .bind(customer.clone())
            .bind(new.role.word())
            .bind(new.invited_by)
            .bind(now.0)
            .bind(new.expires_at.0)
            .execute(&mut *tx)
            .await?;
        let summary = format!("{} invited as {}", new.email.trim(), new.role.word());
        let (act, customer) = ("invitation.sent", customer.map(CustomerId::new));
        let deed = Deed { act, customer: customer.as_ref(), subject: id.as_str(), summary: &summary };
        self.note(&mut tx, deed, now).await?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// Open invitations to a customer, or to all of them, by address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invitations(&self, scope: &Scope, now: Millis) -> Result<Vec<Invitation>, StoreError> {
        let query = sqlx::query(LIST).bind(scope.customer().map(str::to_owned)).bind(now.0).bind(OPEN_MAX);
        Ok(readable(&query.fetch_all(self.database.reader()).await?, read))
    }

    /// The open invitation of a link.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invitation(&self, token_sha256: &[u8; 32], now: Millis) -> Result<Option<Invitation>, StoreError> {
        let query = sqlx::query(BY_TOKEN).bind(token_sha256.to_vec()).bind(now.0);
        query.fetch_optional(self.database.reader()).await?.as_ref().map(read).transpose()
    }

    /// Withdraws an invitation. False when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn withdraw_invitation(&self, scope: &Scope, id: &InvitationId, now: Millis) -> Result<bool, StoreError> {
        let mut tx = self.database.begin().await?;
        let statement = sqlx::query(WITHDRAW).bind(id.as_str()).bind(scope.customer().map(str::to_owned));
        let Some(row) = statement.fetch_optional(&mut *tx).await? else { return Ok(false) };
        let summary = format!("Invitation of {} withdrawn", row.try_get::<String, _>("email")?);
        let customer = row.try_get::<Option<String>, _>("customer")?.map(CustomerId::new);
        let act = "invitation.withdrawn";
        let deed = Deed { act, customer: customer.as_ref(), subject: id.as_str(), summary: &summary };
        self.note(&mut tx, deed, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Uses an invitation up: the person has the role from now on, and an account with this password when they had none.
    /// None when the link is used up or expired.
    ///
    /// # Errors
    /// [`PeopleProblem`].
    pub async fn accept_invitation(
        &self,
        token_sha256: &[u8; 32],
        password_hash: Option<String>,
        now: Millis,
    ) -> Result<Option<Invitation>, PeopleProblem> {
        let mut tx = self.database.begin().await?;
        let query = sqlx::query(BY_TOKEN).bind(token_sha256.to_vec()).bind(now.0);
        let Some(row) = query.fetch_optional(&mut *tx).await? else { return Ok(None) };
        let invitation = read(&row)?;
        let used = sqlx::query(USE).bind(invitation.id.as_str()).execute(&mut *tx).await?;
        if used.rows_affected() != 1 {
            return Ok(None);
        }
        let user = match (user_by_email(&mut tx, &invitation.email).await?, password_hash) {
            (Some(known), _) => known.id,
            (None, Some(hash)) => insert_user(&mut tx, &invitation.email, hash, now).await?.id,
            (None, None) => return Ok(None),
        };
        let (role, customer) = (invitation.membership.role, invitation.membership.customer_id());
        members::put(&mut tx, &user, customer, role, now).await?;
        let summary = format!("{} accepted an invitation as {}", invitation.email, role.word());
        let act = "invitation.accepted";
        self.note(&mut tx, Deed { act, customer, subject: user.as_str(), summary: &summary }, now).await?;
        tx.commit().await?;
        Ok(Some(invitation))
    }
}

pub(super) fn read(row: &AnyRow) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        id: InvitationId::new(row.try_get::<String, _>("id")?),
        email: row.try_get("email")?,
        membership: read_membership(row)?,
        expires_at: Millis(row.try_get("expires_at")?),
    })
}
