//! What the layers around the API answer is said of every operation.

use super::super::CODES;
use super::{document, resolved, texts};
use serde_json::Value;

#[test]
fn every_operation_says_what_the_layers_around_it_answer() {
    let document = document();
    let lists = |operation: &Value, status: &str, code: &str| {
        let answer = resolved(&document, &operation["responses"][status]);
        assert!(texts(answer.pointer(CODES).unwrap_or(&Value::Null)).contains(code), "{status} {code}: {operation}");
    };
    for item in document["paths"].as_object().expect("paths").values() {
        for (method, operation) in
            item.as_object().expect("operations").iter().filter(|(name, _)| *name != "parameters")
        {
            lists(operation, "429", "too_many_calls");
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let mut named = parameters.filter_map(|one| resolved(&document, one)["name"].as_str());
            assert_eq!(named.any(|name| name == "Idempotency-Key"), method == "post", "{operation}");
            if method == "post" {
                lists(operation, "400", "bad_idempotency_key");
                lists(operation, "409", "idempotency_key_in_flight");
                lists(operation, "422", "idempotency_key_reused");
            }
        }
    }
}
