//! Filling a database with domains that were kept elsewhere: with the tokens and labels that their owners have published,
//! with what is known of them, and with their keys.
//!
//! Rows of many domains share a statement, and all of them a transaction: a hundred thousand domains take seconds, where
//! adding them one after the other takes a flush to disk for each. No notice is left, so no node may run meanwhile.

use super::Store;
use super::certificates::KeyMaterial;
use super::change::Index;
use super::domains::{AddProblem, check_agency, search_text};
use super::error::{Constraint, StoreError, leads_nowhere, violated};
use super::transaction::Tx;
use crate::domain::cause::Cause;
use crate::domain::certificate::Certificate;
use crate::domain::facts::Facts;
use crate::domain::id::AgencyId;
use crate::domain::setup::Setup;
use crate::domain::step::Asked;
use crate::domain::time::Millis;
use sqlx::any::AnyArguments;
use sqlx::{Any, AssertSqlSafe};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Rows of one statement: SQLite binds at most 32,766 values, and a domain has 25.
const ROWS: usize = 1_000;

const TOKENS: &str = "insert into ownership_tokens (customer, hostname, token, created_at) values";
const LABELS: &str = "insert into dcv_labels (label, domain, created_at) values";
const DOMAINS: &str = "insert into domains (revision, shown, id, customer, agency, name, hostname, \
    search, alias, verification_method, ssl_validation, token, dcv_label, created_at, facts, domain_status, ssl_status, \
    code, ready, attention, cause, since, held_hostname, certificate, expires_at, renews_at, certificate_source) \
    values";
const WORK: &str = "insert into work (asked_seq, lease_token, domain, due_at) values";
const NAMES: &str = "insert into domain_names (domain, search) values";
const KEYS: &str = "insert into keys (id, domain, sealed, csr_der, created_at) values";
const CERTIFICATES: &str = "insert into certificates (status, id, domain, key_id, source, names, authority, issuer, serial, \
    fingerprint_sha256, not_before, not_after, ari_id, chain_pem, issued_at) values";
/// A name and its wildcard share a token and a label.
const OR_KEEP: &str = " on conflict do nothing";

/// A domain as it was kept elsewhere.
#[derive(Debug)]
pub struct Import {
    /// Identity and settings, its token and its label included.
    pub setup: Setup,
    /// What is known of it; no order may be in flight.
    pub facts: Facts,
    /// Its current certificate's key and chain (PEM, leaf first), when they come along.
    pub secret: Option<(KeyMaterial, String)>,
}

type Statement = sqlx::query::Query<'static, Any, AnyArguments>;

impl Store {
    /// Adds all of these domains, or none.
    ///
    /// # Errors
    /// [`AddProblem`]: a customer has one of them already, or is not there, or an agency is not.
    pub async fn import(&self, domains: &[Import], now: Millis) -> Result<(), AddProblem> {
        if domains.iter().any(|one| one.facts.order.is_some()) {
            return Err(StoreError::Contradiction("an import with an order in flight").into());
        }
        let mut tx = self.database.begin().await?;
        for rows in domains.chunks(ROWS) {
            self.import_rows(&mut tx, rows, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn import_rows(&self, tx: &mut Tx, rows: &[Import], now: Millis) -> Result<(), AddProblem> {
        let unknown = |error: sqlx::Error| {
            if leads_nowhere(&error) { AddProblem::UnknownCustomer } else { error.into() }
        };
        let tokens = rows.iter().fold(insert(TOKENS, "", 4, rows.len(), OR_KEEP), token);
        tokens.execute(&mut **tx).await.map_err(unknown)?;
        rows.iter().fold(insert(LABELS, "", 3, rows.len(), OR_KEEP), label).execute(&mut **tx).await?;
        let searched = searched(tx, rows).await?;
        let mut statement = insert(DOMAINS, "1, 0, ", 25, rows.len(), "");
        for (one, search) in rows.iter().zip(&searched) {
            statement = domain(statement, one, search, now)?;
        }
        statement.execute(&mut **tx).await.map_err(|error| match violated(&error) {
            Some(Constraint::LiveClaim) => AddProblem::AlreadyYours,
            _ => error.into(),
        })?;
        let works = rows.iter().fold(insert(WORK, "0, 0, ", 2, rows.len(), ""), |works, one| work(works, one, now));
        works.execute(&mut **tx).await?;
        let names = rows.iter().zip(searched).fold(insert(NAMES, "", 2, rows.len(), ""), name);
        names.execute(&mut **tx).await?;
        let kept: Vec<_> =
            rows.iter().filter_map(|one| Some((one, one.secret.as_ref()?, one.certificate()?))).collect();
        if kept.is_empty() {
            return Ok(());
        }
        let mut keys = insert(KEYS, "", 5, kept.len(), "");
        let mut certificates = insert(CERTIFICATES, "'current', ", 14, kept.len(), "");
        for (one, (key, chain_pem), certificate) in kept {
            let sealed = self.seal_key(&one.setup, &certificate.key, &key.pkcs8)?;
            keys = keys.bind(certificate.key.as_str().to_owned()).bind(one.setup.id.as_str().to_owned()).bind(sealed);
            keys = keys.bind(key.csr_der.clone()).bind(now.0);
            certificates = bind_certificate(certificates, one, certificate, chain_pem, now)?;
        }
        keys.execute(&mut **tx).await?;
        certificates.execute(&mut **tx).await?;
        Ok(())
    }
}

impl Import {
    const fn certificate(&self) -> Option<&Certificate> {
        self.facts.certificate.as_ref()
    }
}

/// `head (fixed$1, $2), (fixed$3, $4)… tail`
fn insert(head: &str, fixed: &str, columns: usize, rows: usize, tail: &str) -> Statement {
    let row = |row: usize| {
        let places: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({fixed}{})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    sqlx::query(AssertSqlSafe(format!("{head} {}{tail}", rows.join(", "))))
}

fn token(statement: Statement, one: &Import) -> Statement {
    let Setup { customer, hostname, token, created_at, .. } = &one.setup;
    let statement = statement.bind(customer.as_str().to_owned()).bind(hostname.base().to_owned());
    statement.bind(token.as_str().to_owned()).bind(created_at.0)
}

fn label(statement: Statement, one: &Import) -> Statement {
    let Setup { id, dcv_label, created_at, .. } = &one.setup;
    statement.bind(dcv_label.as_str().to_owned()).bind(id.as_str().to_owned()).bind(created_at.0)
}

fn name(statement: Statement, (one, search): (&Import, String)) -> Statement {
    statement.bind(one.setup.id.as_str().to_owned()).bind(search)
}

/// What a search looks in, of each of these.
async fn searched(tx: &mut Tx, rows: &[Import]) -> Result<Vec<String>, AddProblem> {
    let mut agencies: HashMap<&AgencyId, Option<String>> = HashMap::new();
    let mut searched = Vec::with_capacity(rows.len());
    for Import { setup, .. } in rows {
        if let Some(agency) = &setup.agency
            && let Entry::Vacant(unknown) = agencies.entry(agency)
        {
            unknown.insert(check_agency(tx, &setup.customer, Some(agency)).await?);
        }
        let agency = setup.agency.as_ref().and_then(|agency| agencies.get(agency)?.as_deref());
        searched.push(search_text(setup, agency));
    }
    Ok(searched)
}

fn work(statement: Statement, one: &Import, now: Millis) -> Statement {
    let due_at = Index::of(&one.setup, &one.facts, Asked::default(), now).due_at;
    statement.bind(one.setup.id.as_str().to_owned()).bind(due_at.0)
}

fn domain(statement: Statement, one: &Import, search: &str, now: Millis) -> Result<Statement, StoreError> {
    let (setup, index) = (&one.setup, Index::of(&one.setup, &one.facts, Asked::default(), now));
    let facts =
        serde_json::to_string(&one.facts).map_err(|_| StoreError::Contradiction("facts that are no plain data"))?;
    let hostname = setup.hostname.to_string();
    Ok(statement
        .bind(setup.id.as_str().to_owned())
        .bind(setup.customer.as_str().to_owned())
        .bind(setup.agency.as_ref().map(|agency| agency.as_str().to_owned()))
        .bind(setup.name.clone())
        .bind(hostname.clone())
        .bind(search.to_owned())
        .bind(setup.alias.clone())
        .bind(setup.verification_method.word())
        .bind(setup.ssl_validation.word())
        .bind(setup.token.as_str().to_owned())
        .bind(setup.dcv_label.as_str().to_owned())
        .bind(setup.created_at.0)
        .bind(facts)
        .bind(index.domain_status.word())
        .bind(index.ssl_status.word())
        .bind(index.code)
        .bind(i64::from(index.ready))
        .bind(index.attention.word())
        .bind(index.cause.map(Cause::word))
        .bind(index.since.0)
        .bind(index.held.then_some(hostname))
        .bind(one.certificate().map(|certificate| certificate.id.as_str().to_owned()))
        .bind(index.expires_at.map(|at| at.0))
        .bind(index.renews_at.map(|at| at.0))
        .bind(index.source.map(|source| source.word().to_owned())))
}

fn bind_certificate(
    statement: Statement,
    one: &Import,
    certificate: &Certificate,
    chain_pem: &str,
    now: Millis,
) -> Result<Statement, StoreError> {
    let names = serde_json::to_string(&certificate.names).map_err(|_| StoreError::Contradiction("names"))?;
    Ok(statement
        .bind(certificate.id.as_str().to_owned())
        .bind(one.setup.id.as_str().to_owned())
        .bind(certificate.key.as_str().to_owned())
        .bind(certificate.source.word())
        .bind(names)
        .bind(certificate.authority.clone())
        .bind(certificate.issuer.clone())
        .bind(certificate.serial.clone())
        .bind(certificate.fingerprint_sha256.clone())
        .bind(certificate.not_before.0)
        .bind(certificate.not_after.0)
        .bind(certificate.ari_id.clone())
        .bind(chain_pem.to_owned())
        .bind(one.facts.issued_at.unwrap_or(now).0))
}
