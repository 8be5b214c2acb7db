//! Reading a table of web domains: which column is what, and what is wrong with a row before anybody is asked.

use crate::console::domains::NewWebDomain;
use crate::wire::error::{FieldError, Refusal};
use crate::wire::table::wild;
use csv::StringRecord;

/// Rows of one table.
const ROWS_MAX: usize = 1_000;
/// Characters of one cell: more than any of them may have.
const CELL_CHARS_MAX: usize = 300;
/// What spreadsheets put before a text in UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Domain,
    Name,
    Customer,
    Agency,
    Alias,
    Wildcard,
    /// A column of our own export that says nothing of what to add.
    Told,
}

impl Column {
    /// Every column that is read, as tables call it.
    const READ: [(&'static str, Self); 6] = [
        ("domain", Self::Domain),
        ("name", Self::Name),
        ("customer", Self::Customer),
        ("agency", Self::Agency),
        ("alias", Self::Alias),
        ("wildcard", Self::Wildcard),
    ];
    const TOLD: [&'static str; 5] = ["domain_status", "ssl_status", "next", "expires", "renews"];

    fn of(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase().replace([' ', '-'], "_");
        let known = Self::READ.into_iter().find_map(|(name, column)| (name == word).then_some(column));
        known.or_else(|| match word.as_str() {
            "default_agency" => Some(Self::Agency),
            "web_domain" | "hostname" => Some(Self::Domain),
            other => Self::TOLD.contains(&other).then_some(Self::Told),
        })
    }
}

/// A row of the table.
pub(super) struct Row {
    /// Its line, counted from one.
    pub(super) line: u64,
    /// Its domain as it was typed.
    pub(super) domain: String,
    /// What it asks for, or what is wrong with it.
    pub(super) typed: Result<NewWebDomain, Vec<FieldError>>,
}

/// Reads a table. Names alone, one on each line, are one as well.
pub(super) fn read(text: &str) -> Result<Vec<Row>, Refusal> {
    // Lines are counted by what ends all of them.
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text).replace("\r\n", "\n");
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(first))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let mut rows = Vec::new();
    let Some(head) = records.next() else {
        return Err(unreadable("The table is empty. Put one web domain on each line."));
    };
    let head = head.map_err(|_| unreadable("The table can't be read. Save it as CSV in UTF-8."))?;
    let columns = match columns(&head)? {
        Some(columns) => columns,
        None => {
            rows.push(row(&head, &[Column::Domain]));
            vec![Column::Domain]
        }
    };
    for record in records {
        if rows.len() == ROWS_MAX {
            return Err(unreadable(&format!(
                "A table has at most {ROWS_MAX} rows. Split it, and import one after the other."
            )));
        }
        let record = record.map_err(|_| unreadable("The table can't be read. Save it as CSV in UTF-8."))?;
        if record.iter().any(|cell| !cell.is_empty()) {
            rows.push(row(&record, &columns));
        }
    }
    if rows.is_empty() {
        return Err(unreadable("The table has column names only. Put one web domain on each line below them."));
    }
    Ok(rows)
}

fn unreadable(words: &str) -> Refusal {
    Refusal::field("bad_table", "csv", words)
}

/// Spreadsheets write what their country separates lists with.
fn delimiter(first: &str) -> u8 {
    let count = |mark: char| first.matches(mark).count();
    match [';', '\t'].into_iter().max_by_key(|mark| count(*mark)) {
        Some(mark) if count(mark) > count(',') => mark as u8,
        _ => b',',
    }
}

/// The columns of a first row that names them; none for names alone.
fn columns(head: &StringRecord) -> Result<Option<Vec<Column>>, Refusal> {
    let is_name = |cell: &str| Column::of(cell).is_none() && cell.contains('.');
    if head.len() == 1 && head.iter().all(is_name) {
        return Ok(None);
    }
    let mut columns = Vec::new();
    for cell in head {
        let known: Vec<&str> = Column::READ.iter().map(|(name, _)| *name).collect();
        let unknown = || unreadable(&format!("There is no column {cell:?}. Name columns {}.", known.join(", ")));
        let column = Column::of(wild(cell)).ok_or_else(unknown)?;
        if column != Column::Told && columns.contains(&column) {
            return Err(unreadable(&format!("The column {cell:?} is there twice. Take one out.")));
        }
        columns.push(column);
    }
    if !columns.contains(&Column::Domain) {
        return Err(unreadable("The table has no column \"domain\". Name the columns on its first line."));
    }
    Ok(Some(columns))
}

fn row(record: &StringRecord, columns: &[Column]) -> Row {
    let line = record.position().map_or(0, csv::Position::line);
    let (mut typed, mut errors) = (NewWebDomain::default(), Vec::new());
    let mut wrong = |field: &str, message: String| errors.push(FieldError { field: field.to_owned(), message });
    if record.len() > columns.len() {
        let words = format!(
            "The line has {} cells, and there are {} columns. Put a cell that holds a comma in quotes.",
            record.len(),
            columns.len()
        );
        wrong("csv", words);
    }
    for (cell, column) in record.iter().map(wild).zip(columns).filter(|(cell, _)| !cell.is_empty()) {
        let field = Column::READ.iter().find_map(|(name, of)| (of == column).then_some(*name)).unwrap_or("csv");
        if cell.chars().count() > CELL_CHARS_MAX {
            wrong(field, format!("This is longer than {CELL_CHARS_MAX} characters. Shorten it."));
            continue;
        }
        let text = cell.to_owned();
        match column {
            Column::Domain => typed.domain = text,
            Column::Name => typed.name = Some(text),
            Column::Customer => typed.customer = Some(text),
            Column::Agency => typed.agency = Some(text),
            Column::Alias => typed.alias = Some(text),
            Column::Wildcard => match yes_or_no(cell) {
                Some(is) => typed.wildcard = Some(is),
                None => wrong(field, format!("{cell:?} is neither yes nor no. Write one of them, or nothing.")),
            },
            Column::Told => {}
        }
    }
    if typed.domain.is_empty() {
        wrong("domain", "There is no domain on this line. Add it, or take the line out.".to_owned());
    }
    Row { line, domain: typed.domain.clone(), typed: if errors.is_empty() { Ok(typed) } else { Err(errors) } }
}

fn yes_or_no(cell: &str) -> Option<bool> {
    match cell.to_lowercase().as_str() {
        "yes" | "true" | "1" => Some(true),
        "no" | "false" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(text: &str) -> String {
        read(text).err().map_or_else(|| panic!("{text:?} was read"), |refusal| refusal.detail)
    }

    #[test]
    fn every_spreadsheets_way_is_read() {
        for text in [
            "domain,name,wildcard\r\npay.court.gov,\"Payments, online\",no\r\n",
            "\u{feff}Domain;Name;Wildcard\npay.court.gov;Payments, online;no\n",
            "Name\tDomain\twildcard\n\nPayments, online\tpay.court.gov\tFALSE",
        ] {
            let rows = read(text).expect("reads");
            let typed = rows[0].typed.as_ref().expect("a good row");
            assert_eq!((rows.len(), typed.domain.as_str()), (1, "pay.court.gov"), "{text:?}");
            assert_eq!((typed.name.as_deref(), typed.wildcard), (Some("Payments, online"), Some(false)), "{text:?}");
        }
    }

    #[test]
    fn names_alone_are_a_table() {
        let rows = read("pay.court.gov\nwww.court.gov\n").expect("reads");
        let read: Vec<(u64, &str)> = rows.iter().map(|row| (row.line, row.domain.as_str())).collect();
        assert_eq!(read, [(1, "pay.court.gov"), (2, "www.court.gov")]);
    }

    #[test]
    fn a_bad_row_is_named_by_line_and_column_and_harms_no_other() {
        let rows =
            read("domain,wildcard,agency\r\na.gov,maybe,\r\n,yes,Clerk\nb.gov,yes,Clerk,more\nc.gov\n").expect("reads");
        let wrong = |row: &Row| row.typed.as_ref().err().map(|errors| errors[0].field.clone());
        let told: Vec<(u64, Option<String>)> = rows.iter().map(|row| (row.line, wrong(row))).collect();
        let named = |field: &str| Some(field.to_owned());
        assert_eq!(told, [(2, named("wildcard")), (3, named("domain")), (4, named("csv")), (5, None)]);
    }

    #[test]
    fn a_table_that_is_none_says_the_way_out() {
        assert!(refused("").contains("empty"));
        assert!(refused("domain,name\n").contains("column names only"));
        assert!(refused("domain,color\na.gov,red\n").contains("\"color\""));
        assert!(refused("domain,domain\na.gov,b.gov\n").contains("twice"));
        assert!(refused("name\nCourt\n").contains("no column \"domain\""));
        let long = format!("domain\n{}", "a.gov\n".repeat(ROWS_MAX + 1));
        assert!(refused(&long).contains("at most 1000 rows"));
        assert_eq!(read(&long[..long.len() - 6]).map(|rows| rows.len()).ok(), Some(ROWS_MAX));
    }

    #[test]
    fn what_was_exported_is_read_again() {
        let text = crate::wire::table::table([["Domain", "Name", "Domain Status"], ["a.gov", "=1+1", "Active"]]);
        let rows = read(&text.expect("a table")).expect("reads");
        assert_eq!(rows[0].typed.as_ref().expect("a good row").name.as_deref(), Some("=1+1"));
    }

    proptest! {
        #[test]
        fn no_text_is_a_panic(text in "(domain[,;]name\n)?(.|\n|\"){0,300}") {
            let _ = read(&text);
        }
    }
}
