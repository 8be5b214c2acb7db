//! Every door of the Console's listener with the act that it asks for, and a call of each.
//!
//! The doors themselves are read from the API's description and from the sources of `api`; what is written here is only
//! what each must ask of the permission table. A door that is missing here fails `doors::every_door_says_what_it_asks_for`.

use padlock::domain::role::Act;
use serde_json::Value;
use std::path::Path;

/// What stands for a thing in a call, until it is known whose.
pub(crate) const THING: &str = "{id}";

/// The REST API's doors: method, path as described, act (none: open to everybody), and a query or a body that reads.
const REST: &[(&str, &str, Option<Act>, &str)] = &[
    ("GET", "/openapi.json", None, ""),
    ("GET", "/domains", Some(Act::See), "customer={id}"),
    ("POST", "/domains", Some(Act::Manage), r#"{"domain":"taken.court.test","customer":"{id}"}"#),
    ("GET", "/domains/export", Some(Act::See), "customer={id}"),
    ("POST", "/domains/import", Some(Act::Manage), r#"{"csv":"domain\ntaken.court.test","customer":"{id}"}"#),
    ("GET", "/domains/{id}", Some(Act::See), ""),
    ("PATCH", "/domains/{id}", Some(Act::Manage), r#"{"name":"Changed","enabled":false}"#),
    ("DELETE", "/domains/{id}", Some(Act::Manage), ""),
    ("POST", "/domains/{id}/refresh", Some(Act::Refresh), ""),
    ("POST", "/domains/{id}/renew", Some(Act::Manage), ""),
    ("POST", "/domains/{id}/certificates", Some(Act::Manage), ""),
    ("POST", "/domains/{id}/steps", Some(Act::Manage), r#"{"step":"order"}"#),
    ("PUT", "/domains/{id}/steps", Some(Act::Manage), r#"{"by_hand":true}"#),
    ("GET", "/domains/{id}/approval", Some(Act::Manage), ""),
    ("POST", "/domains/{id}/approval", Some(Act::Manage), r#"{"address":"hostmaster@court.test"}"#),
    ("GET", "/domains/{id}/diagnosis", Some(Act::See), ""),
    ("GET", "/domains/{id}/events", Some(Act::See), ""),
    ("GET", "/domains/{id}/dns-records", Some(Act::See), "format=csv"),
    ("GET", "/domains/{id}/links", Some(Act::See), ""),
    ("POST", "/domains/{id}/links", Some(Act::Manage), ""),
    ("DELETE", "/links/{id}", Some(Act::Manage), ""),
    ("GET", "/shared/{id}", None, ""),
    ("GET", "/shared/{id}/dns-records", None, ""),
    ("GET", "/certificates", Some(Act::See), "source=acme"),
    ("GET", "/certificates/{id}", Some(Act::See), ""),
    ("GET", "/certificates/{id}/download", Some(Act::See), ""),
    ("POST", "/certificates/{id}/revoke", Some(Act::Manage), r#"{"reason":"superseded"}"#),
    ("POST", "/certificates/{id}/export", Some(Act::ExportKeys), r#"{"format":"pem","reason":"Moves"}"#),
    ("GET", "/customers", Some(Act::See), ""),
    ("POST", "/customers", Some(Act::ManageCustomers), r#"{"name":" "}"#),
    ("GET", "/agencies", Some(Act::See), ""),
    ("GET", "/tokens", Some(Act::ManageAccess), ""),
    ("POST", "/tokens", Some(Act::ManageAccess), r#"{"name":"x","role":"viewer","customer":"{id}"}"#),
    ("DELETE", "/tokens/{id}", Some(Act::ManageAccess), ""),
    ("GET", "/audit", Some(Act::Audit), ""),
    ("GET", "/audit/export", Some(Act::Audit), "format=json"),
    ("POST", "/agencies", Some(Act::ManageAgencies), r#"{"name":"Clerk","customer":"{id}"}"#),
];

/// The server functions, by endpoint.
const FUNCTIONS: &[(&str, Option<Act>)] = &[
    ("agencies/add", Some(Act::ManageAgencies)),
    ("agencies/list", Some(Act::See)),
    ("approvals/answer", None),
    ("approvals/asked", None),
    ("audit/list", Some(Act::Audit)),
    ("certificates/list", Some(Act::See)),
    ("certificates/show", Some(Act::See)),
    ("certificates/exportable", Some(Act::ExportKeys)),
    ("certificates/revoke", Some(Act::Manage)),
    ("customers/add", Some(Act::ManageCustomers)),
    ("customers/list", Some(Act::See)),
    ("domains/add", Some(Act::Manage)),
    ("domains/approvers", Some(Act::Manage)),
    ("domains/ask-approval", Some(Act::Manage)),
    ("domains/change", Some(Act::Manage)),
    ("domains/choices", Some(Act::Manage)),
    ("domains/diagnosis", Some(Act::See)),
    ("domains/forget-key", Some(Act::Manage)),
    ("domains/import", Some(Act::Manage)),
    ("domains/import-check", Some(Act::Manage)),
    ("domains/keep-key", Some(Act::Manage)),
    ("domains/leftovers", Some(Act::See)),
    ("domains/letter", Some(Act::Manage)),
    ("domains/hand-over", Some(Act::Manage)),
    ("domains/link", Some(Act::Manage)),
    ("domains/links", Some(Act::See)),
    ("domains/list", Some(Act::See)),
    ("domains/name-check", Some(Act::Manage)),
    ("domains/notify", Some(Act::Manage)),
    ("domains/publish", Some(Act::Manage)),
    ("domains/publishing", Some(Act::Manage)),
    ("domains/refresh", Some(Act::Refresh)),
    ("domains/report", Some(Act::See)),
    ("domains/refresh-many", Some(Act::Refresh)),
    ("domains/remove", Some(Act::Manage)),
    ("domains/renew", Some(Act::Manage)),
    ("domains/share", Some(Act::Manage)),
    ("domains/show", Some(Act::See)),
    ("domains/take-step", Some(Act::Manage)),
    ("domains/timeline", Some(Act::See)),
    ("domains/upload", Some(Act::Manage)),
    ("domains/upload-discard", Some(Act::Manage)),
    ("domains/upload-remove", Some(Act::Manage)),
    ("domains/upload-serve", Some(Act::Manage)),
    ("domains/validation", Some(Act::Manage)),
    ("invitations/add", Some(Act::ManageAccess)),
    ("invitations/list", Some(Act::ManageAccess)),
    ("invitations/withdraw", Some(Act::ManageAccess)),
    ("links/end", Some(Act::Manage)),
    ("links/shared", None),
    ("notices/choices", Some(Act::See)),
    ("notices/choose", Some(Act::See)),
    ("notices/unsubscribe", None),
    ("notices/unsubscribing", None),
    ("people/change-role", Some(Act::ManageAccess)),
    ("people/list", Some(Act::ManageAccess)),
    ("people/remove", Some(Act::ManageAccess)),
    ("people/show", Some(Act::ManageAccess)),
    ("session/accept", None),
    ("session/extend", Some(Act::See)),
    ("session/house", None),
    ("session/invited", None),
    ("session/list", Some(Act::See)),
    ("session/sign-in", None),
    ("session/sign-out", None),
    ("session/sign-out-everywhere", None),
    ("session/switch", Some(Act::See)),
    ("session/viewer", None),
    ("triage/check", Some(Act::Triage)),
    ("triage/list", Some(Act::Triage)),
    ("tokens/list", Some(Act::ManageAccess)),
    ("tokens/make", Some(Act::ManageAccess)),
    ("tokens/revoke", Some(Act::ManageAccess)),
    ("tokens/show", Some(Act::ManageAccess)),
    ("webhooks/add", Some(Act::Manage)),
    ("webhooks/enable", Some(Act::Manage)),
    ("webhooks/list", Some(Act::Manage)),
    ("webhooks/log", Some(Act::Manage)),
    ("webhooks/remove", Some(Act::Manage)),
    ("webhooks/show", Some(Act::Manage)),
    ("webhooks/test", Some(Act::Manage)),
];

/// The form that shows what would come of a table, and the parts in which a browser sends it.
const TABLE: &str = "/domains/import";
const IN_PARTS: &str = "multipart/form-data; boundary=part";

/// Doors that neither the description nor `api` has, since only the routers know them: method, path, act, which thing, what is
/// sent.
const OTHERS: &[(&str, &str, Option<Act>, &str, &str)] = &[
    (
        "POST",
        TABLE,
        Some(Act::Manage),
        "customer",
        "--part\r\ncontent-disposition: form-data; name=\"customer\"\r\n\r\n{id}\r\n\
         --part\r\ncontent-disposition: form-data; name=\"csv\"\r\n\r\ndomain\ntaken.court.test\r\n--part--\r\n",
    ),
    ("GET", "/events", Some(Act::See), "domain", "domain={id}"),
    ("GET", "/sign-in/openid", None, "", ""),
    ("GET", "/sign-in/openid/back", None, "", ""),
    ("GET", "/one-click/{id}", None, "person", ""),
    ("POST", "/one-click/{id}", None, "person", "List-Unsubscribe=One-Click"),
];

/// A door and a call of it; `{id}` stands for the thing that it is about.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) act: Option<Act>,
    /// A query, a form's text or JSON.
    pub(crate) sent: String,
    /// Which thing it is about: `domain`, `certificate`, `customer`, `person`, `link`, `token`, `invitation`, `webhook`.
    pub(crate) thing: &'static str,
}

impl Door {
    pub(crate) fn is_function(&self) -> bool {
        !self.path.starts_with("/api/v1/")
    }

    pub(crate) fn mutates(&self) -> bool {
        self.method != "GET"
    }

    /// Whether a mail program posts there, which comes from elsewhere and brings nothing but a token.
    pub(crate) fn is_one_click(&self) -> bool {
        self.path.starts_with("/one-click/")
    }

    /// Whether the call names a thing or a customer.
    pub(crate) fn names_something(&self) -> bool {
        self.path.contains(THING) || self.sent.contains(THING)
    }

    pub(crate) fn kind(&self) -> &'static str {
        if self.path == TABLE {
            return IN_PARTS;
        }
        if self.is_function() { "application/x-www-form-urlencoded" } else { "application/json" }
    }

    /// Path with query, and body, about this thing.
    pub(crate) fn call(&self, id: &str) -> (String, String) {
        let (path, sent) = (self.path.replace(THING, id), self.sent.replace(THING, id));
        match self.method.as_str() {
            "GET" if !sent.is_empty() => (format!("{path}?{sent}"), String::new()),
            _ => (path, sent),
        }
    }
}

/// Every door; one that the tables don't know is a complaint.
pub(crate) fn every_door() -> Result<Vec<Door>, String> {
    let (operations, functions) = (operations(), functions());
    let unknown = operations.iter().map(|(method, path)| format!("{method} {path}"));
    let unknown = unknown.filter(|said| !REST.iter().any(|(method, path, ..)| *said == format!("{method} {path}")));
    let unlisted = functions.iter().map(|(endpoint, _)| endpoint.clone());
    let unlisted = unlisted.filter(|said| !FUNCTIONS.iter().any(|(endpoint, _)| said == endpoint));
    let missing: Vec<String> = unknown.chain(unlisted).collect();
    if !missing.is_empty() {
        return Err(format!("say in src/tests/kit/doors.rs which act these ask for: {}", missing.join(", ")));
    }
    if operations.len() != REST.len() || functions.len() != FUNCTIONS.len() {
        return Err("src/tests/kit/doors.rs lists a door that is gone".to_owned());
    }
    let rest = REST.iter().map(|(method, path, act, sent)| Door {
        method: (*method).to_owned(),
        path: format!("/api/v1{path}"),
        act: *act,
        sent: (*sent).to_owned(),
        thing: if path.contains(THING) { thing_of(path.trim_start_matches('/')) } else { "customer" },
    });
    let functions = functions.iter().map(|(endpoint, arguments)| Door {
        method: "POST".to_owned(),
        path: format!("/api/{endpoint}"),
        act: FUNCTIONS.iter().find(|(known, _)| known == endpoint).and_then(|(_, act)| *act),
        sent: form(endpoint, arguments),
        thing: if arguments.iter().any(|(name, _)| name == "id") { thing_of(endpoint) } else { "customer" },
    });
    Ok(rest.chain(functions).collect())
}

/// The doors of [`OTHERS`]; a route of the routers that is not among them is a complaint.
pub(crate) fn other_doors() -> Result<Vec<Door>, String> {
    let sources = [include_str!("../../boot/router.rs"), include_str!("../../rest/mod.rs")];
    let routes = sources.iter().flat_map(|source| source.split(".route(\"").skip(1));
    let routes = routes.filter_map(|rest| rest.split('"').next()).map(|route| route.replace("{token}", THING));
    let routes: Vec<String> = routes.collect();
    if let Some(missing) = routes.iter().find(|route| !OTHERS.iter().any(|(_, path, ..)| path == *route)) {
        return Err(format!("say in src/tests/kit/doors.rs which act {missing} asks for"));
    }
    if let Some((_, gone, ..)) = OTHERS.iter().find(|(_, path, ..)| !routes.iter().any(|route| route == path)) {
        return Err(format!("src/tests/kit/doors.rs lists {gone}, which is gone"));
    }
    let door = |(method, path, act, thing, sent): &(&str, &str, Option<Act>, &'static str, &str)| Door {
        method: (*method).to_owned(),
        path: (*path).to_owned(),
        act: *act,
        sent: (*sent).to_owned(),
        thing,
    };
    Ok(OTHERS.iter().map(door).collect())
}

/// Which kind of thing a path's first segment names: `domains/…` is about a domain.
pub(super) fn thing_of(path: &str) -> &'static str {
    let first = path.split('/').next().unwrap_or_default();
    [
        ("domains", "domain"),
        ("certificates", "certificate"),
        ("people", "person"),
        ("invitations", "invitation"),
        ("links", "link"),
        ("tokens", "token"),
        ("shared", "link"),
        ("webhooks", "webhook"),
        // These are opened by a secret; an id of theirs is none.
        ("records", "link"),
        ("invitation", "invitation"),
        ("unsubscribe", "person"),
        ("approve", "domain"),
    ]
    .into_iter()
    .find_map(|(segment, thing)| (first == segment).then_some(thing))
    .unwrap_or_else(|| panic!("src/tests/kit/doors.rs does not know what the id of {path} is"))
}

fn operations() -> Vec<(String, String)> {
    let text = include_str!("../../rest/openapi.json");
    let document: Value = serde_json::from_str(text).unwrap();
    let verbs = ["get", "post", "put", "patch", "delete"];
    let paths = document["paths"].as_object().unwrap().iter();
    let of_path = |(path, item): (&String, &Value)| {
        let said = verbs.into_iter().filter(|verb| item.get(verb).is_some());
        said.map(|verb| (verb.to_uppercase(), path.clone())).collect::<Vec<_>>()
    };
    paths.flat_map(of_path).collect()
}

/// Endpoint and arguments (name, type) of each server function, as the sources of `api` have them.
fn functions() -> Vec<(String, Vec<(String, String)>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let read = |text: &str| {
        let (endpoint, rest) = text.split_once('"').unwrap();
        let (_, rest) = rest.split_once("pub async fn ").unwrap();
        let (arguments, _) = rest.split_once('(').unwrap().1.split_once(") ->").unwrap();
        let arguments = arguments.split(',').filter_map(|argument| {
            let (name, kind) = argument.trim().rsplit_once(": ")?;
            let name = name.rsplit_once(' ').map_or(name, |(_, name)| name);
            Some((name.to_owned(), kind.to_owned()))
        });
        (endpoint.to_owned(), arguments.collect())
    };
    files.flat_map(|text| text.split("endpoint = \"").skip(1).map(read).collect::<Vec<_>>()).collect()
}

/// What a form sends that fills in nothing but the thing that it is about.
fn form(endpoint: &str, arguments: &[(String, String)]) -> String {
    let about = if arguments.iter().any(|(name, _)| name == "id") { "id" } else { "customer" };
    let value = |(name, kind): &(String, String)| match (name.as_str(), kind.as_str()) {
        (name, _) if name == about => Some(format!("{name}={THING}")),
        ("name", _) if about == "customer" && arguments.iter().any(|(name, _)| name == about) => {
            Some("name=Clerk".to_owned())
        }
        ("email", _) => Some("email=new%40people.test".to_owned()),
        ("role", _) => Some("role=viewer".to_owned()),
        // Otherwise something would be wrong with it before its customer is looked at.
        ("domain", _) => Some("domain=taken.court.test".to_owned()),
        ("which", _) => Some("which=found".to_owned()),
        (_, "String") => Some(format!("{name}=")),
        (_, "Search") => Some(format!("{name}[customer]={THING}")),
        (_, "bool") => Some(format!("{name}=false")),
        (_, "u32" | "u64" | "usize" | "i64") => Some(format!("{name}=1")),
        (_, kind) if kind.starts_with("Option<") || kind.starts_with("Vec<") => None,
        (_, kind) => panic!("src/tests/kit/doors.rs can't fill in {name}: {kind} of {endpoint}"),
    };
    arguments.iter().filter_map(value).collect::<Vec<_>>().join("&")
}
