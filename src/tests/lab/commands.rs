//! Every command of the command line, as the program itself lists them: each answers in JSON when it is asked to.

use crate::kit::node::{Database, Node};
use clap::{Command, CommandFactory as _};
use padlock::cli::args::Args;
use serde_json::Value;
use std::collections::BTreeSet;

/// These print what has one form only, or nothing.
const NO_ANSWER: [&str; 3] = ["serve", "completions", "man"];
/// Each command with words that it does something with, in an order in which all of them can be done.
const CALLS: &[(&str, &str)] = &[
    ("config check", ""),
    ("config show", "--origin"),
    ("migrate", ""),
    ("customer add", "Borough"),
    ("customer list", ""),
    ("agency add", "Clerk --customer Borough"),
    ("agency list", ""),
    ("user add", "--email ana@borough.test --role manager --customer Borough --password-file password"),
    ("user invite", "--email bob@borough.test --role viewer --customer Borough"),
    ("user grant", "--email ana@borough.test --role viewer --customer County"),
    ("user list", ""),
    ("user disable", "--email ana@borough.test"),
    ("user enable", "--email ana@borough.test"),
    ("user remove", "--email ana@borough.test --customer County"),
    ("token create", "--name robot --role viewer --customer Borough --read-only"),
    ("token list", ""),
    ("token revoke", "{id}"),
    ("domain add", "{name} --customer Borough --agency Clerk"),
    ("domain import", "table.csv --customer Borough"),
    ("domain list", "--customer Borough --status verification_pending"),
    ("domain show", "{name}"),
    ("domain records", "{name} --format zone"),
    ("domain refresh", "{name}"),
    ("domain renew", "{ready}"),
    ("diagnose", "{name}"),
    ("domain remove", "{name}"),
    ("audit list", ""),
    ("audit verify", ""),
    ("node list", ""),
    ("keys rotate", ""),
    ("backup", "copy.db"),
];

/// Every command that does something, by its words.
fn leaves(command: &Command, words: &str) -> Vec<String> {
    let below = command.get_subcommands().filter(|below| below.get_name() != "help");
    let found: Vec<String> =
        below.flat_map(|below| leaves(below, format!("{words} {}", below.get_name()).trim())).collect();
    if found.is_empty() { vec![words.to_owned()] } else { found }
}

#[tokio::test]
async fn every_command_answers_in_json() {
    let all: BTreeSet<String> = leaves(&Args::command(), "").into_iter().collect();
    let known = CALLS.iter().map(|(words, _)| *words).chain(NO_ANSWER).map(str::to_owned).collect();
    assert_eq!(all, known, "say in src/tests/lab/commands.rs how each is called");
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    std::fs::write(node.folder().join("password"), "correct horse battery staple").unwrap();
    std::fs::write(node.folder().join("table.csv"), format!("domain\n{}\n", node.name("table", "court.test"))).unwrap();
    let (name, mut id) = (node.name("told", "court.test"), String::new());
    let ready = node.ready(&node.name("ready", "court.test")).await.domain;
    for (words, rest) in CALLS {
        let rest = rest.replace("{name}", &name).replace("{id}", &id).replace("{ready}", &ready);
        let call: Vec<&str> = words.split(' ').chain(rest.split_whitespace()).chain(["--json"]).collect();
        let output = node.run(&call);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        // Waiting for the customer is an answer too.
        assert!(matches!(output.status.code(), Some(0 | 3)), "{call:?}: {err}");
        let told: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{call:?}: {error}: {out}{err}"));
        assert!(told.is_object() || told.is_array(), "{call:?}: {told}");
        if *words == "token list" {
            told[0]["id"].as_str().unwrap().clone_into(&mut id);
        }
    }
}

#[tokio::test]
async fn shells_complete_and_readers_find_a_manual() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    for shell in ["bash", "zsh", "fish"] {
        let script = node.said(&["completions", shell]);
        assert!(script.contains("password-file") && script.contains("padlock"), "{shell}: {script}");
    }
    let page = node.said(&["man"]);
    assert!(page.starts_with(".ie") && page.contains(".TH padlock"), "{page}");
    let page = node.said(&["man", "domain", "add"]);
    assert!(page.contains("Add a web domain") && page.contains("customer"), "{page}");
    assert_eq!(node.run(&["man", "nothing"]).status.code(), Some(2));
}
