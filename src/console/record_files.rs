//! A domain's DNS records as the files that are downloaded and mailed.

use crate::domain::recipe::{Sheet, TTL_S, Tool};
use crate::wire::domain::{ProviderView, RecordView, lines, sheet};
use crate::wire::error::{Kind, Refusal};
use crate::wire::table::table;

/// How the records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordFormat {
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
    /// For an administrator's own tool.
    Tool(Tool),
}

impl RecordFormat {
    /// Reads a word of the REST API and the command line.
    ///
    /// # Errors
    /// Names the field when there is no such format.
    pub fn from_word(word: &str) -> Result<Self, Refusal> {
        match word {
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            _ => Tool::from_word(word).map(Self::Tool).ok_or_else(|| {
                let tools: Vec<&str> = Tool::ALL.iter().map(|tool| tool.word()).collect();
                let words = format!("{word:?} is not a format: use json, csv, {}.", tools.join(", "));
                Refusal::field("bad_value", "format", words)
            }),
        }
    }
}

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
    fn a_format_is_known_by_its_word() {
        assert_eq!(RecordFormat::from_word("csv"), Ok(RecordFormat::Csv));
        for tool in Tool::ALL {
            assert_eq!(RecordFormat::from_word(tool.word()), Ok(RecordFormat::Tool(*tool)));
        }
        let refused = RecordFormat::from_word("pdf").expect_err("no format");
        assert_eq!(refused.code, "bad_value");
        assert!(refused.detail.contains("\"pdf\"") && refused.detail.contains("terraform"), "{}", refused.detail);
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
