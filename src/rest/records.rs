//! A domain's DNS records as files: JSON, CSV for spreadsheets, and what administrators' own tools read.

use super::asker::{Asked, Asker, Id};
use super::problem::Problem;
use crate::console::record_files::{RecordFormat, csv_file, placed};
use crate::domain::recipe::{Tool, file_stem};
use crate::wire::domain::{ProviderView, RecordView};
use crate::wire::error::Refusal;
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
    match format.map_or(Ok(RecordFormat::Json), RecordFormat::from_word)? {
        RecordFormat::Json => Ok(Json(domain.records).into_response()),
        RecordFormat::Csv => {
            let text = csv_file(domain.records).ok_or_else(Refusal::broken)?;
            Ok(file("text/csv; charset=utf-8", "csv", domain, text))
        }
        RecordFormat::Tool(tool) => {
            let kind = if tool == Tool::Zone { "text/dns; charset=utf-8" } else { "text/plain; charset=utf-8" };
            Ok(file(
                kind,
                tool.ending(),
                domain,
                tool.write(&placed(domain.domain, domain.provider, domain.records, tool)?),
            ))
        }
    }
}

fn file(kind: &'static str, ending: &str, domain: &Listed<'_>, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{}.{ending}\"", file_stem(domain.domain));
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], text).into_response()
}
