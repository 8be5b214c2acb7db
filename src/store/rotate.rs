//! Another master key in place of the old one: data keys are wrapped anew, secrets stay as they are.
//!
//! Each batch is read, wrapped outside of any transaction, and written in one that compares what it replaces: a second
//! rotation, or a node that saves an account meanwhile, is never overwritten. A batch is all or nothing, and what it has
//! written is not touched again, so that a rotation that was killed goes on where it stopped.

use super::error::StoreError;
use super::replays::place;
use super::seal::SealProblem;
use super::{Store, webhooks};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// Values of one batch: a transaction of some milliseconds, which others wait for.
const BATCH_ROWS: i64 = 250;
/// A node that still seals with the old key adds values behind our back; one that goes on doing so is told of.
const PASSES: u32 = 10;

const KEYS: &str = "select keys.id, keys.domain, keys.sealed, domains.customer from keys \
    join domains on domains.id = keys.domain where keys.id > $1 order by keys.id limit $2";
const WRAP_KEY: &str = "update keys set sealed = $1 where sealed = $2 and id = $3";
const UPLOADS: &str = "select uploads.id, uploads.domain, uploads.sealed, domains.customer from uploads \
    join domains on domains.id = uploads.domain where uploads.id > $1 and sealed is not null order by uploads.id limit $2";
const WRAP_UPLOAD: &str = "update uploads set sealed = $1 where sealed = $2 and id = $3";
/// A handful: one for each CA.
const ACCOUNTS: &str = "select ca, directory, sealed from acme_accounts";
const WRAP_ACCOUNT: &str = "update acme_accounts set sealed = $1 where sealed = $2 and ca = $3 and directory = $4";

const ANSWERS: &str =
    "select id, sealed from idempotency_keys where sealed is not null and id > $1 order by id limit $2";
const WRAP_ANSWER: &str = "update idempotency_keys set sealed = $1 where sealed = $2 and id = $3";
/// One for each zone that customers let us change.
const UPDATE_KEYS: &str = "select id, customer, zone, sealed from update_keys where id > $1 order by id limit $2";
const WRAP_UPDATE_KEY: &str = "update update_keys set sealed = $1 where sealed = $2 and id = $3";

const WEBHOOKS: &str = "select id, customer, sealed from webhooks where id > $1 order by id limit $2";
const WRAP_WEBHOOK: &str = "update webhooks set sealed = $1 where sealed = $2 and id = $3";

/// What came of a rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Values that the new master key wraps since.
    pub wrapped: u64,
    /// Values that none of the master keys opens: they were left as they are.
    pub unreadable: u64,
    /// Whether a last pass found nothing left to do.
    pub complete: bool,
}

/// A value to be replaced.
struct Wrap {
    old: Vec<u8>,
    new: Vec<u8>,
    /// The rest of its statement's values.
    which: Vec<String>,
}

impl Store {
    /// Wraps every sealed value with the current master key, while nodes that know both keys go on.
    ///
    /// # Errors
    /// When the database fails; what was wrapped until then stays so, and the next call goes on.
    pub async fn rotate(&self) -> Result<Rotated, StoreError> {
        let mut rotated = Rotated::default();
        for _ in 0..PASSES {
            let mut pass = Rotated::default();
            self.rotate_accounts(&mut pass).await?;
            self.rotate_update_keys(&mut pass).await?;
            self.rotate_webhooks(&mut pass).await?;
            self.rotate_keys("key", KEYS, WRAP_KEY, &mut pass).await?;
            self.rotate_keys("upload", UPLOADS, WRAP_UPLOAD, &mut pass).await?;
            self.rotate_answers(&mut pass).await?;
            rotated.wrapped += pass.wrapped;
            rotated.unreadable = pass.unreadable;
            rotated.complete = pass.wrapped == 0 && pass.unreadable == 0;
            if pass.wrapped == 0 {
                break;
            }
        }
        Ok(rotated)
    }

    /// Private keys, or those that wait with an upload.
    async fn rotate_keys(
        &self,
        kind: &str,
        select: &'static str,
        wrap: &'static str,
        pass: &mut Rotated,
    ) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let rows = sqlx::query(select).bind(&*after).bind(BATCH_ROWS).fetch_all(self.database.writer()).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.try_get("id")?;
            let mut wraps = Vec::new();
            for row in &rows {
                let text = |column| row.try_get::<String, _>(column);
                let (id, domain, customer) = (text("id")?, text("domain")?, text("customer")?);
                wraps.extend(self.wrap(row, &[kind, &customer, &domain, &id], vec![id.clone()], pass)?);
            }
            pass.wrapped += self.replace(wrap, wraps).await?;
        }
    }

    async fn rotate_answers(&self, pass: &mut Rotated) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let rows = sqlx::query(ANSWERS).bind(&*after).bind(BATCH_ROWS).fetch_all(self.database.writer()).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.try_get("id")?;
            let mut wraps = Vec::new();
            for row in &rows {
                let id: String = row.try_get("id")?;
                wraps.extend(self.wrap(row, &place(&id), vec![id.clone()], pass)?);
            }
            pass.wrapped += self.replace(WRAP_ANSWER, wraps).await?;
        }
    }

    async fn rotate_webhooks(&self, pass: &mut Rotated) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let rows = sqlx::query(WEBHOOKS).bind(&*after).bind(BATCH_ROWS).fetch_all(self.database.writer()).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.try_get("id")?;
            let mut wraps = Vec::new();
            for row in &rows {
                let (id, customer): (String, String) = (row.try_get("id")?, row.try_get("customer")?);
                wraps.extend(self.wrap(row, &webhooks::place(&customer, &id), vec![id.clone()], pass)?);
            }
            pass.wrapped += self.replace(WRAP_WEBHOOK, wraps).await?;
        }
    }

    async fn rotate_update_keys(&self, pass: &mut Rotated) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let rows =
                sqlx::query(UPDATE_KEYS).bind(&*after).bind(BATCH_ROWS).fetch_all(self.database.writer()).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.try_get("id")?;
            let mut wraps = Vec::new();
            for row in &rows {
                let text = |column| row.try_get::<String, _>(column);
                let (id, customer, zone) = (text("id")?, text("customer")?, text("zone")?);
                wraps.extend(self.wrap(row, &["update key", &customer, &zone, &id], vec![id.clone()], pass)?);
            }
            pass.wrapped += self.replace(WRAP_UPDATE_KEY, wraps).await?;
        }
    }

    async fn rotate_accounts(&self, pass: &mut Rotated) -> Result<(), StoreError> {
        let mut wraps = Vec::new();
        for row in sqlx::query(ACCOUNTS).fetch_all(self.database.writer()).await? {
            let (ca, directory): (String, String) = (row.try_get("ca")?, row.try_get("directory")?);
            let which = vec![ca.clone(), directory.clone()];
            wraps.extend(self.wrap(&row, &["acme", &ca, &directory], which, pass)?);
        }
        pass.wrapped += self.replace(WRAP_ACCOUNT, wraps).await?;
        Ok(())
    }

    fn wrap(
        &self,
        row: &AnyRow,
        place: &[&str],
        which: Vec<String>,
        pass: &mut Rotated,
    ) -> Result<Option<Wrap>, StoreError> {
        let old: Vec<u8> = row.try_get("sealed")?;
        match self.keys.rewrap(place, &old) {
            Ok(new) => Ok(new.map(|new| Wrap { old, new, which })),
            // Which of the three it is, whoever needs it is told.
            Err(SealProblem::Form | SealProblem::OtherMaster | SealProblem::Refused) => {
                pass.unreadable += 1;
                tracing::warn!(sealed.place = ?place, "no master key opens this");
                Ok(None)
            }
        }
    }

    async fn replace(&self, statement: &'static str, wraps: Vec<Wrap>) -> Result<u64, StoreError> {
        if wraps.is_empty() {
            return Ok(0);
        }
        let mut replaced = 0;
        let mut tx = self.database.begin().await?;
        for Wrap { old, new, which } in wraps {
            let query = which.into_iter().fold(sqlx::query(statement).bind(new).bind(old), sqlx::query::Query::bind);
            replaced += query.execute(&mut *tx).await?.rows_affected();
        }
        tx.commit().await?;
        Ok(replaced)
    }
}
