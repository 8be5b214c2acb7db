//! Web domains as people add, read and set them.

use super::change::{Index, RecordProblem};
use super::error::{Constraint, StoreError, leads_nowhere, violated};
use super::fresh::{new_id, random};
use super::outbox::{Changed, What};
use super::row::{Stored, readable, stored_columns, stored_tables};
use super::timeline::Entry;
use super::transaction::Tx;
use super::write::Write;
use super::{Scope, Store, sharing};
use crate::domain::cause::Cause;
use crate::domain::facts::Facts;
use crate::domain::hostname::Hostname;
use crate::domain::id::{AgencyId, CustomerId, DomainId};
use crate::domain::report::Reports;
use crate::domain::setup::{DcvLabel, Setup, SslValidation, Token, VerificationMethod};
use crate::domain::step::Asked;
use crate::domain::time::Millis;
use crate::failpoint::Act;
use sqlx::Row as _;

const AGENCY: &str = "select name_key from agencies where id = $1 and customer = $2";
const KEEP_TOKEN: &str = "insert into ownership_tokens (customer, hostname, token, created_at) values ($1, $2, $3, $4) \
    on conflict (customer, hostname) do nothing";
const TOKEN: &str = "select token from ownership_tokens where customer = $1 and hostname = $2";
const SHARED: &str =
    "select dcv_label from domains where customer = $1 and hostname in ($2, $3) and removed_at is null limit 1";
const LABEL: &str = "insert into dcv_labels (label, domain, created_at) values ($1, $2, $3)";
const ADD: &str = "insert into domains (id, customer, agency, name, hostname, search, alias, verification_method, \
    ssl_validation, token, dcv_label, created_at, facts, revision, domain_status, ssl_status, code, ready, attention, \
    cause, since, shown) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $15, $16, $17, $18, $19, $20, 0)";
const WORK: &str = "insert into work (domain, due_at, asked_seq, lease_token) values ($1, $2, 0, 0)";
const ONE: &str = concat!(
    "select ",
    stored_columns!(),
    " from ",
    stored_tables!(),
    " where id = $1 and ($2 is null or customer = $2) and removed_at is null"
);
const BY_HOSTNAME: &str = concat!(
    "select ",
    stored_columns!(),
    " from ",
    stored_tables!(),
    " where hostname = $1 and ($2 is null or customer = $2) and removed_at is null order by id"
);
pub(super) const NAME: &str = "insert into domain_names (domain, search) values ($1, $2)";
const RENAME: &str = "update domain_names set search = $2 where domain = $1 and search <> $2";
const SET: &str = "update domains set name = $2, search = $3, alias = $4, agency = $5, verification_method = $6, \
    ssl_validation = $7 where id = $1";

/// A web domain to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDomain {
    /// Whose it will be.
    pub customer: CustomerId,
    /// Its Default Agency.
    pub agency: Option<AgencyId>,
    /// What people call it.
    pub name: String,
    /// The parsed name.
    pub hostname: Hostname,
    /// Which service it routes to.
    pub alias: String,
    /// How ownership is proven.
    pub verification_method: VerificationMethod,
    /// How the CA validates.
    pub ssl_validation: SslValidation,
}

/// Settings to be changed; what is none stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// What people call it.
    pub name: Option<String>,
    /// Which service it routes to.
    pub alias: Option<String>,
    /// Its Default Agency; the inner none takes it away.
    pub agency: Option<Option<AgencyId>>,
    /// How ownership is proven.
    pub verification_method: Option<VerificationMethod>,
    /// How the CA validates.
    pub ssl_validation: Option<SslValidation>,
    /// Enabled Agencies.
    pub enabled_agencies: Option<Vec<AgencyId>>,
    /// Monitoring Reports.
    pub reports: Option<Reports>,
}

/// Why a domain was not added or set.
#[derive(Debug, thiserror::Error)]
pub enum AddProblem {
    /// The customer has this domain already.
    #[error("the customer has this domain already")]
    AlreadyYours,
    /// No such customer, or not theirs to add to.
    #[error("there is no such customer")]
    UnknownCustomer,
    /// No such agency of this customer.
    #[error("the customer has no such agency")]
    UnknownAgency,
    /// The database failed.
    #[error("the domain could not be stored")]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for AddProblem {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Adds a web domain, due at once. Its token is the one that this customer and name had before, if any; its challenge
    /// label is new.
    ///
    /// # Errors
    /// [`AddProblem`].
    pub async fn add_domain(
        &self,
        scope: &Scope,
        new: NewDomain,
        entry: Option<Entry>,
        now: Millis,
    ) -> Result<Stored, AddProblem> {
        if !scope.reaches(&new.customer) {
            return Err(AddProblem::UnknownCustomer);
        }
        let mut tx = self.begin(Act::AddDomain).await?;
        let agency = check_agency(&mut tx, &new.customer, new.agency.as_ref()).await?;
        let setup = identify(&mut tx, new, now).await?;
        let facts = Facts::added(now);
        insert(&mut tx, &setup, &search_text(&setup, agency.as_deref()), &facts, now).await?;
        // Whoever claimed the name alone until now may not be answered for any more.
        let changed = Changed { challenges: true, ..changed(&setup, 1, What::Added) };
        self.commit(Act::AddDomain, tx, changed, entry.as_ref(), now).await?;
        Ok(Stored { setup, facts, asked: Asked::default(), revision: 1, derived: None })
    }

    /// One domain; a removed one is not found.
    ///
    /// # Errors
    /// When the database fails or the row can't be read.
    pub async fn domain(&self, scope: &Scope, id: &DomainId) -> Result<Option<Stored>, StoreError> {
        let row = sqlx::query(ONE)
            .bind(id.as_str())
            .bind(scope.customer().map(str::to_owned))
            .fetch_optional(self.database.reader())
            .await?;
        row.as_ref().map(Stored::read).transpose()
    }

    /// Every claim of a name: of one customer at most one, of several perhaps several.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn domain_by_hostname(&self, scope: &Scope, hostname: &Hostname) -> Result<Vec<Stored>, StoreError> {
        let rows = sqlx::query(BY_HOSTNAME)
            .bind(hostname.to_string())
            .bind(scope.customer().map(str::to_owned))
            .fetch_all(self.database.reader())
            .await?;
        Ok(readable(&rows, Stored::read))
    }

    /// Changes settings. The revision grows and the domain is due at once; token and label stay. None when there is no
    /// such domain.
    ///
    /// # Errors
    /// [`AddProblem::UnknownAgency`], or the database's failure.
    pub async fn update_settings(
        &self,
        scope: &Scope,
        id: &DomainId,
        settings: Settings,
        entry: Option<Entry>,
        now: Millis,
    ) -> Result<Option<Stored>, AddProblem> {
        let mut tx = self.begin(Act::Settings).await?;
        let Some((before, old)) = self.locked(&mut tx, scope, id).await? else { return Ok(None) };
        let setup = settings.applied_to(old.setup.clone());
        let agency = check_agency(&mut tx, &setup.customer, setup.agency.as_ref()).await?;
        let search = search_text(&setup, agency.as_deref());
        sharing::set(&mut tx, &setup, &settings, now).await?;
        sqlx::query(SET)
            .bind(id.as_str())
            .bind(setup.name.as_str())
            .bind(search.as_str())
            .bind(setup.alias.as_str())
            .bind(setup.agency.as_ref().map(|agency| agency.as_str().to_owned()))
            .bind(setup.verification_method.word())
            .bind(setup.ssl_validation.word())
            .execute(&mut *tx)
            .await?;
        sqlx::query(RENAME).bind(id.as_str()).bind(search).execute(&mut *tx).await?;
        let index = Index::of(&setup, &old.facts, old.asked, now);
        let write = Write::by_people(&setup, (&old.facts, &old.facts), &index);
        self.write(&mut tx, &before, &write, now).await.map_err(|problem| match problem {
            RecordProblem::Store(error) => error,
            // The row is locked and holds what it held.
            _ => StoreError::Contradiction("settings that change who holds a name"),
        })?;
        let rerouted = setup.alias != old.setup.alias;
        let challenges = setup.verification_method != old.setup.verification_method;
        let stored = Stored { setup, revision: old.revision + 1, ..old };
        let changed =
            Changed { challenges, installed: rerouted, ..changed(&stored.setup, stored.revision, What::Setup) };
        self.commit(Act::Settings, tx, changed, entry.as_ref(), now).await?;
        Ok(Some(stored))
    }

    /// Locks a row and reads it whole, within a scope.
    pub(super) async fn locked(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        id: &DomainId,
    ) -> Result<Option<(super::write::Before, Stored)>, StoreError> {
        let Some(before) = self.before(tx, id).await? else { return Ok(None) };
        let row = sqlx::query(ONE)
            .bind(id.as_str())
            .bind(scope.customer().map(str::to_owned))
            .fetch_optional(&mut **tx)
            .await?;
        row.map(|row| Ok((before, Stored::read(&row)?))).transpose()
    }
}

impl Settings {
    fn applied_to(&self, old: Setup) -> Setup {
        Setup {
            name: self.name.clone().unwrap_or(old.name),
            alias: self.alias.clone().unwrap_or(old.alias),
            agency: self.agency.clone().unwrap_or(old.agency),
            verification_method: self.verification_method.unwrap_or(old.verification_method),
            ssl_validation: self.ssl_validation.unwrap_or(old.ssl_validation),
            ..old
        }
    }
}

/// A notice about a domain that changes nothing for responder or edge.
pub(super) fn changed(setup: &Setup, revision: u64, what: What) -> Changed {
    let (domain, customer) = (setup.id.clone(), setup.customer.clone());
    Changed { domain, customer, revision, what, challenges: false, installed: false, own: true }
}

/// The agency's name in lower case, when it is one of this customer's.
pub(super) async fn check_agency(
    tx: &mut Tx,
    customer: &CustomerId,
    agency: Option<&AgencyId>,
) -> Result<Option<String>, AddProblem> {
    let Some(agency) = agency else { return Ok(None) };
    let found = sqlx::query(AGENCY).bind(agency.as_str()).bind(customer.as_str()).fetch_optional(&mut **tx).await?;
    Ok(Some(found.ok_or(AddProblem::UnknownAgency)?.try_get("name_key")?))
}

/// Gives a new domain its id, its token, kept from before or fresh, and its label.
async fn identify(tx: &mut Tx, new: NewDomain, now: Millis) -> Result<Setup, AddProblem> {
    let id = DomainId::new(new_id(now));
    // A name and its wildcard have their records at the same place: one token serves both.
    let hostname = new.hostname.base().to_owned();
    let kept = sqlx::query(KEEP_TOKEN)
        .bind(new.customer.as_str())
        .bind(hostname.as_str())
        .bind(Token::from_random(random()).as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await;
    kept.map_err(|error| if leads_nowhere(&error) { AddProblem::UnknownCustomer } else { error.into() })?;
    let token = sqlx::query(TOKEN).bind(new.customer.as_str()).bind(hostname.as_str()).fetch_one(&mut **tx).await?;
    let dcv_label = label(tx, &new, &id, now).await?;
    Ok(Setup {
        id,
        customer: new.customer,
        agency: new.agency,
        name: new.name,
        hostname: new.hostname,
        alias: new.alias,
        verification_method: new.verification_method,
        ssl_validation: new.ssl_validation,
        token: Token::from_stored(token.try_get::<String, _>("token")?),
        dcv_label,
        created_at: now,
    })
}

/// The challenge label of this customer's live claim of the same base name, else a new one: `_acme-challenge` can have
/// one alias only, and a name's and its wildcard's challenges are shown there side by side.
async fn label(tx: &mut Tx, new: &NewDomain, id: &DomainId, now: Millis) -> Result<DcvLabel, StoreError> {
    let base = new.hostname.base();
    let shared = sqlx::query(SHARED)
        .bind(new.customer.as_str())
        .bind(base)
        .bind(format!("*.{base}"))
        .fetch_optional(&mut **tx)
        .await?;
    if let Some(row) = shared {
        return Ok(DcvLabel::from_stored(row.try_get::<String, _>("dcv_label")?));
    }
    let fresh = DcvLabel::from_random(random());
    sqlx::query(LABEL).bind(fresh.as_str()).bind(id.as_str()).bind(now.0).execute(&mut **tx).await?;
    Ok(fresh)
}

async fn insert(tx: &mut Tx, setup: &Setup, search: &str, facts: &Facts, now: Millis) -> Result<(), AddProblem> {
    let index = Index::of(setup, facts, Asked::default(), now);
    let text = serde_json::to_string(facts).map_err(|_| StoreError::Contradiction("facts that are no plain data"))?;
    let added = sqlx::query(ADD)
        .bind(setup.id.as_str())
        .bind(setup.customer.as_str())
        .bind(setup.agency.as_ref().map(|agency| agency.as_str().to_owned()))
        .bind(setup.name.as_str())
        .bind(setup.hostname.to_string())
        .bind(search)
        .bind(setup.alias.as_str())
        .bind(setup.verification_method.word())
        .bind(setup.ssl_validation.word())
        .bind(setup.token.as_str())
        .bind(setup.dcv_label.as_str())
        .bind(now.0)
        .bind(text)
        .bind(index.domain_status.word())
        .bind(index.ssl_status.word())
        .bind(index.code)
        .bind(i64::from(index.ready))
        .bind(index.attention.word())
        .bind(index.cause.map(Cause::word))
        .bind(index.since.0)
        .execute(&mut **tx)
        .await;
    added.map_err(|error| match violated(&error) {
        Some(Constraint::LiveClaim) => AddProblem::AlreadyYours,
        _ => AddProblem::from(error),
    })?;
    sqlx::query(WORK).bind(setup.id.as_str()).bind(now.0).execute(&mut **tx).await?;
    sqlx::query(NAME).bind(setup.id.as_str()).bind(search).execute(&mut **tx).await?;
    Ok(())
}

/// What a search looks in: the hostname, what people call it, and the name of its Default Agency, which is in lower case
/// already. An agency keeps its name, so that nobody has to write this anew for all of its domains.
pub(super) fn search_text(setup: &Setup, agency: Option<&str>) -> String {
    let mut text = format!("{} {}", setup.hostname, setup.name.to_lowercase());
    if let Some(agency) = agency {
        text.push(' ');
        text.push_str(agency);
    }
    text
}
