//! The audit log: every act of a person or token, written in the act's own transaction, each entry chained to the one before.
//!
//! One chain for the installation: acts of the provider's own people belong to no customer, and what is missing at the end
//! of a customer's part would show nowhere else. The chain's end is a row of its own, locked last in a transaction, so that
//! acts queue for it for the time of a commit; a worker's walks never come here.

use super::outbox::Changed;
use super::page::{self, Page};
use super::timeline::Entry;
use super::transaction::Tx;
use super::{Scope, Store, StoreError};
use crate::domain::id::CustomerId;
use crate::domain::time::Millis;
use aws_lc_rs::digest;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::net::IpAddr;
use std::sync::Arc;

macro_rules! head {
    ($lock:literal) => {
        concat!("select seq, hash from audit_head", $lock)
    };
}
macro_rules! entries {
    ($condition:literal) => {
        concat!(
            "select seq, at, actor, actor_id, address, act, customer, subject, domain, summary, outcome, hash from audit where ",
            $condition
        )
    };
}

const ADD: &str = "insert into audit \
    (seq, at, actor, actor_id, address, act, customer, subject, domain, summary, outcome, hash) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const MOVE: &str = "update audit_head set seq = $1, hash = $2";
const HOSTNAME: &str = "select hostname from domains where id = $1";
/// Read backwards from the newest entry until the page is full.
const PAGE: &str = entries!(
    "seq < $1 and ($2 is null or customer = $2) and ($3 is null or actor = $3) and ($4 is null or act = $4) \
     and ($5 is null or domain = $5) and at >= $6 and at < $7 order by seq desc limit $8"
);
const NEXT: &str = entries!("seq > $1 order by seq limit $2");
/// Entries that are checked at a time.
const CHECKED: i64 = 1_000;

/// Who acts, as the audit log names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// As the timeline names them.
    pub name: String,
    /// The person's or the token's row.
    pub id: Option<String>,
    /// Where their connection comes from.
    pub address: Option<IpAddr>,
}

/// What they did.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// A stable word, such as `domain.added`.
    pub act: &'a str,
    /// Whose thing it was; none for the provider's.
    pub customer: Option<&'a CustomerId>,
    /// The thing's row.
    pub subject: &'a str,
    /// One plain sentence, without any secret.
    pub summary: &'a str,
}

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
}

impl Outcome {
    const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place, counted from one without gaps.
    pub seq: i64,
    /// When.
    pub at: Millis,
    /// See [`Actor::name`].
    pub actor: String,
    /// See [`Actor::id`].
    pub actor_id: Option<String>,
    /// See [`Actor::address`].
    pub address: Option<String>,
    /// See [`Deed::act`].
    pub act: String,
    /// See [`Deed::customer`].
    pub customer: Option<String>,
    /// See [`Deed::subject`].
    pub subject: String,
    /// The web domain's name, if it was about one.
    pub domain: Option<String>,
    /// See [`Deed::summary`].
    pub summary: String,
    /// `done` or `refused`.
    pub outcome: String,
    /// What the next entry is chained to.
    pub hash: Vec<u8>,
}

/// Which entries are asked for.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Whose acts.
    pub actor: Option<String>,
    /// Which acts.
    pub act: Option<String>,
    /// About which web domain, by name.
    pub domain: Option<String>,
    /// Not before then.
    pub since: Option<Millis>,
    /// Before then.
    pub until: Option<Millis>,
}

/// What a look at the whole chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Every entry follows from the one before, up to the end.
    Whole {
        /// How many.
        entries: i64,
        /// Hash of the last: kept elsewhere, it shows later whether the whole chain was written anew.
        head: Vec<u8>,
    },
    /// It breaks.
    Broken {
        /// Place of the first entry that does not follow.
        seq: i64,
        /// How.
        flaw: Flaw,
    },
}

/// How a chain breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The entry is not there.
    Missing,
    /// Its text is not what was written, or it does not follow the one before.
    Changed,
    /// It is not what the chain's end says.
    End,
}

impl Store {
    /// The same store on behalf of somebody, whose acts are written down.
    #[must_use]
    pub fn by(&self, actor: Actor) -> Self {
        Self { actor: Some(Arc::new(actor)), ..self.clone() }
    }

    /// Writes down an act that changes nothing here.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_alone(&self, deed: Deed<'_>, outcome: Outcome, now: Millis) -> Result<(), StoreError> {
        let mut tx = self.database.begin().await?;
        self.append(&mut tx, deed, None, outcome, now).await?;
        Ok(tx.commit().await?)
    }

    /// Writes down what was done in this transaction, if somebody is behind it: the last statement before the commit.
    pub(super) async fn note(&self, tx: &mut Tx, deed: Deed<'_>, now: Millis) -> Result<(), StoreError> {
        self.append(tx, deed, None, Outcome::Done, now).await
    }

    /// The same for what a timeline says of a domain.
    pub(super) async fn note_told(
        &self,
        tx: &mut Tx,
        changed: &Changed,
        entry: &Entry,
        now: Millis,
    ) -> Result<(), StoreError> {
        if self.actor.is_none() {
            return Ok(());
        }
        let (act, summary, subject) = (entry.kind.as_str(), entry.summary.as_str(), changed.domain.as_str());
        let hostname: String = sqlx::query_scalar(HOSTNAME).bind(subject).fetch_one(&mut **tx).await?;
        let deed = Deed { act, customer: Some(&changed.customer), subject, summary };
        self.append(tx, deed, Some(hostname), Outcome::Done, now).await
    }

    async fn append(
        &self,
        tx: &mut Tx,
        deed: Deed<'_>,
        domain: Option<String>,
        outcome: Outcome,
        now: Millis,
    ) -> Result<(), StoreError> {
        let Some(actor) = self.actor.as_deref() else { return Ok(()) };
        self.mark_acted(tx).await?;
        let head = sqlx::query(self.database.pick(head!(""), head!(" for update"))).fetch_one(&mut **tx).await?;
        let previous: Vec<u8> = head.try_get("hash")?;
        let mut entry = AuditEntry {
            seq: head.try_get::<i64, _>("seq")? + 1,
            at: now,
            actor: actor.name.clone(),
            actor_id: actor.id.clone(),
            address: actor.address.map(|address| address.to_string()),
            act: deed.act.to_owned(),
            customer: deed.customer.map(|customer| customer.as_str().to_owned()),
            subject: deed.subject.to_owned(),
            domain,
            summary: deed.summary.to_owned(),
            outcome: outcome.word().to_owned(),
            hash: Vec::new(),
        };
        entry.hash = entry.chained(&previous)?;
        sqlx::query(MOVE).bind(entry.seq).bind(entry.hash.clone()).execute(&mut **tx).await?;
        sqlx::query(ADD)
            .bind(entry.seq)
            .bind(now.0)
            .bind(entry.actor)
            .bind(entry.actor_id)
            .bind(entry.address)
            .bind(entry.act)
            .bind(entry.customer)
            .bind(entry.subject)
            .bind(entry.domain)
            .bind(entry.summary)
            .bind(entry.outcome)
            .bind(entry.hash)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// A page of the audit log, newest first.
    ///
    /// # Errors
    /// When the database fails, or the cursor is not ours.
    pub async fn audit(
        &self,
        scope: &Scope,
        filter: &AuditFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let before: i64 = cursor.map_or(Ok(i64::MAX), page::decode)?;
        let mut rows = sqlx::query(PAGE)
            .bind(before)
            .bind(scope.customer().map(str::to_owned))
            .bind(filter.actor.clone())
            .bind(filter.act.clone())
            .bind(filter.domain.clone())
            .bind(filter.since.map_or(i64::MIN, |at| at.0))
            .bind(filter.until.map_or(i64::MAX, |at| at.0))
            .bind(page::rows(limit))
            .fetch_all(self.database.reader())
            .await?;
        let next_cursor = page::cut(&mut rows, limit, |row| Ok(row.try_get::<i64, _>("seq")?))?;
        Ok(Page { items: rows.iter().map(read).collect::<Result<_, _>>()?, next_cursor })
    }

    /// Walks the whole chain, while others may add to it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify_audit(&self) -> Result<Chain, StoreError> {
        let (end, head) = self.audit_head().await?;
        let (mut seq, mut hash) = (0, vec![0; digest::SHA256_OUTPUT_LEN]);
        loop {
            let rows = sqlx::query(NEXT).bind(seq).bind(CHECKED).fetch_all(self.database.reader()).await?;
            for entry in rows.iter().map(read) {
                let (entry, next) = (entry?, seq + 1);
                if entry.seq != next {
                    return Ok(Chain::Broken { seq: next, flaw: Flaw::Missing });
                }
                if entry.chained(&hash)? != entry.hash {
                    return Ok(Chain::Broken { seq: next, flaw: Flaw::Changed });
                }
                (seq, hash) = (next, entry.hash);
                if seq == end && hash != head {
                    return Ok(Chain::Broken { seq, flaw: Flaw::End });
                }
            }
            if rows.is_empty() {
                break;
            }
        }
        if seq < end {
            return Ok(Chain::Broken { seq: seq + 1, flaw: Flaw::Missing });
        }
        // What was added during the walk lies before the end as it is now.
        if self.audit_head().await?.0 < seq {
            return Ok(Chain::Broken { seq, flaw: Flaw::End });
        }
        Ok(Chain::Whole { entries: seq, head: hash })
    }

    async fn audit_head(&self) -> Result<(i64, Vec<u8>), StoreError> {
        let row = sqlx::query(head!("")).fetch_one(self.database.reader()).await?;
        Ok((row.try_get("seq")?, row.try_get("hash")?))
    }
}

impl AuditEntry {
    /// SHA-256 over the hash before and a JSON array of all else, in the columns' order.
    fn chained(&self, previous: &[u8]) -> Result<Vec<u8>, StoreError> {
        let who = (&self.actor, &self.actor_id, &self.address);
        let what = (&self.act, &self.customer, &self.subject, &self.domain, &self.summary, &self.outcome);
        let content = serde_json::to_vec(&(self.seq, self.at.0, who, what))
            .map_err(|_| StoreError::Contradiction("an audit entry that is no plain data"))?;
        let mut sum = digest::Context::new(&digest::SHA256);
        sum.update(previous);
        sum.update(&content);
        Ok(sum.finish().as_ref().to_vec())
    }
}

fn read(row: &AnyRow) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        seq: row.try_get("seq")?,
        at: Millis(row.try_get("at")?),
        actor: row.try_get("actor")?,
        actor_id: row.try_get("actor_id")?,
        address: row.try_get("address")?,
        act: row.try_get("act")?,
        customer: row.try_get("customer")?,
        subject: row.try_get("subject")?,
        domain: row.try_get("domain")?,
        summary: row.try_get("summary")?,
        outcome: row.try_get("outcome")?,
        hash: row.try_get("hash")?,
    })
}
