//! PowerShell for Microsoft's DNS server: the cmdlets of its DnsServer module.

use super::quote::{comment, powershell};
use super::{Line, Sheet, TTL_S};
use crate::domain::record::RecordType;

pub(super) fn write(sheet: &Sheet) -> String {
    let mut text = format!(
        "# DNS records of {}\r\n$ErrorActionPreference = 'Stop'\r\n$zone = {}\r\n$ttl = New-TimeSpan -Seconds {TTL_S}\r\n",
        comment(&sheet.domain),
        powershell(&sheet.zone)
    );
    for line in &sheet.lines {
        text.push_str(&format!(
            "Add-DnsServerResourceRecord -ZoneName $zone -Name {} {} -TimeToLive $ttl\r\n",
            powershell(&line.relative),
            data(line)
        ));
    }
    text
}

fn data(line: &Line) -> String {
    match line.rtype {
        RecordType::Txt => format!("-Txt -DescriptiveText {}", powershell(&line.value)),
        RecordType::Cname => format!("-CName -HostNameAlias {}", powershell(&format!("{}.", line.value))),
        RecordType::A => format!("-A -IPv4Address {}", powershell(&line.value)),
        RecordType::Aaaa => format!("-AAAA -IPv6Address {}", powershell(&line.value)),
    }
}
