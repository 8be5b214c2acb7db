//! Use cases around the audit log: read, exported, verified, and what only this folder can tell it.

use super::browse::{ROWS_MAX, sound_limit};
use super::desk::Desk;
use super::{Console, broken};
use crate::domain::id::CustomerId;
use crate::domain::role::Act;
use crate::store::{Actor, AuditEntry, AuditFilter, Chain, Deed, Flaw, Outcome, User};
use crate::wire::audit::AuditView;
use crate::wire::domain::Page;
use crate::wire::error::Refusal;
use crate::wire::when::When;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Entries of an export: what a spreadsheet shows; the rest is asked for with an earlier `until`.
pub const EXPORTED_MAX: usize = 10_000;

/// Which entries are asked for; empty text means any.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AuditSearch {
    /// Who, as the log names them.
    pub actor: String,
    /// What, as its stable word.
    pub act: String,
    /// About which web domain, by name.
    pub domain: String,
    /// Not before then.
    pub since: Option<When>,
    /// Before then.
    pub until: Option<When>,
    /// Where the page starts.
    pub cursor: String,
    /// Entries on a page.
    pub limit: Option<u32>,
}

/// What a look at the whole log found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Whether nothing was changed, deleted or put in.
    pub whole: bool,
    /// How many entries follow from one another.
    pub entries: i64,
    /// Hash of the last of them, in hexadecimal: kept elsewhere, it shows later whether all was written anew.
    pub head: Option<String>,
    /// Place of the first entry that does not follow from the one before.
    pub broken_at: Option<i64>,
    /// One plain sentence.
    pub summary: String,
}

impl Desk {
    /// A page of the audit log, newest first.
    ///
    /// # Errors
    /// `forbidden`, or the cursor when it is not ours.
    pub async fn audit(&self, search: &AuditSearch) -> Result<Page<AuditView>, Refusal> {
        self.caller.must(Act::Audit)?;
        let cursor = Some(search.cursor.as_str()).filter(|cursor| !cursor.is_empty());
        let limit = sound_limit(search.limit)?;
        let page = self.console.store.audit(&self.caller.scope(), &filter(search), cursor, limit).await;
        let page = page.map_err(|e| broken(&e))?;
        Ok(Page { items: page.items.into_iter().map(view).collect(), next_cursor: page.next_cursor })
    }

    /// The same for the Console's page.
    ///
    /// # Errors
    /// See [`Self::audit`].
    pub async fn audit_page(
        &self,
        actor: String,
        act: String,
        domain: String,
        cursor: String,
    ) -> Result<Page<AuditView>, Refusal> {
        self.audit(&AuditSearch { actor, act, domain, cursor, ..AuditSearch::default() }).await
    }

    /// The newest entries that were asked for, up to [`EXPORTED_MAX`].
    ///
    /// # Errors
    /// See [`Self::audit`].
    pub async fn export_audit(&self, search: AuditSearch) -> Result<Vec<AuditView>, Refusal> {
        let mut search = AuditSearch { limit: Some(ROWS_MAX), ..search };
        let mut all = Vec::new();
        while all.len() < EXPORTED_MAX {
            let page = self.audit(&search).await?;
            all.extend(page.items);
            let Some(next) = page.next_cursor else { break };
            search.cursor = next;
        }
        Ok(all)
    }

    /// Notes that the person signs out.
    pub(super) async fn note_sign_out(&self) -> Result<(), Refusal> {
        let Some(user) = &self.caller.user else { return Ok(()) };
        let (act, summary) = ("session.ended", "Signed out");
        let deed = Deed { act, customer: self.caller.customer.as_ref(), subject: user.as_str(), summary };
        let noted = self.console.store.note_alone(deed, Outcome::Done, self.console.clock.now()).await;
        noted.map_err(|e| broken(&e))
    }
}

impl Console {
    /// Walks the whole log and says where it breaks.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn verify_audit(&self) -> Result<Verified, Refusal> {
        let (entries, head, broken_at, summary) = match self.store.verify_audit().await.map_err(|e| broken(&e))? {
            Chain::Whole { entries, head } => {
                let head = HEXLOWER.encode(&head);
                (entries, Some(head.clone()), None, format!("The log is whole: {entries} entries, the last is {head}."))
            }
            Chain::Broken { seq, flaw } => {
                let how = match flaw {
                    Flaw::Missing => "is missing",
                    Flaw::Changed => "was changed after it was written, or put in",
                    Flaw::End => "is not what the log's end says",
                };
                (seq - 1, None, Some(seq), format!("The log is broken: entry {seq} {how}."))
            }
        };
        Ok(Verified { whole: broken_at.is_none(), entries, head, broken_at, summary })
    }

    /// Notes that somebody signs in, or was refused.
    pub(super) async fn note_sign_in(
        &self,
        user: &User,
        customer: Option<&CustomerId>,
        address: Option<IpAddr>,
        outcome: Outcome,
        summary: &str,
    ) -> Result<(), Refusal> {
        let actor = Actor { name: user.email.clone(), id: Some(user.id.to_string()), address };
        let deed = Deed { act: "session.begun", customer, subject: user.id.as_str(), summary };
        self.store.by(actor).note_alone(deed, outcome, self.clock.now()).await.map_err(|e| broken(&e))
    }
}

fn filter(search: &AuditSearch) -> AuditFilter {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    AuditFilter {
        actor: given(&search.actor),
        act: given(&search.act),
        domain: given(&search.domain).map(|name| name.to_lowercase()),
        since: search.since.map(|When(at)| at),
        until: search.until.map(|When(at)| at),
    }
}

fn view(entry: AuditEntry) -> AuditView {
    AuditView {
        seq: entry.seq,
        at: entry.at.into(),
        actor: entry.actor,
        actor_id: entry.actor_id,
        address: entry.address,
        act: entry.act,
        customer: entry.customer,
        subject: entry.subject,
        domain: entry.domain,
        summary: entry.summary,
        outcome: entry.outcome,
        hash: HEXLOWER.encode(&entry.hash),
    }
}
