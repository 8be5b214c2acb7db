//! A zone file's lines (RFC 1035 §5.1): complete names, so that they mean the same under any origin.

use super::quote::{Escape, comment, name, strings};
use super::{Line, Sheet, TTL_S};
use crate::domain::record::RecordType;

pub(super) fn write(sheet: &Sheet) -> String {
    let lines = sheet.lines.iter().map(line);
    let head = format!("; DNS records of {}\n", comment(&sheet.domain));
    std::iter::once(head).chain(lines).collect()
}

fn line(line: &Line) -> String {
    let value = match line.rtype {
        RecordType::Txt => strings(&line.value, Escape::Decimal),
        RecordType::Cname => name(&line.value),
        RecordType::A | RecordType::Aaaa => line.value.clone(),
    };
    format!("{}\t{TTL_S}\tIN\t{}\t{value}\n", name(&line.host), line.rtype.mnemonic())
}
