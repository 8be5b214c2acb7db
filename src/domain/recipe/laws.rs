//! Whatever names and values hold, each reader reads them back as they were, and nothing else.

use super::quote::{Escape, name, shell, strings};
use super::{Line, Sheet, TTL_S, Tool};
use crate::domain::record::RecordType;
use proptest::prelude::*;
use serde_json::Value;
use std::process::Command;

fn sheet() -> impl Strategy<Value = Sheet> {
    let line = (prop_oneof![Just(RecordType::Txt), Just(RecordType::Cname)], ".{1,30}", ".{0,300}")
        .prop_map(|(rtype, relative, value)| Line { rtype, host: format!("{relative}.court.test"), relative, value });
    let provider = prop_oneof![
        Just(None),
        Just(Some("Cloudflare".to_owned())),
        Just(Some("Amazon Route 53".to_owned())),
        Just(Some("Azure DNS".to_owned()))
    ];
    (".{0,20}", "(?s).{1,20}", provider, prop::collection::vec(line, 1..4))
        .prop_map(|(domain, zone, provider, lines)| Sheet { domain, zone, provider, lines })
}

/// No argument of a program can hold a zero byte.
fn without_zeros(sheet: Sheet) -> Sheet {
    let text = |text: String| text.replace('\0', "\u{1}");
    let line =
        |line: Line| Line { host: text(line.host), relative: text(line.relative), value: text(line.value), ..line };
    Sheet { zone: text(sheet.zone), lines: sheet.lines.into_iter().map(line).collect(), ..sheet }
}

/// Reads strings in presentation format; panics at what no reader would take.
fn read_strings(text: &str, radix: u32) -> Vec<u8> {
    let mut bytes = text.bytes().peekable();
    let (mut read, mut inside) = (Vec::new(), false);
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => inside = !inside,
            b'\\' if bytes.peek().is_some_and(u8::is_ascii_digit) => {
                let digits: String = (0..3).filter_map(|_| bytes.next()).map(char::from).collect();
                read.push(u8::from_str_radix(&digits, radix).expect("three digits"));
            }
            b'\\' => read.push(bytes.next().expect("something is escaped")),
            byte if inside => read.push(byte),
            byte => assert_eq!(byte, b' ', "{text}"),
        }
    }
    assert!(!inside, "{text}");
    read
}

/// Reads the texts between single quotes as PowerShell does.
fn read_powershell(line: &str) -> Vec<String> {
    let is_quote = |c: char| matches!(c, '\'' | '\u{2018}'..='\u{201b}');
    let mut chars = line.chars().peekable();
    let mut texts = Vec::new();
    while let Some(c) = chars.next() {
        if !is_quote(c) {
            continue;
        }
        let mut text = String::new();
        loop {
            match chars.next().expect("the quote ends") {
                c if is_quote(c) && chars.peek().copied().is_some_and(is_quote) => {
                    text.push(c);
                    chars.next();
                }
                c if is_quote(c) => break,
                c => text.push(c),
            }
        }
        texts.push(text);
    }
    texts
}

/// Reads Terraform's quoted texts; nothing in them may start a template.
fn read_hcl(text: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '"' {
            continue;
        }
        let mut text = String::new();
        loop {
            match chars.next().expect("the text ends") {
                '"' => break,
                '\\' => match chars.next().expect("something is escaped") {
                    'u' => {
                        let digits: String = chars.by_ref().take(4).collect();
                        let number = u32::from_str_radix(&digits, 16).expect("four digits");
                        text.push(char::from_u32(number).expect("a character"));
                    }
                    c => text.push(c),
                },
                c @ ('$' | '%') if chars.peek() == Some(&c) => {
                    let mut ahead = chars.clone();
                    ahead.next();
                    text.push(c);
                    if ahead.peek() == Some(&'{') {
                        chars.next();
                    }
                }
                '$' | '%' if chars.peek() == Some(&'{') => panic!("a template: {text}"),
                c => {
                    assert!(!c.is_control(), "a line ends inside a text");
                    text.push(c);
                }
            }
        }
        texts.push(text);
    }
    texts
}

proptest! {
    #[test]
    fn strings_and_names_come_back(text in ".{0,600}") {
        prop_assert_eq!(read_strings(&strings(&text, Escape::Decimal), 10), text.as_bytes());
        prop_assert_eq!(read_strings(&strings(&text, Escape::Octal), 8), text.as_bytes());
        prop_assert!(strings(&text, Escape::Decimal).bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        prop_assert!(name(&text).bytes().all(|byte| byte.is_ascii_graphic() && byte != b';' && byte != b'"'));
    }

    #[test]
    fn a_zone_file_has_one_line_for_each_record(sheet in sheet()) {
        let text = Tool::Zone.write(&sheet);
        prop_assert_eq!(text.lines().count(), 1 + sheet.lines.len());
        for (written, line) in text.lines().skip(1).zip(&sheet.lines) {
            let parts: Vec<&str> = written.splitn(5, '\t').collect();
            prop_assert_eq!(parts.len(), 5);
            prop_assert_eq!(parts[3], line.rtype.mnemonic());
            if line.rtype == RecordType::Txt {
                prop_assert_eq!(read_strings(parts[4], 10), line.value.as_bytes());
            }
        }
    }

    #[test]
    fn powershell_reads_every_text_as_it_was(sheet in sheet()) {
        // A text may hold line breaks: it is read as a whole, behind the comment.
        let text = Tool::PowerShell.write(&sheet);
        let (comment, script) = text.split_once("\r\n").expect("a first line");
        prop_assert!(comment.starts_with("# ") && !comment.contains(['\r', '\n']));
        let mut wanted = vec!["Stop".to_owned(), sheet.zone.clone()];
        for line in &sheet.lines {
            let dot = if line.rtype == RecordType::Cname { "." } else { "" };
            wanted.extend([line.relative.clone(), format!("{}{dot}", line.value)]);
        }
        prop_assert_eq!(read_powershell(script), wanted);
    }

    #[test]
    fn terraform_reads_every_value_as_it_was(sheet in sheet()) {
        let text = Tool::Terraform.write(&sheet);
        let (comment, module) = text.split_once('\n').expect("a first line");
        prop_assert!(comment.starts_with("# "));
        let read = read_hcl(module);
        for line in &sheet.lines {
            let written = match (line.rtype, sheet.provider.as_deref()) {
                (RecordType::Txt, Some("Cloudflare")) => strings(&line.value, Escape::Decimal),
                (RecordType::Txt, Some("Amazon Route 53")) => {
                    // Terraform's provider sets the outer quotes itself.
                    let quoted = strings(&line.value, Escape::Octal).replace("\" \"", "\"\"");
                    prop_assert_eq!(read_strings(&quoted, 8), line.value.as_bytes());
                    quoted[1..quoted.len() - 1].to_owned()
                }
                (RecordType::Cname, None) => format!("{}.", line.value),
                _ => line.value.clone(),
            };
            prop_assert!(read.contains(&written), "{written:?} is not in {read:?}");
        }
    }
}

/// What a real shell makes of a script, with its tools replaced by one that prints its arguments.
fn run(script: &str) -> Vec<String> {
    let tools = "show() { for one; do printf '%s\\0' \"$one\"; done; }; aws() { show \"$@\"; }; az() { show \"$@\"; }; \
        curl() { show \"$@\"; }; ZONE_ID=Z RESOURCE_GROUP=R CLOUDFLARE_API_TOKEN=T;\n";
    let output =
        Command::new("/bin/sh").env_clear().arg("-c").arg(format!("{tools}{script}")).output().expect("a shell");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.split_terminator('\0').map(str::to_owned).collect()
}

proptest! {
    // Each case starts a shell.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_shell_hands_on_every_text_as_it_was(sheet in sheet().prop_map(without_zeros)) {
        let azure = run(&Tool::Azure.write(&sheet));
        for line in &sheet.lines {
            let data = if line.rtype == RecordType::Txt { "value" } else { "cname" };
            for wanted in [format!("--zone-name={}", sheet.zone), format!("--{data}={}", line.value), format!("--name={}", line.relative)] {
                prop_assert!(azure.contains(&wanted), "{wanted:?} is not in {azure:?}");
            }
        }
        let json = |text: &String| serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
        let route53 = run(&Tool::Route53.write(&sheet)).iter().find_map(json).expect("a batch");
        let cloudflare: Vec<Value> = run(&Tool::Cloudflare.write(&sheet)).iter().filter_map(json).collect();
        prop_assert_eq!(cloudflare.len(), sheet.lines.len());
        for (n, line) in sheet.lines.iter().enumerate() {
            let set = &route53["Changes"][n]["ResourceRecordSet"];
            prop_assert_eq!(set["TTL"].as_u64(), Some(u64::from(TTL_S)));
            for (value, radix) in [(&set["ResourceRecords"][0]["Value"], 8), (&cloudflare[n]["content"], 10)] {
                let value = value.as_str().unwrap_or_default();
                let read = if line.rtype == RecordType::Txt { read_strings(value, radix) } else { value.as_bytes().to_vec() };
                prop_assert_eq!(read, line.value.as_bytes());
            }
        }
    }

    #[test]
    fn a_quoted_text_is_one_argument(text in "[^\0]{0,60}") {
        prop_assert_eq!(run(&format!("aws {}\n", shell(&text))), [text]);
    }
}
