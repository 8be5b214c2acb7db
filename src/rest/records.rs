//! A domain's DNS records as files: JSON, CSV for spreadsheets, and what administrators' own tools read.

use super::asker::{Asked, Asker, Id};
use super::problem::Problem;
use crate::domain::recipe::{Sheet, TTL_S, Tool, file_stem};
use crate::wire::domain::{ProviderView, RecordView, lines, sheet};
use crate::wire::error::{Kind, Refusal};
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// The format asked for.
#[derive(Debug, Deserialize)]
pub struct Format {
    pub(super) format: Option<String>,
}

/// `GET /domains/{id}/dns-records`
pub async fn download(Asker(desk): Asker, Id(id): Id, Asked(asked): Asked<Format>) -> Result<Response, Problem> {
    let domain = desk.domain(&id).await?;
    let (provider, records) = (domain.dns_provider.as_ref(), domain.dns_records.as_slice());
    answer(&Listed { domain: &domain.domain, provider, records }, asked.format.as_deref())
}

/// The records of a domain, whoever asks for them.
pub(super) struct Listed<'a> {
    pub(super) domain: &'a str,
    pub(super) provider: Option<&'a ProviderView>,
    pub(super) records: &'a [RecordView],
}

pub(super) fn answer(domain: &Listed<'_>, format: Option<&str>) -> Result<Response, Problem> {
    match format {
        None | Some("json") => Ok(Json(domain.records).into_response()),
        Some("csv") => {
            let text = csv_file(domain.records).ok_or_else(Refusal::broken)?;
            Ok(file("text/csv; charset=utf-8", "csv", domain, text))
        }
        Some(word) => {
            let tool = Tool::from_word(word).ok_or_else(|| unknown(word))?;
            let kind = if tool == Tool::Zone { "text/dns; charset=utf-8" } else { "text/plain; charset=utf-8" };
            Ok(file(kind, tool.ending(), domain, tool.write(&placed(domain, tool)?)))
        }
    }
}

fn unknown(word: &str) -> Refusal {
    let tools: Vec<&str> = Tool::ALL.iter().map(|tool| tool.word()).collect();
    Refusal::field("bad_value", "format", format!("{word:?} is not a format: use json, csv, {}.", tools.join(", ")))
}

/// A zone file holds complete names and needs to know no zone.
fn placed(domain: &Listed<'_>, tool: Tool) -> Result<Sheet, Refusal> {
    let known = sheet(domain.domain, domain.provider, domain.records);
    match known {
        Some(sheet) => Ok(sheet),
        None if tool == Tool::Zone => Ok(Sheet::without_zone(domain.domain, lines(domain.records))),
        None => {
            let words = "The zone of this domain is not known before the first look at its DNS. Try again in a moment.";
            Err(Refusal::new(Kind::Conflict, "zone_unknown", words))
        }
    }
}

fn file(kind: &'static str, ending: &str, domain: &Listed<'_>, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{}.{ending}\"", file_stem(domain.domain));
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], text).into_response()
}

fn csv_file(records: &[RecordView]) -> Option<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["Record", "Type", "Host", "Full host", "Value", "TTL", "State"]).ok()?;
    for record in records {
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

/// A cell that no spreadsheet takes for a formula, by any of the characters that start one.
pub(super) fn tame(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::parts::examples::waiting;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cells_come_back_and_none_is_a_formula(value in ".{0,60}", host in "[-=+@\t\r＝＋－＠]?.{0,20}") {
            let mut records = waiting().dns_records;
            records[0].value = value.clone();
            records[0].relative_host = host.clone();
            let text = csv_file(&records).expect("CSV");
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
            prop_assert_eq!(rows.len(), records.len());
            for (place, wanted) in [(2, &host), (4, &value)] {
                let cell = &rows[0][place];
                prop_assert!(cell == wanted || cell == format!("'{wanted}"), "{cell:?} {wanted:?}");
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠']), "{cell:?}");
            }
        }
    }

    #[test]
    fn only_a_zone_file_can_do_without_the_zone() {
        let mut view = waiting();
        for record in &mut view.dns_records {
            record.zone = None;
        }
        let listed = Listed { domain: &view.domain, provider: None, records: &view.dns_records };
        assert!(placed(&listed, Tool::Zone).is_ok_and(|sheet| sheet.lines.len() == 3));
        assert!(placed(&listed, Tool::Azure).is_err_and(|refusal| refusal.code == "zone_unknown"));
    }
}
