//! Memberships: which customers a person belongs to, and with what role.

use super::audit::Deed;
use super::error::StoreError;
use super::page::{self, Page};
use super::people::{PeopleProblem, check_role, email_of, read_role};
use super::row::readable;
use super::transaction::Tx;
use super::{Scope, Store};
use crate::domain::id::{CustomerId, UserId};
use crate::domain::role::Role;
use crate::domain::time::Millis;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// A person belongs to no more customers than a list to choose from can hold.
const MEMBERSHIPS_MAX: i64 = 200;

const OF: &str = "select memberships.customer, customers.name as customer_name, memberships.role from memberships \
    left join customers on customers.id = memberships.customer where memberships.user_id = $1 \
    order by coalesce(customers.name_key, '') limit $2";
const PAGE: &str = "select users.id, users.email, users.email_key, memberships.customer, \
    customers.name as customer_name, memberships.role, memberships.created_at from memberships \
    join users on users.id = memberships.user_id left join customers on customers.id = memberships.customer \
    where ($1 is null or memberships.customer = $1) and (users.email_key, coalesce(memberships.customer, '')) > ($2, $3) \
    order by users.email_key, coalesce(memberships.customer, '') limit $4";
const ADD: &str = "insert into memberships (user_id, customer, role, created_at) values ($1, $2, $3, $4)";
const SET: &str =
    "update memberships set role = $3 where user_id = $1 and (customer = $2 or (customer is null and $2 is null))";
const REMOVE: &str =
    "delete from memberships where user_id = $1 and (customer = $2 or (customer is null and $2 is null))";

/// What a person may do at one customer, or at all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Id and name of the customer; none for the provider's own people.
    pub customer: Option<(CustomerId, String)>,
    /// What they may do there.
    pub role: Role,
}

impl Membership {
    /// The customer's id.
    #[must_use]
    pub fn customer_id(&self) -> Option<&CustomerId> {
        self.customer.as_ref().map(|(id, _)| id)
    }
}

/// A person as a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// Their address.
    pub email: String,
    /// Where, and what they may do there.
    pub membership: Membership,
    /// Since when.
    pub since: Millis,
}

impl Store {
    /// A person's memberships, the one with the provider first, then by the customer's name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn memberships(&self, user: &UserId) -> Result<Vec<Membership>, StoreError> {
        let query = sqlx::query(OF).bind(user.as_str()).bind(MEMBERSHIPS_MAX);
        Ok(readable(&query.fetch_all(self.database.reader()).await?, read_membership))
    }

    /// A page of the people of a customer, or of everybody, by address.
    ///
    /// # Errors
    /// When the database fails, or the cursor is not ours.
    pub async fn members(&self, scope: &Scope, cursor: Option<&str>, limit: u32) -> Result<Page<Member>, StoreError> {
        let (email, customer): (String, String) = cursor.map_or_else(|| Ok(Default::default()), page::decode)?;
        let query = sqlx::query(PAGE)
            .bind(scope.customer().map(str::to_owned))
            .bind(email)
            .bind(customer)
            .bind(page::rows(limit));
        let mut rows = query.fetch_all(self.database.reader()).await?;
        let next_cursor = page::cut(&mut rows, limit, |row| {
            let customer: Option<String> = row.try_get("customer")?;
            Ok((row.try_get::<String, _>("email_key")?, customer.unwrap_or_default()))
        })?;
        Ok(Page { items: readable(&rows, read_member), next_cursor })
    }

    /// Gives a person a role at a customer, in place of the one that they had there.
    ///
    /// # Errors
    /// [`PeopleProblem`].
    pub async fn grant(
        &self,
        user: &UserId,
        customer: Option<&CustomerId>,
        role: Role,
        now: Millis,
    ) -> Result<(), PeopleProblem> {
        let mut tx = self.database.begin().await?;
        put(&mut tx, user, customer, role, now).await?;
        self.note_member(&mut tx, "person.granted", user, customer, &format!("is {} now", role.word()), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Changes a person's role at a customer. False when they have none there.
    ///
    /// # Errors
    /// [`PeopleProblem`].
    pub async fn change_role(
        &self,
        user: &UserId,
        customer: Option<&CustomerId>,
        role: Role,
        now: Millis,
    ) -> Result<bool, PeopleProblem> {
        let mut tx = self.database.begin().await?;
        let changed = set(&mut tx, user, customer, role).await?;
        if changed {
            let words = format!("is {} now", role.word());
            self.note_member(&mut tx, "person.role_changed", user, customer, &words, now).await?;
        }
        tx.commit().await?;
        Ok(changed)
    }

    /// Takes a person's role at a customer away. False when they have none there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_member(
        &self,
        user: &UserId,
        customer: Option<&CustomerId>,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let mut tx = self.database.begin().await?;
        let statement =
            sqlx::query(REMOVE).bind(user.as_str()).bind(customer.map(|customer| customer.as_str().to_owned()));
        let removed = statement.execute(&mut *tx).await?.rows_affected() == 1;
        if removed {
            self.note_member(&mut tx, "person.removed", user, customer, "has no access any more", now).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }

    async fn note_member(
        &self,
        tx: &mut Tx,
        act: &str,
        user: &UserId,
        customer: Option<&CustomerId>,
        words: &str,
        now: Millis,
    ) -> Result<(), StoreError> {
        let summary = format!("{} {words}", email_of(tx, user).await?);
        self.note(tx, Deed { act, customer, subject: user.as_str(), summary: &summary }, now).await
    }
}

/// Adds a membership to a transaction that may have made the person.
pub(super) async fn add(
    tx: &mut Tx,
    user: &UserId,
    customer: Option<&CustomerId>,
    role: Role,
    now: Millis,
) -> Result<(), PeopleProblem> {
    check_role(role, customer)?;
    sqlx::query(ADD)
        .bind(user.as_str())
        .bind(customer.map(|customer| customer.as_str().to_owned()))
        .bind(role.word())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Adds a membership, or changes its role.
pub(super) async fn put(
    tx: &mut Tx,
    user: &UserId,
    customer: Option<&CustomerId>,
    role: Role,
    now: Millis,
) -> Result<(), PeopleProblem> {
    if set(tx, user, customer, role).await? { Ok(()) } else { add(tx, user, customer, role, now).await }
}

async fn set(tx: &mut Tx, user: &UserId, customer: Option<&CustomerId>, role: Role) -> Result<bool, PeopleProblem> {
    check_role(role, customer)?;
    let query = sqlx::query(SET)
        .bind(user.as_str())
        .bind(customer.map(|customer| customer.as_str().to_owned()))
        .bind(role.word());
    Ok(query.execute(&mut **tx).await?.rows_affected() == 1)
}

pub(super) fn read_membership(row: &AnyRow) -> Result<Membership, StoreError> {
    let customer: Option<String> = row.try_get("customer")?;
    let name: Option<String> = row.try_get("customer_name")?;
    Ok(Membership {
        customer: customer.map(|id| (CustomerId::new(id), name.unwrap_or_default())),
        role: read_role(row, "memberships")?,
    })
}

fn read_member(row: &AnyRow) -> Result<Member, StoreError> {
    Ok(Member {
        user: UserId::new(row.try_get::<String, _>("id")?),
        email: row.try_get("email")?,
        membership: read_membership(row)?,
        since: Millis(row.try_get("created_at")?),
    })
}
