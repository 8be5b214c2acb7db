//! Customers, their agencies, and the people who sign in.

use super::audit::Deed;
use super::error::{Constraint, StoreError, leads_nowhere, violated};
use super::fresh::new_id;
use super::page::{self, Page};
use super::row::readable;
use super::transaction::Tx;
use super::{Scope, Store, members};
use crate::domain::id::{AgencyId, CustomerId, UserId};
use crate::domain::role::Role;
use crate::domain::time::Millis;
use sqlx::Row as _;
use sqlx::any::AnyRow;

const ADD_CUSTOMER: &str = "insert into customers (id, name, name_key, created_at) values ($1, $2, $3, $4)";
const CUSTOMER: &str = "select id, name, created_at from customers where id = $1 or name_key = $2";
const CUSTOMERS: &str = "select id, name, created_at from customers order by name_key";
pub(super) const CUSTOMERS_PAGE: &str = "select id, name, name_key, created_at from customers \
    where ($1 is null or id = $1) and name_key > $2 order by name_key limit $3";
const ADD_AGENCY: &str = "insert into agencies (id, customer, name, name_key, created_at) values ($1, $2, $3, $4, $5)";
const AGENCY: &str = "select id, customer, name, created_at from agencies where (id = $1 or name_key = $2) \
    and ($3 is null or customer = $3) limit 1";
const AGENCIES: &str = "select id, customer, name, created_at from agencies where ($1 is null or customer = $1) \
    order by name_key, id";
pub(super) const AGENCIES_PAGE: &str = "select id, customer, name, name_key, created_at from agencies \
    where ($1 is null or customer = $1) and (name_key, id) > ($2, $3) order by name_key, id limit $4";
const ADD_USER: &str =
    "insert into users (id, email, email_key, password_hash, created_at) values ($1, $2, $3, $4, $5)";
const USER: &str = "select id, email, password_hash, created_at, disabled_at from users where id = $1";
const USER_BY_EMAIL: &str = "select id, email, password_hash, created_at, disabled_at from users where email_key = $1";

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Its row.
    pub id: CustomerId,
    /// What people call it; unique, whatever the case.
    pub name: String,
    /// When it was added.
    pub created_at: Millis,
}

/// An agency of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// Its row.
    pub id: AgencyId,
    /// Whose it is.
    pub customer: CustomerId,
    /// What people call it; unique within the customer, whatever the case.
    pub name: String,
    /// When it was added.
    pub created_at: Millis,
}

/// A person to be added.
#[derive(Clone)]
pub struct NewUser {
    /// Address, which is also the name for signing in.
    pub email: String,
    /// Argon2id, in PHC string form.
    pub password_hash: String,
    /// What they may do.
    pub role: Role,
    /// Whose they are; none for roles that see every customer, and only for those.
    pub customer: Option<CustomerId>,
}

/// A person who signs in.
#[derive(Clone)]
pub struct User {
    /// Their row.
    pub id: UserId,
    /// Address as typed when they were added.
    pub email: String,
    /// Argon2id, in PHC string form; empty for people who sign in at an OpenID provider only.
    pub password_hash: String,
    /// When they were added.
    pub created_at: Millis,
    /// Since when they may not sign in.
    pub disabled_at: Option<Millis>,
}

impl User {
    /// Whether they can sign in by a password.
    #[must_use]
    pub const fn has_password(&self) -> bool {
        !self.password_hash.is_empty()
    }
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why a customer, agency, user or token was not added.
#[derive(Debug, thiserror::Error)]
pub enum PeopleProblem {
    /// There is one of this name.
    #[error("the name is taken")]
    Taken,
    /// There is no such customer.
    #[error("there is no such customer")]
    UnknownCustomer,
    /// A role for one customer without one, or a role for all with one.
    #[error("operator and support belong to no customer, every other role to one")]
    RoleAndCustomer,
    /// The database failed.
    #[error("it could not be stored")]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for PeopleProblem {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some(Constraint::TakenName) => Self::Taken,
            _ if leads_nowhere(&error) => Self::UnknownCustomer,
            _ => Self::Store(error.into()),
        }
    }
}

/// Whether a role and a customer go together.
pub(super) fn check_role(role: Role, customer: Option<&CustomerId>) -> Result<(), PeopleProblem> {
    if role.sees_all_customers() == customer.is_none() { Ok(()) } else { Err(PeopleProblem::RoleAndCustomer) }
}

impl Store {
    /// Adds a customer.
    ///
    /// # Errors
    /// [`PeopleProblem`].
    pub async fn add_customer(&self, name: &str, now: Millis) -> Result<Customer, PeopleProblem> {
        let customer = Customer { id: CustomerId::new(new_id(now)), name: name.trim().to_owned(), created_at: now };
        let statement = sqlx::query(ADD_CUSTOMER)
            .bind(customer.id.as_str())
            .bind(customer.name.as_str())
            .bind(key(name))
            .bind(now.0);
        let mut tx = self.database.begin().await?;
        statement.execute(&mut *tx).await?;
        let summary = format!("Customer {} added", customer.name);
        let (act, subject) = ("customer.added", customer.id.as_str());
        self.note(&mut tx, Deed { act, customer: Some(&customer.id), subject, summary: &summary }, now).await?;
        tx.commit().await?;
        Ok(customer)
    }

    /// A customer by id or name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn customer(&self, id_or_name: &str) -> Result<Option<Customer>, StoreError> {
        let row =
            sqlx::query(CUSTOMER).bind(id_or_name).bind(key(id_or_name)).fetch_optional(self.database.reader()).await?;
        row.as_ref().map(read_customer).transpose()
    }

    /// Every customer, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn customers(&self) -> Result<Vec<Customer>, StoreError> {
        Ok(readable(&sqlx::query(CUSTOMERS).fetch_all(self.database.reader()).await?, read_customer))
    }

    /// A page of the customers that somebody sees, by name.
    ///
    /// # Errors
    /// When the database fails, or the cursor is not ours.
    pub async fn paged_customers(
        &self,
        scope: &Scope,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Customer>, StoreError> {
        let after: String = cursor.map_or_else(|| Ok(String::new()), page::decode)?;
        let mut rows = sqlx::query(CUSTOMERS_PAGE)
            .bind(scope.customer().map(str::to_owned))
            .bind(after)
            .bind(page::rows(limit))
            .fetch_all(self.database.reader())
            .await?;
        let next_cursor = page::cut(&mut rows, limit, |row| Ok(row.try_get::<String, _>("name_key")?))?;
        Ok(Page { items: readable(&rows, read_customer), next_cursor })
    }

    /// Adds an agency to a customer.
    ///
    /// # Errors
    /// [`PeopleProblem`].
    pub async fn add_agency(&self, customer: &CustomerId, name: &str, now: Millis) -> Result<Agency, PeopleProblem> {
        let (id, name) = (AgencyId::new(new_id(now)), name.trim().to_owned());
        let statement = sqlx::query(ADD_AGENCY)
            .bind(id.as_str())
            .bind(customer.as_str())
            .bind(name.as_str())
            .bind(key(&name))
            .bind(now.0);
        let mut tx = self.database.begin().await?;
        statement.execute(&mut *tx).await?;
        let summary = format!("Agency {name} added");
        let (act, subject) = ("agency.added", id.as_str());
        self.note(&mut tx, Deed { act, customer: Some(customer), subject, summary: &summary }, now).await?;
        tx.commit().await?;
        Ok(Agency { id, customer: customer.clone(), name, created_at: now })
    }

    /// Agencies, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agencies(&self, scope: &Scope) -> Result<Vec<Agency>, StoreError> {
        let rows =
            sqlx::query(AGENCIES).bind(scope.customer().map(str::to_owned)).fetch_all(self.database.reader()).await?;
        Ok(readable(&rows, read_agency))
    }

    /// A page of them.
    ///
    /// # Errors
    /// When the database fails, or the cursor is not ours.
    pub async fn paged_agencies(
        &self,
        scope: &Scope,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Agency>, StoreError> {
        let (name, id): (String, String) = cursor.map_or_else(|| Ok(Default::default()), page::decode)?;
        let mut rows = sqlx::query(AGENCIES_PAGE)
            .bind(scope.customer().map(str::to_owned))
            .bind(name)
            .bind(id)
            .bind(page::rows(limit))
            .fetch_all(self.database.reader())
            .await?;
        let next_cursor = page::cut(&mut rows, limit, |row| {
            Ok((row.try_get::<String, _>("name_key")?, row.try_get::<String, _>("id")?))
        })?;
        Ok(Page { items: readable(&rows, read_agency), next_cursor })
    }

    /// An agency by id or name. Several customers may have agencies of one name: ask within one customer's scope.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agency(&self, scope: &Scope, id_or_name: &str) -> Result<Option<Agency>, StoreError> {
        let row = sqlx::query(AGENCY)
            .bind(id_or_name)
            .bind(key(id_or_name))
            .bind(scope.customer().map(str::to_owned))
            .fetch_optional(self.database.reader())
            .await?;
        row.as_ref().map(read_agency).transpose()
    }

    /// Adds a person with their first membership.
    ///
    /// # Errors
    /// [`PeopleProblem`].
    pub async fn add_user(&self, new: NewUser, now: Millis) -> Result<User, PeopleProblem> {
        let NewUser { email, password_hash, role, customer } = new;
        let mut tx = self.database.begin().await?;
        let user = insert_user(&mut tx, &email, password_hash, now).await?;
        members::add(&mut tx, &user.id, customer.as_ref(), role, now).await?;
        let summary = format!("{} added as {}", user.email, role.word());
        let (act, subject) = ("person.added", user.id.as_str());
        self.note(&mut tx, Deed { act, customer: customer.as_ref(), subject, summary: &summary }, now).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// A person by id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        let row = sqlx::query(USER).bind(id.as_str()).fetch_optional(self.database.reader()).await?;
        row.as_ref().map(read_user).transpose()
    }

    /// A person by address, in any case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        let row = sqlx::query(USER_BY_EMAIL).bind(key(email)).fetch_optional(self.database.reader()).await?;
        row.as_ref().map(read_user).transpose()
    }
}

/// Adds a person who may do nothing yet.
pub(super) async fn insert_user(
    tx: &mut Tx,
    email: &str,
    password_hash: String,
    now: Millis,
) -> Result<User, PeopleProblem> {
    let (id, email_as_typed) = (UserId::new(new_id(now)), email.trim().to_owned());
    let user = User { id, email: email_as_typed, password_hash, created_at: now, disabled_at: None };
    sqlx::query(ADD_USER)
        .bind(user.id.as_str())
        .bind(user.email.as_str())
        .bind(key(email))
        .bind(user.password_hash.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(user)
}

/// A person by address, within a transaction.
pub(super) async fn user_by_email(tx: &mut Tx, email: &str) -> Result<Option<User>, StoreError> {
    let row = sqlx::query(USER_BY_EMAIL).bind(key(email)).fetch_optional(&mut **tx).await?;
    row.as_ref().map(read_user).transpose()
}

/// A person's address, within a transaction.
pub(super) async fn email_of(tx: &mut Tx, user: &UserId) -> Result<String, StoreError> {
    let row = sqlx::query(USER).bind(user.as_str()).fetch_one(&mut **tx).await?;
    Ok(row.try_get("email")?)
}

/// What names are compared by.
pub(super) fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Reads a role's word.
pub(super) fn read_role(row: &AnyRow, table: &'static str) -> Result<Role, StoreError> {
    let word: String = row.try_get("role")?;
    Role::from_word(&word).ok_or_else(|| StoreError::BadRow {
        table,
        id: row.try_get("id").unwrap_or_default(),
        why: format!("role {word:?}"),
    })
}

fn read_customer(row: &AnyRow) -> Result<Customer, StoreError> {
    Ok(Customer {
        id: CustomerId::new(row.try_get::<String, _>("id")?),
        name: row.try_get("name")?,
        created_at: Millis(row.try_get("created_at")?),
    })
}

fn read_agency(row: &AnyRow) -> Result<Agency, StoreError> {
    Ok(Agency {
        id: AgencyId::new(row.try_get::<String, _>("id")?),
        customer: CustomerId::new(row.try_get::<String, _>("customer")?),
        name: row.try_get("name")?,
        created_at: Millis(row.try_get("created_at")?),
    })
}

fn read_user(row: &AnyRow) -> Result<User, StoreError> {
    Ok(User {
        id: UserId::new(row.try_get::<String, _>("id")?),
        email: row.try_get("email")?,
        password_hash: row.try_get("password_hash")?,
        created_at: Millis(row.try_get("created_at")?),
        disabled_at: row.try_get::<Option<i64>, _>("disabled_at")?.map(Millis),
    })
}
