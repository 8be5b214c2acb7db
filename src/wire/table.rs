//! Tables as files for spreadsheets: CSV by RFC 4180, of which no cell is ever taken for a formula.

/// What starts a formula in one spreadsheet or another, full-width forms and what is passed over before them included.
const STARTS: [char; 13] = ['\u{feff}', '=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];

/// A table that is being written.
#[derive(Debug)]
pub struct Table(csv::Writer<Vec<u8>>);

impl Table {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new()))
    }

    /// Writes a row; rows of one table have the same number of cells.
    ///
    /// # Errors
    /// When they have not.
    pub fn row<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) -> Result<(), csv::Error> {
        self.0.write_record(cells.into_iter().map(|cell| tame(cell.as_ref())))
    }

    /// The text.
    #[must_use]
    pub fn into_text(self) -> Option<String> {
        String::from_utf8(self.0.into_inner().ok()?).ok()
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

/// A whole table of rows; none when they differ in length.
#[must_use]
pub fn table<T: AsRef<str>, Row: IntoIterator<Item = T>>(rows: impl IntoIterator<Item = Row>) -> Option<String> {
    let mut table = Table::new();
    rows.into_iter().try_for_each(|row| table.row(row)).ok()?;
    table.into_text()
}

/// A cell that no spreadsheet takes for a formula, by any of the characters that start one.
fn tame(cell: &str) -> String {
    if cell.starts_with(STARTS) { format!("'{cell}") } else { cell.to_owned() }
}

/// A cell as it was before it was written by us.
#[must_use]
pub fn wild(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(STARTS)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cells_come_back_and_none_is_a_formula(cells in proptest::collection::vec("[-=+@\t\r＝＋－＠\",]?.{0,30}", 3)) {
            let text = table([&cells]).expect("a table");
            prop_assert!(text.ends_with("\r\n"));
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let row = reader.records().next().expect("a row").expect("reads");
            for (cell, read) in cells.iter().zip(&row) {
                prop_assert!(!read.starts_with(STARTS), "{read:?}");
                prop_assert!(read == cell || read == format!("'{cell}"), "{read:?} {cell:?}");
                prop_assert!(wild(read) == cell || wild(cell) != cell);
            }
        }
    }

    #[test]
    fn rows_of_one_length_only() {
        assert_eq!(table([["a", "b"], ["c\"", "d,"]]).as_deref(), Some("a,b\r\n\"c\"\"\",\"d,\"\r\n"));
        assert_eq!(table([vec!["a", "b"], vec!["c"]]), None);
    }
}
