//! Our accounts at the CAs: credentials sealed, stored before the first order.

use super::transaction::Tx;
use super::{Store, StoreError};
use crate::domain::time::Millis;
use sqlx::Row as _;
use zeroize::Zeroizing;

const ONE: &str = "select sealed, account_uri from acme_accounts where ca = $1 and directory = $2";
const SAVE: &str = "insert into acme_accounts (ca, directory, sealed, account_uri, created_at) \
    values ($1, $2, $3, $4, $5) on conflict (ca, directory) do nothing";

const NOTE: &str = "update acme_accounts set account_uri = $3, caa_identities = $4 where ca = $1 and directory = $2";
/// There are as many as CAs that were ever configured.
const STANDINGS: &str = "select ca, directory, account_uri, caa_identities from acme_accounts \
    where account_uri <> '' order by ca, directory limit 100";

/// Who we are at a CA, and what it calls itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountStanding {
    /// The CA's configured name.
    pub ca: String,
    /// Its directory's URL.
    pub directory: String,
    /// Our account there: the `accounturi` of CAA records (RFC 8657).
    pub account_uri: String,
    /// The names by which CAA records allow the CA.
    pub caa_identities: Vec<String>,
}

/// Takes down what a CA said; an account that is not stored is none of ours.
pub(super) async fn note(tx: &mut Tx, standing: &AccountStanding) -> Result<(), StoreError> {
    let names = serde_json::to_string(&standing.caa_identities).map_err(|_| StoreError::Contradiction("names"))?;
    let statement = sqlx::query(NOTE)
        .bind(standing.ca.clone())
        .bind(standing.directory.clone())
        .bind(standing.account_uri.clone())
        .bind(names);
    tx.later(statement).await?;
    Ok(())
}

/// An account at a CA.
pub struct AcmeAccount {
    /// Its credentials, as the ACME client writes them down; wiped when dropped.
    pub credentials: Zeroizing<Vec<u8>>,
    /// Its URI (RFC 8555 §7.3).
    pub account_uri: String,
}

impl std::fmt::Debug for AcmeAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AcmeAccount").field("account_uri", &self.account_uri).finish_non_exhaustive()
    }
}

impl Store {
    /// The account at a CA, by the CA's configured name and its directory URL.
    ///
    /// # Errors
    /// When the database fails, or the credentials do not open.
    pub async fn acme_account(&self, ca: &str, directory: &str) -> Result<Option<AcmeAccount>, StoreError> {
        let row = sqlx::query(ONE).bind(ca).bind(directory).fetch_optional(self.database.writer()).await?;
        let Some(row) = row else { return Ok(None) };
        let sealed: Vec<u8> = row.try_get("sealed")?;
        let credentials = self.keys.open(&["acme", ca, directory], &sealed)?;
        Ok(Some(AcmeAccount { credentials, account_uri: row.try_get("account_uri")? }))
    }

    /// Who we are at each CA that has said so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn standings(&self) -> Result<Vec<AccountStanding>, StoreError> {
        let mut found = Vec::new();
        for row in sqlx::query(STANDINGS).fetch_all(self.database.reader()).await? {
            let names: String = row.try_get("caa_identities")?;
            found.push(AccountStanding {
                ca: row.try_get("ca")?,
                directory: row.try_get("directory")?,
                account_uri: row.try_get("account_uri")?,
                caa_identities: serde_json::from_str(&names).unwrap_or_default(),
            });
        }
        Ok(found)
    }

    /// Stores the account at a CA unless there is one: of nodes that start at once the first wins, and all use what it stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_acme_account(
        &self,
        ca: &str,
        directory: &str,
        credentials: &[u8],
        account_uri: &str,
        now: Millis,
    ) -> Result<(), StoreError> {
        let sealed = self.keys.seal(&["acme", ca, directory], credentials)?;
        self.database
            .execute(sqlx::query(SAVE).bind(ca).bind(directory).bind(sealed).bind(account_uri).bind(now.0))
            .await?;
        Ok(())
    }
}
