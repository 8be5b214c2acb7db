//! A domain's row, and what it reads as.

use super::derived::Derived;
use super::error::StoreError;
use crate::domain::errors::chain;
use crate::domain::facts::Facts;
use crate::domain::hostname::Hostname;
use crate::domain::id::{AgencyId, CustomerId, DomainId};
use crate::domain::setup::{DcvLabel, Setup, SslValidation, Token, VerificationMethod};
use crate::domain::step::Asked;
use crate::domain::time::Millis;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// The columns that [`Stored`] is read from, for `concat!` into statements over [`stored_tables`].
macro_rules! stored_columns {
    () => {
        "domains.id, domains.customer, domains.agency, domains.name, domains.hostname, domains.alias, \
         domains.verification_method, domains.ssl_validation, domains.token, domains.dcv_label, domains.created_at, \
         domains.facts, domains.revision, work.refresh_at, work.watched_since, work.watched_until"
    };
}
pub(super) use stored_columns;

/// Where they are. A removed domain has no row in `work`.
macro_rules! stored_tables {
    () => {
        "domains join work on work.domain = domains.id"
    };
}
pub(super) use stored_tables;

/// A web domain as it is stored: what it is, what is known of it, and what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Identity and settings.
    pub setup: Setup,
    /// What is known.
    pub facts: Facts,
    /// What people asked since the last look.
    pub asked: Asked,
    /// Grows with every change of facts or settings.
    pub revision: u64,
    /// What its derived columns hold; a worker knows it.
    pub derived: Option<Derived>,
}

impl Stored {
    /// Reads the columns of [`stored_columns`].
    pub(super) fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let id: String = row.try_get("id")?;
        let bad = |why: String| StoreError::BadRow { table: "domains", id: id.clone(), why };
        let facts: String = row.try_get("facts")?;
        let facts: Facts = serde_json::from_str(&facts).map_err(|error| bad(format!("facts: {error}")))?;
        let revision = u64::try_from(row.try_get::<i64, _>("revision")?).map_err(|_| bad("revision".into()))?;
        let hostname: String = row.try_get("hostname")?;
        let method: String = row.try_get("verification_method")?;
        let ssl: String = row.try_get("ssl_validation")?;
        let setup = Setup {
            id: DomainId::new(id.clone()),
            customer: CustomerId::new(row.try_get::<String, _>("customer")?),
            agency: row.try_get::<Option<String>, _>("agency")?.map(AgencyId::new),
            name: row.try_get("name")?,
            hostname: Hostname::parse_form(&hostname).map_err(|error| bad(format!("hostname: {error}")))?,
            alias: row.try_get("alias")?,
            verification_method: VerificationMethod::from_word(&method)
                .ok_or_else(|| bad(format!("verification_method {method:?}")))?,
            ssl_validation: SslValidation::from_word(&ssl).ok_or_else(|| bad(format!("ssl_validation {ssl:?}")))?,
            token: Token::from_stored(row.try_get::<String, _>("token")?),
            dcv_label: DcvLabel::from_stored(row.try_get::<String, _>("dcv_label")?),
            created_at: Millis(row.try_get("created_at")?),
        };
        let asked = Asked {
            refresh_at: row.try_get::<Option<i64>, _>("refresh_at")?.map(Millis),
            watched_since: row.try_get::<Option<i64>, _>("watched_since")?.map(Millis),
            watched_until: row.try_get::<Option<i64>, _>("watched_until")?.map(Millis),
        };
        Ok(Self { setup, facts, asked, revision, derived: None })
    }
}

/// Reads every row that can be read: one that can't is logged and left out, so that it harms only itself.
pub(super) fn readable<R, T>(rows: impl IntoIterator<Item = R>, read: impl Fn(R) -> Result<T, StoreError>) -> Vec<T> {
    rows.into_iter()
        .filter_map(|row| {
            read(row).inspect_err(|error| tracing::error!(error = %chain(error), "a row was left out")).ok()
        })
        .collect()
}
