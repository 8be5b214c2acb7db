//! Use cases of adding web domains from a table: looked at first, then added, and safe to repeat.
//!
//! Each row is judged by the same code as a single domain. What is there already is told and left alone, so that a table can
//! be mended and sent again whole; a bad row keeps none of the others back.

mod table;

use super::broken;
use super::desk::Desk;
use super::domains::{NewWebDomain, refuse};
use crate::domain::id::CustomerId;
use crate::domain::role::Act;
use crate::store::{AddProblem, NewDomain, Scope};
use crate::wire::error::{FieldError, Refusal};
use crate::wire::import::{ImportRow, ImportView, RowOutcome};
use futures::{StreamExt as _, stream};
use std::collections::HashMap;
use table::Row;

/// Rows that are judged, and then added, side by side: they share the waits, and a flush to disk.
const SIDE_BY_SIDE: usize = 16;

/// A table of web domains, as a script sends it.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportTable {
    /// The table: CSV with a row of column names.
    pub csv: String,
    /// Customer of rows that name none, by id or name.
    pub customer: Option<String>,
    /// Only says what would come of it.
    pub dry_run: Option<bool>,
}

/// A row that was judged.
enum Judged {
    /// It can be added, unless it is there, under an id.
    Sound { new: Box<NewDomain>, there: Option<String> },
    /// It can't.
    Wrong(Vec<FieldError>),
}

impl Desk {
    /// Adds the web domains of a table, or says what would come of it.
    ///
    /// # Errors
    /// When the table as a whole can't be read, or the customer is unknown.
    pub async fn import(&self, typed: &ImportTable) -> Result<ImportView, Refusal> {
        self.caller.must(Act::Manage)?;
        let dry_run = typed.dry_run == Some(true);
        let named = typed.customer.as_deref().filter(|named| !named.trim().is_empty());
        if named.is_some() {
            self.customer_meant(named).await?;
        }
        let rows = table::read(&typed.csv)?;
        let judged = self.judge(rows, named).await?;
        let came = stream::iter(judged).map(|(row, judged)| self.came_of(row, judged, dry_run));
        let rows: Vec<Result<ImportRow, Refusal>> = came.buffered(SIDE_BY_SIDE).collect().await;
        Ok(ImportView::of(rows.into_iter().collect::<Result<_, _>>()?, dry_run))
    }

    async fn judge(&self, rows: Vec<Row>, customer: Option<&str>) -> Result<Vec<(Row, Judged)>, Refusal> {
        let judged = stream::iter(rows).map(|mut row| async move {
            let judged = match &mut row.typed {
                Err(errors) => Judged::Wrong(std::mem::take(errors)),
                Ok(typed) => {
                    typed.customer = typed.customer.take().or_else(|| customer.map(str::to_owned));
                    self.judge_row(typed).await?
                }
            };
            Ok((row, judged))
        });
        let judged: Vec<Result<(Row, Judged), Refusal>> = judged.buffered(SIDE_BY_SIDE).collect().await;
        judged.into_iter().collect::<Result<_, _>>().map(without_repetitions)
    }

    async fn judge_row(&self, typed: &NewWebDomain) -> Result<Judged, Refusal> {
        let new = match self.sound_domain(typed).await {
            Ok(new) => new,
            Err(refusal) if refusal.fields.is_empty() => return Err(refusal),
            Err(refusal) => return Ok(Judged::Wrong(refusal.fields)),
        };
        let scope = Scope::Customer(new.customer.clone());
        let there = self.console.store.domain_by_hostname(&scope, &new.hostname).await.map_err(|e| broken(&e))?;
        let there = there.first().map(|stored| stored.setup.id.to_string());
        Ok(Judged::Sound { new: Box::new(new), there })
    }

    async fn came_of(&self, row: Row, judged: Judged, dry_run: bool) -> Result<ImportRow, Refusal> {
        let told = |outcome, domain: String, id, errors| ImportRow { line: row.line, domain, outcome, id, errors };
        let new = match judged {
            Judged::Wrong(errors) => return Ok(told(RowOutcome::Wrong, row.domain, None, errors)),
            Judged::Sound { there: Some(id), .. } => {
                return Ok(told(RowOutcome::AlreadyThere, row.domain, Some(id), Vec::new()));
            }
            Judged::Sound { new, there: None } => *new,
        };
        let domain = new.hostname.to_string();
        if dry_run {
            return Ok(told(RowOutcome::Added, domain, None, Vec::new()));
        }
        match self.add_sound(new).await {
            Ok(added) => {
                self.take_along(&added, self.console.clock.now()).await?;
                Ok(told(RowOutcome::Added, domain, Some(added.setup.id.to_string()), Vec::new()))
            }
            // Somebody else was quicker.
            Err(AddProblem::AlreadyYours) => Ok(told(RowOutcome::AlreadyThere, domain, None, Vec::new())),
            Err(problem) => match refuse(problem) {
                refusal if refusal.fields.is_empty() => Err(refusal),
                refusal => Ok(told(RowOutcome::Wrong, domain, None, refusal.fields)),
            },
        }
    }

    /// The same as a form sends it, which has no empty values.
    ///
    /// # Errors
    /// See [`Self::import`].
    pub async fn import_from_form(&self, csv: String, customer: String, dry_run: bool) -> Result<ImportView, Refusal> {
        self.import(&ImportTable { csv, customer: Some(customer), dry_run: Some(dry_run) }).await
    }
}

/// A name that stands twice is wrong the second time.
fn without_repetitions(mut judged: Vec<(Row, Judged)>) -> Vec<(Row, Judged)> {
    let mut seen: HashMap<(CustomerId, String), u64> = HashMap::new();
    for (row, judged) in &mut judged {
        let Judged::Sound { new, .. } = judged else { continue };
        if let Some(line) = seen.insert((new.customer.clone(), new.hostname.to_string()), row.line) {
            let message = format!("{} stands on line {line} already. Take one of the two out.", new.hostname);
            *judged = Judged::Wrong(vec![FieldError { field: "domain".into(), message }]);
        }
    }
    judged
}
