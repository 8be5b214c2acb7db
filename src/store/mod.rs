//! The database: the one place that knows SQL, for SQLite and PostgreSQL alike.
//!
//! Every statement exists once, as a const next to its use, and runs on both engines through sqlx's `Any` driver. SQLite
//! (write-ahead log, every commit flushed to disk before its writer hears of it) has one writing connection, so that writers queue here and never meet
//! `SQLITE_BUSY`; PostgreSQL has one pool, and rows are locked by the statements that need it.
//!
//! A domain's facts are stored as JSON text: they grow with each rule of `domain`, and no statement looks inside them.
//! Whatever a statement asks for (statuses, the next due time, the current certificate) has its own column, derived from
//! the facts and written together with them, so that the two never disagree.
//!
//! Every change is one transaction, guarded by the domain's revision and, for a worker, by its lease's fencing number.
//! This folder decides nothing about domains, reads no clock, and never sends anything over the network but SQL.

mod access;
mod accounts;
mod allowance;
mod answers;
mod approvals;
mod asked;
mod audit;
mod backup;
mod beside;
mod census;
mod certificates;
mod change;
mod derived;
mod domains;
mod durable;
mod engine;
mod error;
mod filter;
mod fresh;
mod happen;
mod identities;
mod import;
mod installable;
mod invitations;
mod joined;
mod kept;
mod keyring;
mod lease;
mod leftovers;
mod links;
mod list;
mod listen;
mod mail_choices;
mod mailings;
mod members;
mod migrations;
mod nodes;
mod notices;
mod observations;
mod orders;
mod outage;
mod outbox;
mod page;
mod patience;
mod people;
mod prune;
mod record;
mod renewals;
mod replays;
mod report_mails;
mod rotate;
mod row;
mod scope;
mod seal;
mod search;
mod sessions;
mod sharing;
mod shown;
mod tail;
mod tally;
mod timeline;
mod transaction;
mod triage;
mod update_keys;
mod uploads;
mod webhooks;
mod write;

#[cfg(test)]
mod contract;

pub use access::{NewToken, StoredToken};
pub use accounts::{AccountStanding, AcmeAccount};
pub use answers::{Answered, AnsweredPage};
pub use approvals::{ApprovalRequest, NewApproval};
pub use asked::Refresh;
pub use audit::{Actor, AuditEntry, AuditFilter, Chain, Deed, Flaw, Outcome};
pub use backup::{BackupProblem, backup};
pub use census::{Census, Group};
pub use certificates::{CertificateStatus, KeyMaterial, StoredCertificate};
pub use change::{Change, Extra, Index, OrderOutcome, RecordProblem, Terms, Then, Wait};
pub use derived::Derived;
pub use domains::{AddProblem, NewDomain, Settings};
pub use error::StoreError;
pub use filter::{Filter, Sort};
pub use fresh::new_id;
pub use identities::{Identity, Known};
pub use import::Import;
pub use installable::{Installable, Site, SitePage, SiteRange};
pub use invitations::{Invitation, NewInvitation};
pub use keyring::Keyring;
pub use lease::{Claimed, Lease};
pub use leftovers::Leftover;
pub use links::{LINKS_MAX, StoredLink};
pub use list::Listed;
pub use listen::Calls;
pub use mailings::{LETTERS_OF_DOMAIN, LETTERS_OF_SENDER};
pub use members::{Member, Membership};
pub use nodes::Node;
pub use notices::{Delivered, Delivery, LoggedDelivery, Receiver, ToldNotice, Way};
pub use outage::Outage;
pub use outbox::{Changed, What};
pub use page::Page;
pub use people::{Agency, Customer, NewUser, PeopleProblem, User};
pub use replays::{Answer, Claim, Turn};
pub use report_mails::{DueReport, ReportTried};
pub use rotate::Rotated;
pub use row::Stored;
pub use scope::Scope;
pub use seal::{MasterKey, MasterKeyProblem};
pub use sessions::{OpenSession, StoredSession};
pub use sharing::{ENABLED_MAX, REPORTED_MAX, Sharing};
pub use shown::Shown;
pub use tail::{Relayed, Tail};
pub use tally::{StatusTally, TALLIED, Tally};
pub use timeline::{Entry, TimelineEntry};
pub use triage::Heap;
pub use uploads::{NewUpload, StoredUpload};

pub use update_keys::StoredUpdateKey;
pub use webhooks::{NewWebhook, StoredWebhook, WEBHOOKS_MAX};

use crate::domain::time::Millis;
use crate::failpoint::{self, Act, Moment};
use engine::{Database, Engine};
use std::sync::Arc;
use tokio::sync::{Notify, broadcast};
use transaction::Tx;

/// Change notices kept for a slow listener; one that falls behind by more is told so, and looks at everything again.
const NOTICES_KEPT: usize = 4_096;

/// The database, the keys that seal private keys in it, and those who listen for changes. Clones share all three.
#[derive(Clone)]
pub struct Store {
    database: Database,
    keys: Arc<Keyring>,
    notices: broadcast::Sender<Changed>,
    /// This process, in the outbox.
    origin: Arc<str>,
    /// Told of every commit of this process.
    wrote: Arc<Notify>,
    /// On whose behalf it writes; none for what Padlock does by itself.
    actor: Option<Arc<Actor>>,
    /// The request that it acts on, where that may be sent again.
    claim: Option<Arc<Claim>>,
}

impl Store {
    /// Opens `sqlite://…` or `postgres://…`; an SQLite file is created when missing.
    ///
    /// # Errors
    /// When the URL names no such database, or it can't be reached.
    pub async fn open(database_url: &str, keys: impl Into<Keyring>) -> Result<Self, StoreError> {
        Ok(Self {
            database: Database::open(database_url).await?,
            keys: Arc::new(keys.into()),
            notices: broadcast::channel(NOTICES_KEPT).0,
            origin: fresh::random_name().into(),
            wrote: Arc::default(),
            actor: None,
            claim: None,
        })
    }

    /// The same store for a worker, by connections of its own: however many walks queue for them, a page finds one free.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn of_worker(&self) -> Result<Self, StoreError> {
        Ok(Self { database: self.database.of_worker().await?, ..self.clone() })
    }

    /// Brings the tables up to this version; does nothing when they are. Several nodes may do so at once.
    ///
    /// # Errors
    /// When a migration fails, or the database was migrated by other text than ours. Nothing is half done.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        migrations::run(&self.database).await
    }

    /// Hears of every change committed by this process, and of other processes' through [`Store::relay`].
    ///
    /// A listener that is told it lagged has missed notices, and must look at everything again.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Changed> {
        self.notices.subscribe()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it doesn't.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("select 1").execute(self.database.reader()).await?;
        Ok(())
    }

    /// The database's own clock, which nodes on several machines share; none on SQLite, whose clock is the machine's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn time(&self) -> Result<Option<Millis>, StoreError> {
        const TIME: &str = "select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)";
        match self.database.engine() {
            Engine::Sqlite => Ok(None),
            Engine::Postgres => Ok(Some(Millis(sqlx::query_scalar(TIME).fetch_one(self.database.reader()).await?))),
        }
    }

    /// What keeps this process from using the database, as far as it noticed within the last half minute.
    #[must_use]
    pub fn outage(&self) -> Option<Outage> {
        self.database.trouble().now()
    }

    async fn begin(&self, act: Act) -> Result<Tx, StoreError> {
        failpoint::reach(act, Moment::Before).await?;
        self.database.begin().await
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("engine", &self.database.engine()).finish_non_exhaustive()
    }
}
