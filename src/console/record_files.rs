//! A domain's DNS records as the files that are downloaded and mailed.

use crate::domain::recipe::{Sheet, TTL_S, Tool};
use crate::wire::domain::{ProviderView, RecordView, lines, sheet};
use crate::wire::error::{Kind, Refusal};
use crate::wire::table::table;

/// What recipes are made of. A zone file holds complete names and needs to know no zone.
///
/// # Errors
/// `zone_unknown` before the first look at DNS.
pub fn placed(
    domain: &str,
    provider: Option<&ProviderView>,
    records: &[RecordView],
    tool: Tool,
) -> Result<Sheet, Refusal> {
    match sheet(domain, provider, records) {
        Some(sheet) => Ok(sheet),
        None if tool == Tool::Zone => Ok(Sheet::without_zone(domain, lines(records))),
        None => {
            let words = "The zone of this domain is not known before the first look at its DNS. Try again in a moment.";
            Err(Refusal::new(Kind::Conflict, "zone_unknown", words))
        }
    }
}

/// A table for spreadsheets.
#[must_use]
pub fn csv_file(records: &[RecordView]) -> Option<String> {
    let head = ["Record", "Type", "Host", "Full host", "Value", "TTL", "State"].map(str::to_owned);
    let row = |record: &RecordView| {
        [
            record.label.clone(),
            record.rtype.mnemonic().to_owned(),
            record.relative_host.clone(),
            record.host.clone(),
            record.value.clone(),
            TTL_S.to_string(),
            record.state.word().to_owned(),
        ]
    };
    table(std::iter::once(head).chain(records.iter().map(row)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::observed::RecordState;
    use crate::domain::record::{Purpose, RecordType};

    fn records() -> Vec<RecordView> {
        let record = |host: &str, value: &str| RecordView {
            purpose: Purpose::Validation,
            label: "=1+1".into(),
            rtype: RecordType::Txt,
            host: format!("{host}.court.test"),
            relative_host: host.into(),
            zone: None,
            value: value.into(),
            state: RecordState::Missing,
            found: Vec::new(),
            agreeing: 0,
            heard: 0,
            servers: Vec::new(),
            checked_at: None,
        };
        vec![record("-portal", "@x"), record("pay", "a,\"b\"")]
    }

    #[test]
    fn no_cell_is_a_formula() {
        let text = csv_file(&records()).expect("CSV");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
        assert_eq!((&rows[0][0], &rows[0][2], &rows[0][4]), ("'=1+1", "'-portal", "'@x"));
        assert_eq!((rows.len(), &rows[1][4]), (2, "a,\"b\""));
    }

    #[test]
    fn only_a_zone_file_can_do_without_the_zone() {
        let records = records();
        assert!(placed("pay.court.test", None, &records, Tool::Zone).is_ok_and(|sheet| sheet.lines.len() == 2));
        assert!(
            placed("pay.court.test", None, &records, Tool::Azure).is_err_and(|refusal| refusal.code == "zone_unknown")
        );
    }
}
