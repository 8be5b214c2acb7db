//! Doors to the audit log: a page of it, and an export as a file.

use super::asker::{Asked, Asker};
use super::problem::Problem;
use crate::console::audit::AuditSearch;
use crate::wire::audit::AuditView;
use crate::wire::domain::Page;
use crate::wire::error::Refusal;
use crate::wire::table::table;
use crate::wire::when::When;
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// `GET /audit`
pub async fn list(Asker(desk): Asker, Asked(search): Asked<AuditSearch>) -> Result<Json<Page<AuditView>>, Problem> {
    Ok(Json(desk.audit(&search).await?))
}

/// What is exported, and as what.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Export {
    format: Option<String>,
    actor: String,
    act: String,
    domain: String,
    since: Option<When>,
    until: Option<When>,
}

/// `GET /audit/export`
pub async fn export(Asker(desk): Asker, Asked(asked): Asked<Export>) -> Result<Response, Problem> {
    let Export { format, actor, act, domain, since, until } = asked;
    let search = AuditSearch { actor, act, domain, since, until, ..AuditSearch::default() };
    let entries = desk.export_audit(search).await?;
    let (kind, name, text) = match format.as_deref() {
        None | Some("csv") => ("text/csv; charset=utf-8", "audit.csv", csv_file(&entries)),
        Some("json") => ("application/json", "audit.json", serde_json::to_string_pretty(&entries).ok()),
        Some(other) => {
            let words = format!("{other:?} is not a format: use csv or json.");
            return Err(Refusal::field("bad_value", "format", words).into());
        }
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, text.ok_or_else(Refusal::broken)?).into_response())
}

fn csv_file(entries: &[AuditView]) -> Option<String> {
    let head = [
        "Entry",
        "When",
        "Who",
        "Who's id",
        "Address",
        "Act",
        "Customer's id",
        "Thing's id",
        "Domain",
        "What",
        "Outcome",
        "SHA-256",
    ];
    let row = |entry: &AuditView| {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_default();
        [
            entry.seq.to_string(),
            entry.at.rfc3339(),
            entry.actor.clone(),
            or_none(&entry.actor_id),
            or_none(&entry.address),
            entry.act.clone(),
            or_none(&entry.customer),
            entry.subject.clone(),
            or_none(&entry.domain),
            entry.summary.clone(),
            entry.outcome.clone(),
            entry.hash.clone(),
        ]
    };
    table(std::iter::once(head.map(str::to_owned)).chain(entries.iter().map(row)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Millis;

    #[test]
    fn no_cell_of_an_export_is_a_formula() {
        let entry = AuditView {
            seq: 1,
            at: Millis(0).into(),
            actor: "=cmd|' /C calc'!A0".into(),
            actor_id: None,
            address: None,
            act: "customer.added".into(),
            customer: None,
            subject: "@SUM(1)".into(),
            domain: None,
            summary: "+1, \"quoted\"\nand more".into(),
            outcome: "done".into(),
            hash: String::new(),
        };
        let text = csv_file(std::slice::from_ref(&entry)).expect("CSV");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let row = reader.records().next().expect("a row").expect("reads");
        for (place, wanted) in [(2, entry.actor), (7, entry.subject), (9, entry.summary)] {
            assert_eq!(row[place], format!("'{wanted}"));
        }
    }
}
