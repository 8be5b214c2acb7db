//! The API's description for programs, OpenAPI 3.1: kept by hand, and held true by the tests below it.
//!
//! Derives would have to stand on types that the browser shares; a plain file reads better and can be looked at as it is.
//! What holds for every operation, since layers around them answer it, is written once and added to each here.

use axum::http::header;
use axum::response::IntoResponse;
use serde_json::{Value, json};
use std::sync::LazyLock;

const WRITTEN: &str = include_str!("openapi.json");
/// Where a problem's codes are listed.
const CODES: &str = "/content/application~1problem+json/schema/allOf/1/properties/code/enum";

static DOCUMENT: LazyLock<String> = LazyLock::new(|| match serde_json::from_str(WRITTEN) {
    Ok(written) => complete(written).to_string(),
    Err(_) => WRITTEN.to_owned(),
});

/// `GET /openapi.json`, for everybody.
pub async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str())
}

/// Adds to each operation what the layers around it answer.
fn complete(mut document: Value) -> Value {
    let components = document["components"]["responses"].clone();
    let paths = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    let operations = paths.filter_map(Value::as_object_mut).flatten();
    for (method, operation) in operations.filter(|(_, operation)| operation["operationId"].is_string()) {
        answers(operation, "429", "TooSoon", &components);
        if method == "post" {
            match operation["parameters"].as_array_mut() {
                Some(listed) => listed.push(json!({ "$ref": "#/components/parameters/IdempotencyKey" })),
                None => operation["parameters"] = json!([{ "$ref": "#/components/parameters/IdempotencyKey" }]),
            }
            answers(operation, "400", "BadRequest", &components);
            answers(operation, "409", "KeyInFlight", &components);
            answers(operation, "422", "KeyReused", &components);
        }
    }
    document
}

/// Says that an operation may answer what a component describes, beside what it has under that status.
fn answers(operation: &mut Value, status: &str, component: &str, components: &Value) {
    let answer = &mut operation["responses"][status];
    match answer.pointer_mut(CODES).and_then(Value::as_array_mut) {
        Some(codes) => {
            codes.extend(components[component].pointer(CODES).and_then(Value::as_array).into_iter().flatten().cloned())
        }
        None => *answer = json!({ "$ref": format!("#/components/responses/{component}") }),
    }
}

#[cfg(test)]
#[path = "tests_openapi.rs"]
mod tests;
