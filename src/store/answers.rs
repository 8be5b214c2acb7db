//! What the edge of every node must answer over plain HTTP: challenges of orders that are validated so, and token files.
//!
//! A token file is answered here once the name leads here, where whoever set that up can put no file any more. Routing says
//! that the name is meant for this installation, and not for whom: so it is answered only while no other customer ever
//! claimed the name. A name that a customer left behind, still led here, proves nothing for the next one.

use super::Store;
use super::error::StoreError;
use super::row::readable;
use crate::domain::id::DomainId;
use crate::domain::record::proof;
use crate::domain::setup::Token;
use sqlx::Row as _;

/// Rows of one batch at most.
const BATCH_ROWS: u32 = 1_000;

const ALL_CHALLENGES: &str = "select hostname, key_authorization from http_challenges order by hostname";
macro_rules! files {
    ($which:literal) => {
        files!("domains.id, domains.hostname, domains.token", $which)
    };
    ($columns:literal, $which:literal) => {
        concat!(
            "select ",
            $columns,
            " from domains where domains.verification_method = 'http' \
             and domains.removed_at is null and not exists (select 1 from ownership_tokens \
             where ownership_tokens.hostname = domains.hostname and ownership_tokens.customer <> domains.customer) and ",
            $which
        )
    };
}

const ALL_FILES: &str = files!("domains.id > $1 order by domains.id limit $2");
const OF_NAME: &str = concat!(
    "select domains.hostname, http_challenges.key_authorization, cast(null as text) as token from domains \
     left join http_challenges on http_challenges.hostname = domains.hostname where domains.id = $1 union all ",
    files!(
        "domains.hostname, cast(null as text) as key_authorization, domains.token",
        "domains.hostname = (select hostname from domains where id = $1)"
    )
);

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

/// A page of token files.
#[derive(Clone, Debug)]
pub struct AnsweredPage {
    /// What could be read; a bad row is logged and left out.
    pub items: Vec<Answered>,
    /// Where to go on; none at the end.
    pub next: Option<DomainId>,
}

impl Store {
    /// What the edge answers for one domain's name; none when there never was such a domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answers(&self, domain: &DomainId) -> Result<Option<Answered>, StoreError> {
        let rows = sqlx::query(OF_NAME).bind(domain.as_str()).fetch_all(self.database.reader()).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let mut answered = Answered { hostname: first.try_get("hostname")?, ..Answered::default() };
        for row in &rows {
            answered.challenges.extend(row.try_get::<Option<String>, _>("key_authorization")?);
            answered.files.extend(row.try_get::<Option<String>, _>("token")?.map(file));
        }
        Ok(Some(answered))
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
    pub async fn answered_files(&self, after: Option<&DomainId>) -> Result<AnsweredPage, StoreError> {
        let rows = sqlx::query(ALL_FILES)
            .bind(after.map_or("", DomainId::as_str))
            .bind(i64::from(BATCH_ROWS))
            .fetch_all(self.database.reader())
            .await?;
        let full = rows.len() == BATCH_ROWS as usize;
        let last = rows.last().filter(|_| full).map(|row| row.try_get::<String, _>("id")).transpose()?;
        let items = readable(&rows, |row| {
            let files = vec![file(row.try_get("token")?)];
            Ok(Answered { hostname: row.try_get("hostname")?, challenges: Vec::new(), files })
        });
        Ok(AnsweredPage { items, next: last.map(DomainId::new) })
    }
}

fn file(token: String) -> (String, String) {
    let token = Token::from_stored(token);
    let text = proof(&token);
    (token.to_string(), text)
}
