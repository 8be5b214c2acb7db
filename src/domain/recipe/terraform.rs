//! A Terraform module for the provider that hosts the zone; for any other, RFC 2136 updates, which most servers take.

use super::quote::{Escape, comment, hcl, strings};
use super::{Line, Sheet, TTL_S};
use crate::domain::record::RecordType;

pub(super) fn write(sheet: &Sheet) -> String {
    let (head, resource): (_, fn(&Sheet, &Line) -> String) = match sheet.provider.as_deref() {
        Some("Amazon Route 53") => ("variable \"zone_id\" {\n  type = string\n}\n", route53),
        Some("Cloudflare") => ("variable \"zone_id\" {\n  type = string\n}\n", cloudflare),
        Some("Azure DNS") => ("variable \"resource_group\" {\n  type = string\n}\n", azure),
        _ => ("# Uses the provider hashicorp/dns: set its update server and key.\n", rfc2136),
    };
    let resources: String = sheet.lines.iter().map(|line| format!("\n{}", resource(sheet, line))).collect();
    format!("# DNS records of {}\n{head}{resources}", comment(&sheet.domain))
}

/// A resource's name says which record it is: a letter or underscore first, then letters, digits and underscores.
fn label(line: &Line) -> String {
    let tame = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    format!("padlock_{}", line.host.chars().map(tame).collect::<String>())
}

fn block(kind: &str, line: &Line, fields: &[(&str, String)]) -> String {
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let body: String = fields.iter().map(|(name, value)| format!("  {name:width$} = {value}\n")).collect();
    format!("resource \"{kind}\" \"{}\" {{\n{body}}}\n", label(line))
}

fn ttl() -> (&'static str, String) {
    ("ttl", TTL_S.to_string())
}

fn route53(_: &Sheet, line: &Line) -> String {
    // The provider sets the outer quotes of a TXT record, and wants those between two strings written.
    let value = match line.rtype {
        RecordType::Txt => inner(&strings(&line.value, Escape::Octal)),
        _ => line.value.clone(),
    };
    let fields = [
        ("zone_id", "var.zone_id".to_owned()),
        ("name", hcl(&line.host)),
        ("type", hcl(line.rtype.mnemonic())),
        ttl(),
        ("records", format!("[{}]", hcl(&value))),
    ];
    block("aws_route53_record", line, &fields)
}

/// Two strings become one with `" "` in it.
fn inner(quoted: &str) -> String {
    let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(quoted);
    inside.replace("\" \"", "\"\"")
}

fn cloudflare(_: &Sheet, line: &Line) -> String {
    let content = match line.rtype {
        RecordType::Txt => strings(&line.value, Escape::Decimal),
        _ => line.value.clone(),
    };
    let fields = [
        ("zone_id", "var.zone_id".to_owned()),
        ("name", hcl(&line.host)),
        ("type", hcl(line.rtype.mnemonic())),
        ("content", hcl(&content)),
        ttl(),
        ("proxied", "false".to_owned()),
    ];
    block("cloudflare_dns_record", line, &fields)
}

fn azure(sheet: &Sheet, line: &Line) -> String {
    let mut fields = vec![
        ("name", hcl(&line.relative)),
        ("zone_name", hcl(&sheet.zone)),
        ("resource_group_name", "var.resource_group".to_owned()),
        ttl(),
    ];
    let kind = match line.rtype {
        RecordType::Txt => return nested(&block("azurerm_dns_txt_record", line, &fields), &line.value),
        RecordType::Cname => {
            fields.push(("record", hcl(&line.value)));
            "azurerm_dns_cname_record"
        }
        RecordType::A => {
            fields.push(("records", format!("[{}]", hcl(&line.value))));
            "azurerm_dns_a_record"
        }
        RecordType::Aaaa => {
            fields.push(("records", format!("[{}]", hcl(&line.value))));
            "azurerm_dns_aaaa_record"
        }
    };
    block(kind, line, &fields)
}

/// Azure's TXT records hold their text in a block of its own.
fn nested(block: &str, value: &str) -> String {
    let open = block.strip_suffix("}\n").unwrap_or(block);
    format!("{open}\n  record {{\n    value = {}\n  }}\n}}\n", hcl(value))
}

fn rfc2136(sheet: &Sheet, line: &Line) -> String {
    let mut fields = vec![("zone", hcl(&format!("{}.", sheet.zone)))];
    // A record at the zone itself has no name of its own.
    if line.relative != "@" {
        fields.push(("name", hcl(&line.relative)));
    }
    fields.push(ttl());
    let kind = match line.rtype {
        RecordType::Txt => {
            fields.push(("txt", format!("[{}]", hcl(&line.value))));
            "dns_txt_record_set"
        }
        RecordType::Cname => {
            fields.push(("cname", hcl(&format!("{}.", line.value))));
            "dns_cname_record"
        }
        RecordType::A => {
            fields.push(("addresses", format!("[{}]", hcl(&line.value))));
            "dns_a_record_set"
        }
        RecordType::Aaaa => {
            fields.push(("addresses", format!("[{}]", hcl(&line.value))));
            "dns_aaaa_record_set"
        }
    };
    block(kind, line, &fields)
}
