//! Command lines for a POSIX shell: Amazon's `aws`, Microsoft's `az`, and Cloudflare's API by `curl`.

use super::quote::{Escape, comment, shell, strings};
use super::{Line, Sheet, TTL_S};
use crate::domain::record::RecordType;
use serde_json::{Value, json};

fn head(sheet: &Sheet, settings: &str) -> String {
    format!("# DNS records of {}\nset -eu\n{settings}\n", comment(&sheet.domain))
}

/// One batch: all of it happens, or nothing; a record that is there already is left as it is wanted.
pub(super) fn route53(sheet: &Sheet) -> String {
    let changes: Vec<Value> = sheet.lines.iter().map(change).collect();
    let batch = json!({ "Changes": changes }).to_string();
    format!(
        "{}aws route53 change-resource-record-sets --hosted-zone-id \"$ZONE_ID\" --change-batch {}\n",
        head(sheet, ": \"${ZONE_ID:?set it to the id of the hosted zone}\""),
        shell(&batch)
    )
}

fn change(line: &Line) -> Value {
    let value = match line.rtype {
        RecordType::Txt => strings(&line.value, Escape::Octal),
        _ => line.value.clone(),
    };
    json!({
        "Action": "UPSERT",
        "ResourceRecordSet": {
            "Name": format!("{}.", line.host),
            "Type": line.rtype.mnemonic(),
            "TTL": TTL_S,
            "ResourceRecords": [{ "Value": value }]
        }
    })
}

/// Each record set is created with its time to live, then filled.
pub(super) fn azure(sheet: &Sheet) -> String {
    let settings = ": \"${RESOURCE_GROUP:?set it to the resource group of the zone}\"";
    let lines: String = sheet.lines.iter().map(|line| az(sheet, line)).collect();
    format!("{}{lines}", head(sheet, settings))
}

fn az(sheet: &Sheet, line: &Line) -> String {
    // An argument that begins with a hyphen stays an argument when it follows an equals sign.
    let zone = format!("--resource-group=\"$RESOURCE_GROUP\" --zone-name={}", shell(&sheet.zone));
    let (set, fill, data) = match line.rtype {
        RecordType::Txt => ("txt", "add-record", "value"),
        RecordType::Cname => ("cname", "set-record", "cname"),
        RecordType::A => ("a", "add-record", "ipv4-address"),
        RecordType::Aaaa => ("aaaa", "add-record", "ipv6-address"),
    };
    let name = shell(&line.relative);
    let value = shell(&line.value);
    format!(
        "az network dns record-set {set} create {zone} --name={name} --ttl={TTL_S}\n\
         az network dns record-set {set} {fill} {zone} --record-set-name={name} --{data}={value}\n"
    )
}

/// Not proxied: what stands before a name hides the alias that the certificate authority and we look for.
pub(super) fn cloudflare(sheet: &Sheet) -> String {
    let settings = ": \"${ZONE_ID:?set it to the id of the zone}\" \"${CLOUDFLARE_API_TOKEN:?set it to an API token}\"";
    let lines: String = sheet.lines.iter().map(curl).collect();
    format!("{}{lines}", head(sheet, settings))
}

fn curl(line: &Line) -> String {
    let content = match line.rtype {
        RecordType::Txt => strings(&line.value, Escape::Decimal),
        _ => line.value.clone(),
    };
    let record = json!({
        "type": line.rtype.mnemonic(), "name": line.host, "content": content, "ttl": TTL_S, "proxied": false
    });
    format!(
        "curl --fail-with-body --silent --show-error \"https://api.cloudflare.com/client/v4/zones/$ZONE_ID/dns_records\" \\\n  \
         --header \"Authorization: Bearer $CLOUDFLARE_API_TOKEN\" --json {}\n",
        shell(&record.to_string())
    )
}
