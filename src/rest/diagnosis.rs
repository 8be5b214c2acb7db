//! The door to a diagnosis: why a domain is not ready, what was wanted, and what was seen.

use super::asker::{Asker, Id};
use super::problem::Problem;
use crate::domain::observed::RecordState;
use crate::domain::record::{Purpose, RecordType};
use crate::wire::domain::{DomainView, FindingView};
use crate::wire::when::When;
use axum::Json;
use serde::Serialize;

/// A diagnosis.
#[derive(Debug, Serialize)]
pub struct Diagnosis {
    headline: String,
    findings: Vec<FindingView>,
    required: Vec<Required>,
    observed: Vec<Observed>,
}

/// A record that the owner must publish.
#[derive(Debug, Serialize)]
struct Required {
    purpose: Purpose,
    #[serde(rename = "type")]
    rtype: RecordType,
    host: String,
    value: String,
}

/// What was seen of it.
#[derive(Debug, Serialize)]
struct Observed {
    purpose: Purpose,
    state: RecordState,
    found: Vec<String>,
    servers: Vec<String>,
    checked_at: Option<When>,
}

/// `GET /domains/{id}/diagnosis`, from the last look.
pub async fn show(Asker(desk): Asker, Id(id): Id) -> Result<Json<Diagnosis>, Problem> {
    Ok(Json(desk.domain(&id).await?.into()))
}

impl From<DomainView> for Diagnosis {
    fn from(domain: DomainView) -> Self {
        let (required, observed) = domain
            .dns_records
            .into_iter()
            .map(|record| {
                let (purpose, rtype) = (record.purpose, record.rtype);
                let required = Required { purpose, rtype, host: record.host, value: record.value };
                let (found, servers) = (record.found, record.servers);
                (required, Observed { purpose, state: record.state, found, servers, checked_at: record.checked_at })
            })
            .unzip();
        Self { headline: domain.headline, findings: domain.findings, required, observed }
    }
}
