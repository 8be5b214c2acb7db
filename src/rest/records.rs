//! A domain's DNS records as files: JSON, CSV for spreadsheets, and a zone file's lines.

use super::asker::{Asked, Asker, Id};
use super::problem::Problem;
use crate::domain::record::RecordType;
use crate::wire::domain::{DomainView, RecordView};
use crate::wire::error::Refusal;
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Time to live that is suggested while records are new: an error is soon forgotten.
const TTL_S: u32 = 300;
/// A character-string in DNS is at most this long (RFC 1035 §3.3); ours are shorter, and stay whole.
const STRING_BYTES: usize = 255;

/// The format asked for.
#[derive(Debug, Deserialize)]
pub struct Format {
    format: Option<String>,
}

/// `GET /domains/{id}/dns-records`
pub async fn download(Asker(desk): Asker, Id(id): Id, Asked(asked): Asked<Format>) -> Result<Response, Problem> {
    let domain = desk.domain(&id).await?;
    match asked.format.as_deref() {
        None | Some("json") => Ok(Json(domain.dns_records).into_response()),
        Some("csv") => {
            let text = csv_file(&domain).ok_or_else(Refusal::broken)?;
            Ok(file("text/csv; charset=utf-8", "csv", &domain, text))
        }
        Some("zone") => Ok(file("text/dns; charset=utf-8", "zone", &domain, zone_file(&domain))),
        Some(other) => {
            let words = format!("{other:?} is not a format: use json, csv or zone.");
            Err(Refusal::field("bad_value", "format", words).into())
        }
    }
}

fn file(kind: &'static str, ending: &str, domain: &DomainView, text: String) -> Response {
    let name = domain.domain.replace('*', "wildcard");
    let disposition = format!("attachment; filename=\"{name}-dns-records.{ending}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], text).into_response()
}

fn csv_file(domain: &DomainView) -> Option<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["Record", "Type", "Host", "Full host", "Value", "TTL", "State"]).ok()?;
    for record in &domain.dns_records {
        let ttl = TTL_S.to_string();
        let cells = [
            &record.label,
            record.rtype.mnemonic(),
            &record.relative_host,
            &record.host,
            &record.value,
            &ttl,
            record.state.word(),
        ];
        writer.write_record(cells.map(tame)).ok()?;
    }
    String::from_utf8(writer.into_inner().ok()?).ok()
}

/// A cell that no spreadsheet takes for a formula.
fn tame(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0']) { format!("'{cell}") } else { cell.to_owned() }
}

fn zone_file(domain: &DomainView) -> String {
    let mut text = format!("; DNS records of {}\n", domain.domain);
    for record in &domain.dns_records {
        text.push_str(&line(record));
    }
    text
}

/// One line in a zone file's presentation format (RFC 1035 §5.1).
fn line(record: &RecordView) -> String {
    let value = match record.rtype {
        RecordType::Txt => quoted(&record.value),
        RecordType::Cname => format!("{}.", record.value),
        RecordType::A | RecordType::Aaaa => record.value.clone(),
    };
    format!("{}.\t{TTL_S}\tIN\t{}\t{value}\n", record.host, record.rtype.mnemonic())
}

fn quoted(text: &str) -> String {
    let strings = text.as_bytes().chunks(STRING_BYTES).map(|chunk| {
        let escaped: String = chunk
            .iter()
            .map(|byte| match byte {
                b'"' | b'\\' => format!("\\{}", char::from(*byte)),
                b' '..=b'~' => char::from(*byte).to_string(),
                other => format!("\\{other:03}"),
            })
            .collect();
        format!("\"{escaped}\"")
    });
    strings.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_tamed() {
        for cell in ["=1+1", "+1", "-1", "@x", "\tx", "\rx"] {
            assert!(tame(cell).starts_with('\''), "{cell:?}");
        }
        assert_eq!(tame("_padlock.pay"), "_padlock.pay");
    }

    #[test]
    fn texts_are_quoted_for_zone_files() {
        assert_eq!(quoted("a\"b\\c\n"), "\"a\\\"b\\\\c\\010\"");
        assert_eq!(quoted(&"x".repeat(300)), format!("\"{}\" \"{}\"", "x".repeat(255), "x".repeat(45)));
    }
}
