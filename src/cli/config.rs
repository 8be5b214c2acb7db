//! `padlock config check` and `padlock config show`.

use super::Ended;
use super::args::ConfigCommand;
use super::print::{Out, complain};
use crate::boot::config::{Layers, env_name};
use crate::boot::settings::Settings;
use serde_json::json;

/// Runs the command.
pub fn run(command: &ConfigCommand, layers: &Layers, out: &Out) -> Ended {
    match command {
        ConfigCommand::Check => match Settings::typed(layers) {
            Ok(settings) => {
                let names: Vec<&str> = settings.authorities.iter().map(|ca| ca.name.as_str()).collect();
                let words = format!("the configuration is complete\ncertificates come from {}", names.join(", then "));
                out.done(&json!({ "complete": true, "certificate_authorities": names }), &words);
                Ended::Fine
            }
            Err(problem) => {
                complain(&problem.to_string());
                Ended::Failed
            }
        },
        ConfigCommand::Show { origin } => {
            show(layers, *origin, out);
            Ended::Fine
        }
    }
}

fn show(layers: &Layers, with_origin: bool, out: &Out) {
    let table = |key: &str, (number, text): (usize, String)| {
        let (tables, from) = layers.tables(key);
        let help = match (key, number) {
            ("ca", 1) => "the certificate authority to ask first",
            ("ca", _) => "the certificate authority to ask after the one before",
            _ => "a server that receives each certificate",
        };
        json!({ "key": key, "environment": format!("[[{key}]] {number} of {}: ", tables.len()), "value": text,
            "origin": from.to_string(), "help": help })
    };
    let mut rows: Vec<_> = layers
        .lines()
        .map(|(key, value, origin)| {
            let origin = origin.map_or_else(|| "not set".to_owned(), |origin| origin.to_string());
            json!({ "key": key.name, "environment": env_name(key.name), "value": value, "origin": origin, "help": key.help })
        })
        .collect();
    for key in ["ca", "target"] {
        rows.extend(layers.table_lines(key).map(|line| table(key, line)));
    }
    out.answer(&rows, |rows| {
        let line = |row: &serde_json::Value| {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let origin = if with_origin { format!("   # {}", text("origin")) } else { String::new() };
            format!("{}={}{origin}", text("environment"), text("value"))
        };
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    });
}
