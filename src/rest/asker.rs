//! What a handler takes from a request: who is asking, what they named, and what they sent.
//!
//! What does not fit is a problem that names the field; axum's own rejections are plain text and never get out.

use super::problem::{Problem, answer, in_words};
use crate::console::desk::Desk;
use crate::console::{Console, session};
use crate::wire::error::{Kind, Refusal};
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use tower_sessions::Session;

/// The desk of whoever is asking: a bearer token's, else a signed-in person's.
pub struct Asker(pub Desk);

impl FromRequestParts<Console> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
        if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
            let text = value.to_str().unwrap_or_default();
            let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
            if !scheme.eq_ignore_ascii_case("bearer") {
                let words = "Send the token as: Authorization: Bearer <token>.";
                return Err(Refusal::new(Kind::SignedOut, "bad_token", words).into());
            }
            return Ok(Self(Desk::new(console.clone(), console.bearer(token.trim()).await?)));
        }
        let session = Session::from_request_parts(parts, console).await.map_err(|_| Refusal::broken())?;
        let caller = session::caller(console, &session).await?.ok_or_else(Refusal::signed_out)?;
        Ok(Self(Desk::new(console.clone(), caller)))
    }
}

/// The id in the path; one that is no text at all names nothing.
pub struct Named(pub String);

impl FromRequestParts<Console> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, console).await;
        path.map(|Path(id)| Self(id)).map_err(|_| Refusal::not_found().into())
    }
}

/// The query's parameters.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Console> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Console) -> Result<Self, Problem> {
        let query = Query::<T>::try_from_uri(&parts.uri);
        query.map(|Query(value)| Self(value)).map_err(|rejection: QueryRejection| unfit(&rejection).into())
    }
}

/// A JSON body: an object, whose fields are the value's.
pub struct Sent<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Console> for Sent<T> {
    type Rejection = Response;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Response> {
        match Json::<Object<T>>::from_request(request, console).await {
            Ok(Json(Object(value))) => Ok(Self(value)),
            Err(rejection) => Err(refused(&rejection)),
        }
    }
}

/// Serde's derives read a list as well as an object; a script that sends one has made a mistake.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

fn refused(rejection: &JsonRejection) -> Response {
    let status = rejection.status();
    let code = match rejection {
        JsonRejection::JsonDataError(error) => return Problem(unfit(error)).into_response(),
        JsonRejection::MissingJsonContentType(_) => "not_json",
        _ if status == StatusCode::PAYLOAD_TOO_LARGE => return answer(status, &in_words(status)),
        _ => "bad_json",
    };
    answer(status, &Refusal::new(Kind::Invalid, code, rejection.body_text()))
}

/// A value of the wrong kind, in serde's words; the field is named where serde names it.
fn unfit(rejection: &(dyn Error + 'static)) -> Refusal {
    let told = std::iter::successors(Some(rejection), |error| (*error).source()).map(ToString::to_string);
    let told: Vec<String> = told.collect();
    match told.iter().find_map(|text| field(text)) {
        Some((field, words)) => {
            let refusal = Refusal::field("bad_input", field, words);
            Refusal { detail: format!("{field}: {words}"), ..refusal }
        }
        None => Refusal::new(Kind::Invalid, "bad_input", told.last().map_or("", String::as_str)),
    }
}

/// The field that an error is about, and the rest of what it says.
fn field(text: &str) -> Option<(&str, &str)> {
    let name = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let missing = ["missing field `", "duplicate field `"].iter().find_map(|start| text.strip_prefix(start));
    match missing.and_then(|rest| rest.split_once('`')) {
        Some((field, _)) => Some((field, text)),
        None => text.split_once(": ").filter(|(field, _)| name(field)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::domains::NewWebDomain;

    #[test]
    fn a_body_is_an_object_and_errors_name_the_field() {
        let read = |text: &str| Json::<Object<NewWebDomain>>::from_bytes(text.as_bytes());
        assert!(read(r#"{"domain":"a.test"}"#).is_ok_and(|Json(Object(new))| new.domain == "a.test"));
        for (text, named) in [
            (r#"["a.test",null,null,null,null,null,null,null]"#, None),
            ("{}", Some("domain")),
            (r#"{"domain":"a","domain":"b"}"#, Some("domain")),
            (r#"{"domain":5}"#, Some("domain")),
            (r#"{"domain":"a","wildcard":"yes"}"#, Some("wildcard")),
            (r#"{"domain":"a","color":"red"}"#, Some("color")),
        ] {
            let Err(JsonRejection::JsonDataError(error)) = read(text) else { panic!("{text} was read") };
            let refusal = unfit(&error);
            assert_eq!(refusal.fields.first().map(|one| one.field.as_str()), named, "{text}: {refusal:?}");
        }
    }
}
