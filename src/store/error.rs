//! What can go wrong in the database, and the one place where a violated constraint becomes a typed problem.

use super::outage::Outage;
use super::seal::SealProblem;
use crate::failpoint::Injected;

/// The database failed, or holds something that it should not.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine or the way to it failed.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
    /// Somebody's text holds a zero byte, which PostgreSQL keeps nowhere.
    #[error("the text holds a character that can't be kept")]
    UnstorableText,
    /// The URL names another kind of database.
    #[error("databases are sqlite:// or postgres://, not {0:?}")]
    UnknownEngine(String),
    /// Several connections to memory are several databases.
    #[error("an in-memory SQLite database can't be shared by several connections: name a file")]
    InMemory,
    /// A migration's text is not the one that was run.
    #[error("migration {0} was run with another text: this database belongs to another version")]
    ForeignMigration(String),
    /// A row does not read as what we wrote.
    #[error("the {table} row {id} can't be read: {why}")]
    BadRow {
        /// Its table.
        table: &'static str,
        /// Its id.
        id: String,
        /// What is wrong.
        why: String,
    },
    /// A sealed value did not open.
    #[error("a sealed value did not open")]
    Seal(#[from] SealProblem),
    /// A page cursor that we did not make.
    #[error("the cursor is not one that a list gave out")]
    BadCursor,
    /// The caller's change does not fit together.
    #[error("the change contradicts itself: {0}")]
    Contradiction(&'static str),
}

/// PostgreSQL's code for text that its encoding does not have (`character_not_in_repertoire`).
const NOT_IN_REPERTOIRE: &str = "22021";

impl StoreError {
    /// Why the database can't be used for now; none when it would say the same the next time.
    #[must_use]
    pub fn outage(&self) -> Option<Outage> {
        match self {
            Self::Database(error) => Outage::of(error),
            _ => None,
        }
    }
}

impl From<Injected> for StoreError {
    fn from(injected: Injected) -> Self {
        Self::Database(sqlx::Error::Io(std::io::Error::other(injected)))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        if code.as_deref() == Some(NOT_IN_REPERTOIRE) { Self::UnstorableText } else { Self::Database(error) }
    }
}

/// The constraints that mean something to a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Constraint {
    /// The customer has this domain already.
    LiveClaim,
    /// Another claim of the name is verified.
    HeldHostname,
    /// Another claim of the name has an order in flight at this CA.
    OneLiveOrder,
    /// A customer, agency or user of this name exists.
    TakenName,
    /// A primary key exists.
    TakenId,
    /// An identity is somebody's, or somebody has one of the same provider.
    TakenIdentity,
}

/// PostgreSQL names the constraint or index; SQLite lists its columns in the message.
const CONSTRAINTS: [(Constraint, &str, &str); 9] = [
    (Constraint::LiveClaim, "domains_live_claim", "domains.hostname, domains.customer"),
    (Constraint::HeldHostname, "domains_held_hostname", "domains.held_hostname"),
    (Constraint::OneLiveOrder, "orders_one_live", "orders.ca, orders.hostname"),
    (Constraint::TakenName, "customers_name_key_key", "customers.name_key"),
    (Constraint::TakenName, "agencies_customer_name_key_key", "agencies.customer, agencies.name_key"),
    (Constraint::TakenName, "users_email_key_key", "users.email_key"),
    (Constraint::TakenId, "sessions_pkey", "sessions.id_hash"),
    (Constraint::TakenIdentity, "identities_pkey", "identities.issuer, identities.subject"),
    (Constraint::TakenIdentity, "identities_one_of_issuer", "identities.issuer, identities.user_id"),
];

/// Which known constraint an error is about, if any.
pub(super) fn violated(error: &sqlx::Error) -> Option<Constraint> {
    let error = error.as_database_error().filter(|error| error.is_unique_violation())?;
    let (name, message) = (error.constraint(), error.message());
    CONSTRAINTS
        .into_iter()
        .find(|(_, postgres, sqlite)| {
            name.map_or_else(
                || message.rsplit_once(": ").is_some_and(|(_, columns)| columns == *sqlite),
                |n| n == *postgres,
            )
        })
        .map(|(constraint, ..)| constraint)
}

/// Whether a row was refused because what it leads to is not there.
pub(super) fn leads_nowhere(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.is_foreign_key_violation())
}
