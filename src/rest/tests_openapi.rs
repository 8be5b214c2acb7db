//! The API's description is true: it has the router's paths, the views' fields, the bodies' fields and the enums' words.

use super::DOCUMENT;
use crate::console::audit::AuditSearch;
use crate::console::domains::{ChangedSettings, NewWebDomain};
use crate::console::exports::Export;
use crate::console::import::ImportTable;
use crate::console::revocations::Revoke;
use crate::console::tokens::NewApiToken;
use crate::console::{Console, House};
use crate::domain::certificate::Source;
use crate::domain::changes::DnsChange;
use crate::domain::finding::{Owner, Severity};
use crate::domain::observed::RecordState;
use crate::domain::record::{Place, Purpose, RecordType};
use crate::domain::role::Role;
use crate::domain::setup::{SslValidation, VerificationMethod};
use crate::domain::status::{DomainStatus, SslStatus};
use crate::rest::asker::PageAsked;
use crate::rest::people::{NewAgency, NewCustomer};
use crate::rest::{audit, certificates, domains, problem, records};
use crate::store::{MasterKey, Sort, Store};
use crate::wire::approval::{ApprovalView, ApproversView};
use crate::wire::audit::AuditView;
use crate::wire::certificate::{
    CertificateDetails, CertificateRow, CertificateSearch, ChainPart, LastCheck, RenewalWindow,
};
use crate::wire::diagnosis::{CaaView, CellView, DiagnosisView, QuestionView};
use crate::wire::domain::{
    CertificateView, DomainView, EventView, FileView, FindingView, Page, ProviderView, RecordView, RehearsalView,
};
use crate::wire::error::{FieldError, Refusal};
use crate::wire::import::{ImportRow, ImportView};
use crate::wire::link::{LinkView, NewLinkView, SharedView};
use crate::wire::list::{Search, View};
use crate::wire::people::{AgencyView, CustomerView, NewTokenView, TokenView};
use crate::worker::clock::Clock;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use tower::ServiceExt as _;

#[path = "tests_fields.rs"]
mod fields;
#[path = "tests_layers.rs"]
mod layers;

use fields::{Unique, known};

type Words = BTreeSet<String>;

fn document() -> Value {
    serde_json::from_str(&DOCUMENT).expect("the description is JSON")
}

fn words<'a>(list: impl IntoIterator<Item = &'a str>) -> Words {
    list.into_iter().map(str::to_owned).collect()
}

fn keys(value: &Value) -> Words {
    value.as_object().into_iter().flat_map(Map::keys).cloned().collect()
}

fn texts(value: &Value) -> Words {
    words(value.as_array().into_iter().flatten().filter_map(Value::as_str))
}

fn at<'a>(document: &'a Value, pointer: &str) -> &'a Value {
    document.pointer(pointer).unwrap_or_else(|| panic!("the description has no {pointer}"))
}

fn schema<'a>(document: &'a Value, name: &str) -> &'a Value {
    at(document, &format!("/components/schemas/{name}"))
}

/// Follows a `$ref`.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    value["$ref"].as_str().map_or(value, |link| at(document, link.trim_start_matches('#')))
}

/// Whether a value is what a schema describes, and nothing more; answers may not hold what is not described.
fn fits(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let schema = resolved(document, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        fits(document, part, value)?;
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds = &schema["type"];
    if !kinds.is_null() && kinds != kind && !texts(kinds).contains(kind) {
        return Err(format!("{value} is no {kinds}"));
    }
    if schema["enum"].as_array().is_some_and(|allowed| !allowed.contains(value)) {
        return Err(format!("{value} is none of {}", schema["enum"]));
    }
    if schema.get("const").is_some_and(|only| only != value) {
        return Err(format!("{value} is not {}", schema["const"]));
    }
    for item in value.as_array().into_iter().flatten() {
        fits(document, &schema["items"], item)?;
    }
    if kinds == "object" {
        let (has, described, required) = (keys(value), keys(&schema["properties"]), texts(&schema["required"]));
        if !has.is_subset(&described) || !required.is_subset(&has) {
            return Err(format!("{has:?} is not {described:?}"));
        }
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        if let Some(described) = schema["properties"].get(name) {
            fits(document, described, inner).map_err(|why| format!("{name}: {why}"))?;
        }
    }
    Ok(())
}

#[track_caller]
fn check<T: Serialize>(document: &Value, name: &str, value: &T) {
    let value = serde_json::to_value(value).expect("serialises");
    if let Err(why) = fits(document, schema(document, name), &value) {
        panic!("{name}: {why}");
    }
}

/// The example reads as the view and is written the same, so its fields are the view's; the schema's are the example's.
#[track_caller]
fn same<T: Serialize + DeserializeOwned>(document: &Value, name: &str) -> T {
    let schema = schema(document, name);
    let example = &schema["examples"][0];
    let read = |value: &Value| serde_json::from_value::<T>(value.clone());
    let view = read(example).unwrap_or_else(|error| panic!("{name}: the example does not read: {error}"));
    assert_eq!(serde_json::to_value(&view).expect("serialises"), *example, "{name}");
    assert_eq!(keys(example), keys(&schema["properties"]), "{name}");
    assert_eq!(texts(&schema["required"]), keys(&schema["properties"]), "{name}: every field is always there");
    check(document, name, &view);
    for field in keys(example) {
        let mut without = example.clone();
        without[&field] = Value::Null;
        assert_eq!(
            fits(document, schema, &without).is_ok(),
            read(&without).is_ok(),
            "{name}.{field}: the description and the view differ in whether it may be null"
        );
    }
    view
}

#[test]
fn answers_have_the_fields_of_the_views() {
    let document = document();
    let domain: DomainView = same(&document, "Domain");
    let event: EventView = same(&document, "Event");
    let _: DnsChange = same(&document, "DnsChange");
    let customer: CustomerView = same(&document, "Customer");
    let agency: AgencyView = same(&document, "Agency");
    let link: LinkView = same(&document, "Link");
    let _: NewLinkView = same(&document, "NewLink");
    let _: SharedView = same(&document, "Shared");
    let token: TokenView = same(&document, "Token");
    check(&document, "TokenPage", &Page { items: vec![token], next_cursor: None });
    let _: NewTokenView = same(&document, "MadeToken");
    let entry: AuditView = same(&document, "AuditEntry");
    check(&document, "AuditPage", &Page { items: vec![entry], next_cursor: None });
    check(&document, "LinkPage", &Page { items: vec![link], next_cursor: None });
    let _: RehearsalView = same(&document, "Rehearsal");
    let _: ProviderView = same(&document, "DnsProvider");
    let _: RecordView = same(&document, "Record");
    let _: FileView = same(&document, "TokenFile");
    let _: ApproversView = same(&document, "Approvers");
    let _: ApprovalView = same(&document, "Approval");
    let _: CertificateView = same(&document, "Certificate");
    let _: CertificateDetails = same(&document, "CertificateDetails");
    let _: ImportView = same(&document, "Import");
    let _: ImportRow = same(&document, "ImportRow");
    let _: FieldError = same(&document, "RowError");
    let _: ChainPart = same(&document, "ChainPart");
    let _: RenewalWindow = same(&document, "RenewalWindow");
    let _: LastCheck = same(&document, "LastCheck");
    let row: CertificateRow = same(&document, "CertificateRow");
    check(&document, "CertificatePage", &Page { items: vec![row], next_cursor: None });
    let _: FindingView = same(&document, "Finding");
    for next_cursor in [None, Some("next".to_owned())] {
        check(&document, "DomainPage", &Page { items: vec![domain.clone()], next_cursor: next_cursor.clone() });
        check(&document, "EventPage", &Page { items: vec![event.clone()], next_cursor: next_cursor.clone() });
        check(&document, "CustomerPage", &Page { items: vec![customer.clone()], next_cursor: next_cursor.clone() });
        check(&document, "AgencyPage", &Page { items: vec![agency.clone()], next_cursor });
    }
    let _: QuestionView = same(&document, "Question");
    let _: CellView = same(&document, "Cell");
    let _: CaaView = same(&document, "CaaLevel");
    let diagnosis = DiagnosisView::of(&domain);
    check(&document, "Diagnosis", &diagnosis);
    let written = serde_json::to_value(&diagnosis).expect("serialises");
    assert_eq!(written, schema(&document, "Diagnosis")["examples"][0], "its example is that of the domain");
}

#[tokio::test]
async fn problems_are_what_is_written() {
    let document = document();
    let refusal = Refusal::field("bad_limit", "limit", "A page has 1 to 200 rows.");
    let response = problem::answer(StatusCode::UNPROCESSABLE_ENTITY, &refusal);
    let body = axum::body::to_bytes(response.into_body(), 10_000).await.expect("a body");
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    check(&document, "Problem", &body);
    let listed = at(&document, "/paths/~1domains/get/responses/422/content/application~1problem+json/schema");
    fits(&document, listed, &body).expect("a code that is listed there");
    assert_eq!(body["errors"], json!([{ "pointer": "/limit", "detail": "A page has 1 to 200 rows." }]));
}

#[test]
fn nothing_is_described_twice() {
    serde_json::from_str::<Unique>(include_str!("openapi.json")).expect("names that are each there once");
    let twice = serde_json::from_str::<Unique>(r#"{"a": [{"b": 1, "b": null}]}"#).map(drop);
    assert!(twice.is_err_and(|error| error.to_string().contains("\"b\" stands twice")));
}

#[test]
fn bodies_and_parameters_have_the_fields_that_are_read() {
    let document = document();
    for (name, fields) in [
        ("NewDomain", known::<NewWebDomain>()),
        ("ChangedSettings", known::<ChangedSettings>()),
        ("ImportTable", known::<ImportTable>()),
        ("NewCustomer", known::<NewCustomer>()),
        ("NewAgency", known::<NewAgency>()),
        ("NewToken", known::<NewApiToken>()),
        ("NewApproval", known::<domains::NewApproval>()),
        ("NewStep", known::<domains::NewStep>()),
        ("NewHand", known::<domains::NewHand>()),
        ("Export", known::<Export>()),
        ("Revoke", known::<Revoke>()),
    ] {
        let schema = schema(&document, name);
        assert_eq!(keys(&schema["properties"]), fields, "{name}");
        assert_eq!(schema["additionalProperties"], false, "{name} refuses what it does not know");
    }
    for (path, fields) in [
        ("/domains", known::<Search>()),
        ("/certificates", known::<CertificateSearch>()),
        // An export refuses a limit.
        ("/domains/export", &known::<Search>() - &["limit".to_owned()].into()),
        ("/audit", known::<AuditSearch>()),
        ("/audit/export", known::<audit::Export>()),
        ("/domains/{id}/events", known::<PageAsked>()),
        ("/domains/{id}/links", known::<PageAsked>()),
        ("/customers", known::<PageAsked>()),
        ("/agencies", known::<PageAsked>()),
        ("/tokens", known::<PageAsked>()),
        ("/domains/{id}/dns-records", known::<records::Format>()),
        ("/shared/{id}/dns-records", known::<records::Format>()),
        ("/certificates/{id}/download", known::<certificates::Format>()),
    ] {
        let listed = document["paths"][path]["get"]["parameters"].as_array().expect("parameters");
        let named = listed.iter().filter_map(|one| resolved(&document, one)["name"].as_str());
        assert_eq!(words(named), fields, "{path}");
    }
}

#[test]
fn enums_have_the_words_of_the_domain() {
    let document = document();
    for (name, known) in [
        ("DomainStatus", known::<DomainStatus>()),
        ("SslStatus", known::<SslStatus>()),
        ("VerificationMethod", known::<VerificationMethod>()),
        ("SslValidation", known::<SslValidation>()),
        ("Purpose", known::<Purpose>()),
        ("RecordType", known::<RecordType>()),
        ("RecordState", known::<RecordState>()),
        ("Severity", known::<Severity>()),
        ("Owner", known::<Owner>()),
        ("Role", known::<Role>()),
    ] {
        assert_eq!(texts(&schema(&document, name)["enum"]), known, "{name}");
    }
    assert_eq!(texts(&schema(&document, "Certificate")["properties"]["source"]["enum"]), known::<Source>());
    for parameter in document["paths"]["/domains"]["get"]["parameters"].as_array().expect("parameters") {
        let mut listed = texts(&parameter["schema"]["enum"]);
        match parameter["name"].as_str() {
            Some("domain_status") => assert!(listed.remove("") && listed == known::<DomainStatus>()),
            Some("ssl_status") => assert!(listed.remove("") && listed == known::<SslStatus>()),
            Some("view") => assert_eq!(listed, words(View::ALL.map(View::word))),
            Some("sort") => assert!(listed.remove("") && listed == orders()),
            _ => assert!(listed.is_empty()),
        }
    }
}

/// Every order, and its reverse.
fn orders() -> Words {
    Sort::ALL.into_iter().flat_map(|sort| [sort.word().to_owned(), format!("-{}", sort.word())]).collect()
}

#[test]
fn links_lead_somewhere_and_every_part_is_used() {
    fn collect(value: &Value, found: &mut Words) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|inner| collect(inner, found));
            }
            Value::Array(list) => list.iter().for_each(|inner| collect(inner, found)),
            _ => {}
        }
    }
    let (document, mut linked) = (document(), Words::new());
    collect(&document, &mut linked);
    let kinds = ["schemas", "responses", "parameters"];
    let there = kinds.iter().flat_map(|kind| {
        let names = keys(&document["components"][*kind]);
        names.into_iter().map(move |name| format!("#/components/{kind}/{name}"))
    });
    assert_eq!(there.collect::<Words>(), linked);
}

/// A request with a method that no path knows is answered with those that it does.
#[tokio::test]
async fn every_path_and_method_of_the_router_is_described_and_no_other() {
    let document = document();
    let described = &document["paths"];
    let paths: Words = crate::rest::paths().iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(keys(described), paths);
    let folder = tempfile::tempdir().expect("a folder");
    let router = crate::rest::doors().with_state(console(folder.path()).await);
    for path in paths {
        let unknown = Method::from_bytes(b"BREW").expect("a method");
        let asked = Request::builder().method(unknown).uri(path.replace("{id}", "one")).body(Body::empty());
        let answer = router.clone().oneshot(asked.expect("a request")).await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json", "{path}");
        let allowed = answer.headers()[header::ALLOW].to_str().expect("text").to_lowercase();
        let mut methods = words(allowed.split(',').map(str::trim));
        // HEAD comes with GET.
        methods.remove("head");
        let mut listed = keys(&described[path.as_str()]);
        listed.remove("parameters");
        assert_eq!(listed, methods, "{path}");
    }
}

async fn console(folder: &std::path::Path) -> Console {
    let master = MasterKey::load_or_create(&folder.join("master.key")).expect("a key");
    let store = Store::open(&format!("sqlite://{}", folder.join("padlock.db").display()), master).await;
    let place =
        Place { record_label: "_padlock".into(), dcv_zone: "dcv.test".into(), edge_hostname: "edge.test".into() };
    let (brand, public_url) = (String::new(), String::new());
    let house = House {
        place,
        private_suffixes: Vec::new(),
        aliases: Vec::new(),
        brand,
        public_url,
        export_keys: false,
        help_center: None,
    };
    Console {
        store: store.expect("opens"),
        clock: Clock::system(),
        house: Arc::new(house),
        examiner: None,
        approvers: None,
        publisher: None,
        webhooks: None,
        mailer: None,
        provider: None,
        guesses: Arc::default(),
        pace: Arc::default(),
    }
}
