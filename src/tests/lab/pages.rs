//! Lists of the REST API, page after page, and the files of a certificate, at a running node.

use crate::kit::node::{Database, Node};
use serde_json::{Value, json};

/// The ids of a list, two rows at a time.
async fn walked(node: &Node, token: &str, path: &str) -> Vec<String> {
    const PAGES: usize = 20;
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    for _ in 0..PAGES {
        let asked = format!("{path}?limit=2&cursor={cursor}");
        let page = node.api_as(token, "GET", &asked, Value::Null).await.expect(200).json();
        let items = page["items"].as_array().unwrap();
        assert!((1..=2).contains(&items.len()), "{page}");
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { return ids };
        assert_eq!(items.len(), 2, "only the last page is short: {page}");
        next.clone_into(&mut cursor);
    }
    panic!("{path} does not end")
}

#[tokio::test]
async fn lists_are_walked_page_by_page() {
    for database in [Database::Sqlite, Database::Postgres] {
        let Some(node) = Node::start(database).await else { return };
        for name in ["Zeta", "alpha", "Borough", "Mesa"] {
            node.customer(name);
        }
        for name in ["Clerk", "archive", "Probation"] {
            let new = json!({ "name": name, "customer": "County" });
            node.api("POST", "/agencies", new).await.expect(201);
        }
        let manager = node.token_for("manager", Some("County"));
        node.token_for("viewer", Some("County"));
        let new = json!({ "domain": node.name("paged", "court.test"), "customer": "County" });
        let added = node.api("POST", "/domains", new).await.expect(201).json();
        let links = format!("/domains/{}/links", added["id"].as_str().unwrap());
        for _ in 0..3 {
            node.api("POST", &links, Value::Null).await.expect(201);
        }
        for path in ["/customers", "/agencies", "/tokens", links.as_str()] {
            let whole = node.api("GET", path, Value::Null).await.expect(200).json();
            assert_eq!(whole["next_cursor"], Value::Null, "{path}: the first page holds fifty");
            let items = whole["items"].as_array().unwrap();
            let ids: Vec<String> = items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
            assert!(ids.len() >= 3, "{path}: {whole}");
            assert_eq!(walked(&node, &node.token, path).await, ids, "{path}");
            for wrong in ["limit=0", "limit=201", "limit=x", "cursor=zzz"] {
                let answer = node.api("GET", &format!("{path}?{wrong}"), Value::Null).await.expect(422);
                let pointer = format!("/{}", wrong.split('=').next().unwrap());
                assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{path}?{wrong}");
            }
        }
        assert_eq!(walked(&node, &manager, "/customers").await.len(), 1, "their own");
        assert_eq!(walked(&node, &manager, "/tokens").await.len(), 2, "their customer's");
    }
}

#[tokio::test]
async fn a_public_chain_is_downloaded_in_two_formats() {
    let Some(node) = Node::start(Database::Sqlite).await else { return };
    let view = node.ready(&node.name("chain", "court.test")).await;
    let path = format!("/certificates/{}/download", view.certificates[0].id);
    let viewer = node.token_for("viewer", Some("County"));
    for (format, kind) in [("pem", "application/pem-certificate-chain"), ("pfx", "application/x-pkcs12")] {
        let asked = format!("{path}?format={format}");
        let answer = node.api_as(&viewer, "GET", &asked, Value::Null).await.expect(200);
        assert_eq!(answer.header("content-type"), kind);
        let disposition = format!("attachment; filename=\"certificate.{format}\"");
        assert_eq!(answer.header("content-disposition"), disposition);
        assert!(!answer.text().contains("PRIVATE KEY"), "{format}");
        // A PFX file is a sequence in DER.
        let begin: &[u8] = if format == "pem" { b"-----BEGIN CERTIFICATE-----" } else { &[0x30, 0x82] };
        assert!(answer.body.starts_with(begin), "{format}: {answer:?}");
    }
    for wrong in ["key", "p12", "PFX"] {
        let asked = format!("{path}?format={wrong}");
        node.api_as(&viewer, "GET", &asked, Value::Null).await.expect_problem(422, "bad_value");
    }
}
