//! Many web domains at once: from a table, as a table, and looked at again.

use crate::kit::node::{Database, Node};
use serde_json::{Value, json};

/// A hundred names in every run, a full table of a thousand rows behind `PADLOCK_TEST_LONG`; two rows are bad.
#[expect(clippy::disallowed_methods, reason = "how long a test runs is no configuration of the product")]
fn good_rows() -> u64 {
    if std::env::var("PADLOCK_TEST_LONG").is_ok() { 998 } else { 98 }
}

#[tokio::test]
async fn a_table_is_imported_once_and_exported_again() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let good = good_rows();
    node.api("POST", "/agencies", json!({ "name": "Clerk" })).await.expect(201);
    let names: Vec<String> = (0..good).map(|n| node.name(&format!("many{n}"), "court.test")).collect();
    let mut csv = "domain,name,agency,wildcard\r\n".to_owned();
    for name in &names {
        csv.push_str(&format!("{name},\"=Portal, of {name}\",Clerk,no\r\n"));
    }
    csv.push_str("court,,,\r\nwww.court.test,,Nobody,\r\n");
    let import = async |dry_run: bool| {
        let body = json!({ "csv": csv, "dry_run": dry_run });
        node.api("POST", "/domains/import", body).await.expect(200).json()
    };
    let counts = |view: &Value| ["added", "already_there", "wrong"].map(|field| view[field].as_u64().unwrap());
    assert_eq!(counts(&import(true).await), [good, 0, 2]);
    let none = node.api("GET", "/domains", Value::Null).await.expect(200).json();
    assert_eq!(none["items"], json!([]), "a dry run adds nothing");

    let came = import(false).await;
    assert_eq!(counts(&came), [good, 0, 2]);
    let wrong: Vec<(u64, &str)> = came["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["outcome"] == "wrong")
        .map(|row| (row["line"].as_u64().unwrap(), row["errors"][0]["field"].as_str().unwrap()))
        .collect();
    assert_eq!(wrong, [(good + 2, "domain"), (good + 3, "agency")]);
    assert_eq!(counts(&import(false).await), [0, good, 2], "safe to repeat");

    node.api("GET", "/domains/export?q=many&limit=10", Value::Null).await.expect(422);
    let file = node.api("GET", "/domains/export?q=many", Value::Null).await.expect(200);
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let text = file.text();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
    assert_eq!(rows.len() as u64, good);
    assert!(rows.iter().all(|row| row[1].starts_with("'=Portal") && &row[3] == "Clerk"), "no cell is a formula");
    let again = json!({ "csv": text, "dry_run": true });
    let again = node.api("POST", "/domains/import", again).await.expect(200).json();
    assert_eq!(counts(&again), [0, good, 0], "what was exported is read again");

    let file = node.folder().join("table.csv");
    std::fs::write(&file, "domain\nwww.court.test\nwww.court.test\n").unwrap();
    let output = node.run(&["--json", "domain", "import", &file.display().to_string(), "--dry-run"]);
    let view: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((counts(&view), output.status.code()), ([1, 0, 1], Some(1)));
    for (body, code) in
        [(json!({ "csv": "" }), "bad_table"), (json!({ "csv": "a.test", "customer": "x" }), "unknown_customer")]
    {
        let answer = node.api("POST", "/domains/import", body).await;
        assert_eq!(answer.json()["code"], code);
    }
}
