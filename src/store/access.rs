//! API tokens: a public id, and the hash of a secret that is shown once and kept nowhere.

use super::audit::Deed;
use super::page::{self, Page};
use super::people::{PeopleProblem, check_role, read_role};
use super::row::readable;
use super::{Scope, Store, StoreError, new_id};
use crate::domain::id::{CustomerId, TokenId, UserId};
use crate::domain::role::Role;
use crate::domain::time::{MINUTE_MS, Millis};
use sqlx::Row as _;
use sqlx::any::AnyRow;

const ADD: &str = "insert into api_tokens \
    (id, name, secret_sha256, role, customer, created_at, expires_at, read_only, made_by) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
macro_rules! tokens {
    ($condition:literal) => {
        concat!(
            "select api_tokens.id, name, secret_sha256, role, customer, api_tokens.created_at, expires_at, last_used_at, \
             revoked_at, read_only, users.disabled_at as maker_disabled_at from api_tokens \
             left join users on users.id = api_tokens.made_by where ",
            $condition
        )
    };
}

const ONE: &str = tokens!("api_tokens.id = $1");
pub(super) const LIST: &str = tokens!(
    "revoked_at is null and ($1 is null or customer = $1) and (api_tokens.created_at, api_tokens.id) < ($2, $3) \
     order by api_tokens.created_at desc, api_tokens.id desc limit $4"
);
const TOUCH: &str =
    "update api_tokens set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at < $3)";
const REVOKE: &str = "update api_tokens set revoked_at = $2 where id = $1 and revoked_at is null \
    and ($3 is null or customer = $3) returning name, customer";

/// "Last used" is kept to the minute: a busy token would otherwise cost a write for each call.
const TOUCH_EVERY_MS: i64 = MINUTE_MS;
/// Tokens that are listed; more than a person keeps apart.
const LISTED: i64 = 500;

/// A token to be added.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What people call it.
    pub name: String,
    /// SHA-256 of its secret part.
    pub secret_sha256: [u8; 32],
    /// What it may do.
    pub role: Role,
    /// Whose it is; none for roles that see every customer, and only for those.
    pub customer: Option<CustomerId>,
    /// Until when it works; none for ever.
    pub expires_at: Option<Millis>,
    /// Whether it may only read.
    pub read_only: bool,
    /// Who made it; none at the command line.
    pub made_by: Option<UserId>,
}

/// A token as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// Its public part.
    pub id: TokenId,
    /// What people call it.
    pub name: String,
    /// SHA-256 of its secret part: compare in constant time.
    pub secret_sha256: Vec<u8>,
    /// What it may do.
    pub role: Role,
    /// Whose it is.
    pub customer: Option<CustomerId>,
    /// When it was made.
    pub created_at: Millis,
    /// Until when it works.
    pub expires_at: Option<Millis>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Millis>,
    /// Since when it no longer works.
    pub revoked_at: Option<Millis>,
    /// Whether it may only read.
    pub read_only: bool,
    /// Whether the person who made it is disabled.
    pub maker_disabled: bool,
}

impl StoredToken {
    /// Whether it is neither revoked nor expired, and whoever made it is not disabled.
    #[must_use]
    pub fn works(&self, now: Millis) -> bool {
        self.revoked_at.is_none() && !self.maker_disabled && self.expires_at.is_none_or(|end| now < end)
    }
}

impl Store {
    /// Adds a token; its id is the token's public part.
    ///
    /// # Errors
    /// [`PeopleProblem`].
    pub async fn add_token(&self, new: NewToken, now: Millis) -> Result<TokenId, PeopleProblem> {
        check_role(new.role, new.customer.as_ref())?;
        let id = TokenId::new(new_id(now));
        let mut tx = self.database.begin().await?;
        sqlx::query(ADD)
            .bind(id.as_str())
            .bind(new.name.as_str())
            .bind(new.secret_sha256.to_vec())
            .bind(new.role.word())
            .bind(new.customer.as_ref().map(|customer| customer.as_str().to_owned()))
            .bind(now.0)
            .bind(new.expires_at.map(|at| at.0))
            .bind(i64::from(new.read_only))
            .bind(new.made_by.map(|user| user.as_str().to_owned()))
            .execute(&mut *tx)
            .await?;
        let summary = format!("API token {} made as {}", new.name, new.role.word());
        let (act, customer) = ("token.made", new.customer.as_ref());
        self.note(&mut tx, Deed { act, customer, subject: id.as_str(), summary: &summary }, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// A token by its public part, whether it works or not: see [`StoredToken::works`].
    ///
    /// # Errors
    /// When the database fails or the row can't be read.
    pub async fn token_by_id(&self, id: &TokenId) -> Result<Option<StoredToken>, StoreError> {
        let row = sqlx::query(ONE).bind(id.as_str()).fetch_optional(self.database.reader()).await?;
        row.as_ref().map(read).transpose()
    }

    /// Tokens that were not revoked, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tokens(&self, scope: &Scope) -> Result<Vec<StoredToken>, StoreError> {
        let newest = (i64::MAX, String::new());
        Ok(readable(&self.token_rows(scope, newest, LISTED).await?, read))
    }

    /// A page of them.
    ///
    /// # Errors
    /// When the database fails, or the cursor is not ours.
    pub async fn paged_tokens(
        &self,
        scope: &Scope,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<StoredToken>, StoreError> {
        let before = cursor.map_or_else(|| Ok((i64::MAX, String::new())), page::decode)?;
        let mut rows = self.token_rows(scope, before, page::rows(limit)).await?;
        let next_cursor = page::cut(&mut rows, limit, |row| {
            Ok((row.try_get::<i64, _>("created_at")?, row.try_get::<String, _>("id")?))
        })?;
        Ok(Page { items: readable(&rows, read), next_cursor })
    }

    async fn token_rows(&self, scope: &Scope, (at, id): (i64, String), limit: i64) -> Result<Vec<AnyRow>, StoreError> {
        let query = sqlx::query(LIST).bind(scope.customer().map(str::to_owned)).bind(at).bind(id).bind(limit);
        Ok(query.fetch_all(self.database.reader()).await?)
    }

    /// Notes that a token was used; writes at most once a minute for each.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch_token(&self, token: &StoredToken, now: Millis) -> Result<(), StoreError> {
        let before = now.plus(-TOUCH_EVERY_MS);
        if token.last_used_at.is_some_and(|last| last >= before) {
            return Ok(());
        }
        sqlx::query(TOUCH).bind(token.id.as_str()).bind(now.0).bind(before.0).execute(self.database.writer()).await?;
        Ok(())
    }

    /// Ends a token for good. False when there is none that works.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_token(&self, scope: &Scope, id: &TokenId, now: Millis) -> Result<bool, StoreError> {
        let statement = sqlx::query(REVOKE).bind(id.as_str()).bind(now.0).bind(scope.customer().map(str::to_owned));
        let mut tx = self.database.begin().await?;
        let Some(row) = statement.fetch_optional(&mut *tx).await? else { return Ok(false) };
        let summary = format!("API token {} revoked", row.try_get::<String, _>("name")?);
        let customer = row.try_get::<Option<String>, _>("customer")?.map(CustomerId::new);
        let act = "token.revoked";
        let deed = Deed { act, customer: customer.as_ref(), subject: id.as_str(), summary: &summary };
        self.note(&mut tx, deed, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}

fn read(row: &AnyRow) -> Result<StoredToken, StoreError> {
    let time = |column| Ok::<_, StoreError>(row.try_get::<Option<i64>, _>(column)?.map(Millis));
    Ok(StoredToken {
        id: TokenId::new(row.try_get::<String, _>("id")?),
        name: row.try_get("name")?,
        secret_sha256: row.try_get("secret_sha256")?,
        role: read_role(row, "api_tokens")?,
        customer: row.try_get::<Option<String>, _>("customer")?.map(CustomerId::new),
        created_at: Millis(row.try_get("created_at")?),
        expires_at: time("expires_at")?,
        last_used_at: time("last_used_at")?,
        revoked_at: time("revoked_at")?,
        read_only: row.try_get::<i64, _>("read_only")? != 0,
        maker_disabled: time("maker_disabled_at")?.is_some(),
    })
}
