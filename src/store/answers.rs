//! What the edge of every node must answer over plain HTTP: challenges of orders that are validated so, and token files.
//!
//! A token file is answered here once the name leads here, where whoever set that up can put no file any more. Routing says
//! that the name is meant for this installation, and not for whom: so it is answered only while no other customer ever
//! claimed the name. A name that a customer left behind, still led here, proves nothing for the next one.

use super::error::StoreError;
use super::row::readable;
use super::{Batch, Store};
use crate::domain::id::DomainId;
use crate::domain::record::proof;
use crate::domain::setup::Token;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// Rows of one batch at most.
const BATCH_ROWS: u32 = 1_000;

const ALL_CHALLENGES: &str = "select hostname, key_authorization from http_challenges order by hostname";
pub(super) const CHALLENGES: &str = "select domains.hostname, http_challenges.key_authorization from domains \
    left join http_challenges on http_challenges.hostname = domains.hostname where domains.id = $1";

macro_rules! files {
    ($which:literal) => {
        concat!(
            "select domains.id, domains.hostname, domains.token from domains where domains.verification_method = 'http' \
             and domains.removed_at is null and not exists (select 1 from ownership_tokens \
             where ownership_tokens.hostname = domains.hostname and ownership_tokens.customer <> domains.customer) and ",
            $which
        )
    };
}

pub(super) const ALL_FILES: &str = files!("domains.id > $1 order by domains.id limit $2");
pub(super) const FILES: &str = files!("domains.hostname = (select hostname from domains where id = $1)");

/// The answers of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// The name.
    pub hostname: String,
    /// Key authorizations of challenges on show.
    pub challenges: Vec<String>,
    /// Token files: name and text.
    pub files: Vec<(String, String)>,
}

impl Store {
    /// What the edge answers for one domain's name; none when there never was such a domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answers(&self, domain: &DomainId) -> Result<Option<Answered>, StoreError> {
        let rows = sqlx::query(CHALLENGES).bind(domain.as_str()).fetch_all(self.database.reader()).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let hostname = first.try_get("hostname")?;
        let challenges = rows
            .iter()
            .map(|row| row.try_get::<Option<String>, _>("key_authorization"))
            .collect::<Result<Vec<_>, _>>()?;
        let rows = sqlx::query(FILES).bind(domain.as_str()).fetch_all(self.database.reader()).await?;
        let files = readable(&rows, file);
        Ok(Some(Answered { hostname, challenges: challenges.into_iter().flatten().collect(), files }))
    }

    /// Every challenge on show: name and key authorization.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answered_challenges(&self) -> Result<Vec<(String, String)>, StoreError> {
        let rows = sqlx::query(ALL_CHALLENGES).fetch_all(self.database.reader()).await?;
        Ok(readable(&rows, |row| Ok((row.try_get("hostname")?, row.try_get("key_authorization")?))))
    }

    /// Token files, by domain, from the one after `after`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answered_files(&self, after: Option<&DomainId>) -> Result<Batch<Answered>, StoreError> {
        let rows = sqlx::query(ALL_FILES)
            .bind(after.map_or("", DomainId::as_str))
            .bind(i64::from(BATCH_ROWS))
            .fetch_all(self.database.reader())
            .await?;
        let full = rows.len() == BATCH_ROWS as usize;
        let last = rows.last().filter(|_| full).map(|row| row.try_get::<String, _>("id")).transpose()?;
        let items = readable(&rows, |row| {
            Ok(Answered { hostname: row.try_get("hostname")?, challenges: Vec::new(), files: vec![file(row)?] })
        });
        Ok(Batch { items, next: last.map(DomainId::new) })
    }
}

fn file(row: &AnyRow) -> Result<(String, String), StoreError> {
    let token = Token::from_stored(row.try_get::<String, _>("token")?);
    let text = proof(&token);
    Ok((token.to_string(), text))
}
