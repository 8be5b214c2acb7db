//! What people do to a domain that is a fact: remove it, switch it, ask for a renewal.
//!
//! The facts move by the same rules as a worker's. The lease is left alone: a worker in flight finds its revision stale,
//! reloads, and goes on from what people did; from a domain that was removed it finds itself cut off.

use super::change::{Extra, Index, RecordProblem};
use super::domains::changed;
use super::outbox::{Changed, What};
use super::timeline::Entry;
use super::write::{By, Write};
use super::{Scope, Store, StoreError, leftovers};
use crate::domain::event::Event;
use crate::domain::facts::{Facts, Hand};
use crate::domain::id::DomainId;
use crate::domain::setup::Setup;
use crate::domain::time::Millis;
use crate::failpoint::Act;

const REMOVE: &str = "update domains set removed_at = $2 where id = $1";
const FORGET: [&str; 2] = ["delete from domain_names where domain = $1", "delete from work where domain = $1"];
const RETIRE: &str = "update dcv_labels set retired_at = $2 where label = $1 and retired_at is null \
    and not exists (select 1 from domains where dcv_label = $1 and removed_at is null)";

impl Store {
    /// Removes a domain: its row and its token are kept, its name is free, its label is never used again. False when there
    /// is no such domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_domain(
        &self,
        scope: &Scope,
        id: &DomainId,
        entry: Option<Entry>,
        now: Millis,
    ) -> Result<bool, StoreError> {
        self.happen(scope, id, &Event::Removed, &[], entry.as_ref(), now).await
    }

    /// Switches a domain off or on. Switched on while another claim holds its name, it is blocked. False when there is no
    /// such domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn switch(
        &self,
        scope: &Scope,
        id: &DomainId,
        on: bool,
        entry: Option<Entry>,
        now: Millis,
    ) -> Result<bool, StoreError> {
        self.happen(scope, id, &Event::Switched { on }, &[], entry.as_ref(), now).await
    }

    /// Asks for a renewal now. False when there is no such domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ask_renew(
        &self,
        scope: &Scope,
        id: &DomainId,
        entry: Option<Entry>,
        now: Millis,
    ) -> Result<bool, StoreError> {
        self.happen(scope, id, &Event::RenewAsked, &[], entry.as_ref(), now).await
    }

    /// Leaves the three steps to somebody from now on, or takes them by ourselves again. False when there is no such domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hand_over(
        &self,
        scope: &Scope,
        id: &DomainId,
        by_hand: bool,
        entry: Option<Entry>,
        now: Millis,
    ) -> Result<bool, StoreError> {
        self.happen(scope, id, &Event::Handed { by_hand }, &[], entry.as_ref(), now).await
    }

    /// Takes one of the three steps. False when there is no such domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_step(
        &self,
        scope: &Scope,
        id: &DomainId,
        step: Hand,
        entry: Option<Entry>,
        now: Millis,
    ) -> Result<bool, StoreError> {
        self.happen(scope, id, &Event::StepTaken { step }, &[], entry.as_ref(), now).await
    }

    /// Asks for a certificate's revocation. False when there is no such domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ask_revocation(
        &self,
        scope: &Scope,
        id: &DomainId,
        event: &Event,
        entry: &Entry,
        now: Millis,
    ) -> Result<bool, StoreError> {
        self.happen(scope, id, event, &[], Some(entry), now).await
    }

    /// Writes what somebody did, and the rows that belong to it, in one transaction.
    pub(super) async fn happen(
        &self,
        scope: &Scope,
        id: &DomainId,
        event: &Event,
        extras: &[Extra],
        entry: Option<&Entry>,
        now: Millis,
    ) -> Result<bool, StoreError> {
        match self.happen_once(scope, id, &[event], extras, entry, now).await {
            Err(RecordProblem::NameHeld) => {
                self.happen_once(scope, id, &[event, &Event::NameHeld], extras, entry, now).await
            }
            other => other,
        }
        .map_err(|problem| match problem {
            RecordProblem::Store(error) => error,
            // The row is locked, and a blocked claim holds no name.
            _ => StoreError::Contradiction("a locked row that changed"),
        })
    }

    async fn happen_once(
        &self,
        scope: &Scope,
        id: &DomainId,
        events: &[&Event],
        extras: &[Extra],
        entry: Option<&Entry>,
        now: Millis,
    ) -> Result<bool, RecordProblem> {
        let mut tx = self.begin(Act::Happen).await?;
        let Some((mut before, old)) = self.locked(&mut tx, scope, id).await? else { return Ok(false) };
        let read = Index::of(&old.setup, &old.facts, old.asked, now);
        let mut facts = events.iter().fold(old.facts.clone(), |facts, event| facts.apply(now, event));
        let removed = events.contains(&&Event::Removed);
        if removed {
            sqlx::query(REMOVE).bind(id.as_str()).bind(now.0).execute(&mut *tx).await?;
            for statement in FORGET {
                sqlx::query(statement).bind(id.as_str()).execute(&mut *tx).await?;
            }
            sqlx::query(RETIRE).bind(old.setup.dcv_label.as_str()).bind(now.0).execute(&mut *tx).await?;
            leftovers::watch(&mut tx, id, now).await?;
            before.removed = true;
        }
        let index = Index::of(&old.setup, &facts, old.asked, now);
        if (read.domain_status, read.ssl_status) != (index.domain_status, index.ssl_status) {
            facts.since = now;
        }
        let write = Write { extras, ..Write::by_people(&old.setup, (&old.facts, &facts), &index) };
        let effects = self.write(&mut tx, &before, &write, now).await?;
        let what = if removed { What::Removed } else { What::Setup };
        let (challenges, installed) = (effects.challenges || removed, effects.installed);
        let changed = Changed { challenges, installed, ..changed(&old.setup, old.revision + 1, what) };
        self.commit(Act::Happen, tx, changed, entry, now).await?;
        Ok(true)
    }
}

impl<'a> Write<'a> {
    /// A write of a row that is locked; it leaves the lease as it is, and makes the domain due at once.
    pub(super) const fn by_people(setup: &'a Setup, (before, facts): (&'a Facts, &'a Facts), index: &'a Index) -> Self {
        Self { setup, before, derived: None, facts, index, extras: &[], by: By::People }
    }
}
