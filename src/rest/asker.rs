//! What a handler takes from a request: who is asking, what about, and the JSON that they sent.

use super::problem::{Problem, answer, in_words};
use crate::console::Console;
use crate::console::address::ClientAddress;
use crate::console::desk::Desk;
use crate::console::session::{self, Doing};
use crate::wire::error::{FieldError, Kind, Refusal};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_path_to_error::Error as PathError;
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::net::IpAddr;
use tower_sessions::Session;

/// The desk of whoever is asking: a bearer token's, else a signed-in person's.
pub struct Asker(pub Desk);

impl FromRequestParts<Console> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Console) -> Result<Self, Problem> {
        let known = parts.extensions.get::<Known>().cloned();
        let Known(desk) = known.ok_or_else(Refusal::broken)?;
        Ok(Self(desk?))
    }
}

/// Who is asking, as [`identify`] found out: carried by the request to the layers and the handler behind it.
#[derive(Clone)]
pub struct Known(pub Result<Desk, Refusal>);

/// Finds out once who is asking. Whether they may is asked further in: some doors are open to everybody.
pub async fn identify(State(console): State<Console>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let known = Known(desk(&mut parts, &console).await);
    parts.extensions.insert(known);
    next.run(Request::from_parts(parts, body)).await
}

async fn desk(parts: &mut Parts, console: &Console) -> Result<Desk, Refusal> {
    if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
        let text = value.to_str().unwrap_or_default();
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            let words = "Send the token as: Authorization: Bearer <token>.";
            return Err(Refusal::new(Kind::SignedOut, "bad_token", words));
        }
        let caller = console.bearer(token.trim()).await?.at_address(address(parts));
        return Ok(Desk::new(console.clone(), caller));
    }
    let session = Session::from_request_parts(parts, console).await.map_err(|_| Refusal::broken())?;
    let caller = session::caller(console, &session, Doing::of(&parts.headers)).await?;
    Ok(Desk::new(console.clone(), caller.ok_or_else(Refusal::signed_out)?.at_address(address(parts))))
}

/// Where the request comes from.
fn address(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ClientAddress>().map(|ClientAddress(address)| *address)
}

/// A JSON body; what does not fit is a problem that names the field.
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

/// Which page of a list is asked for, where there is nothing else to ask.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PageAsked {
    /// Where it starts; empty for the first.
    pub cursor: String,
    /// Rows on it.
    pub limit: Option<u32>,
}

/// What a query asks for; what does not fit is a problem too.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Console> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, console).await;
        query.map(|Query(value)| Self(value)).map_err(|rejection| unfit(&rejection, rejection.body_text()).into())
    }
}

/// The id in a path; one that is no text, or that no database can hold, leads nowhere.
pub struct Id(pub String);

impl FromRequestParts<Console> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
        let found = Path::<String>::from_request_parts(parts, console).await;
        let id = found.ok().map(|Path(id)| id).filter(|id| !id.contains(char::is_control));
        id.map(Self).ok_or_else(|| Refusal::not_found().into())
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
        JsonRejection::JsonDataError(error) => return answer(status, &unfit(error, rejection.body_text())),
        JsonRejection::MissingJsonContentType(_) => "not_json",
        _ if status == StatusCode::PAYLOAD_TOO_LARGE => return answer(status, &in_words(status)),
        _ => "bad_json",
    };
    answer(status, &Refusal::new(Kind::Invalid, code, rejection.body_text()))
}

/// A value of the wrong kind; the field is named where it is known.
fn unfit(rejection: &(dyn Error + 'static), words: String) -> Refusal {
    let fields = misfit(rejection).map(|(field, message)| FieldError { field, message });
    Refusal { fields: fields.into_iter().collect(), ..Refusal::new(Kind::Invalid, "bad_input", words) }
}

/// The field that does not fit, by its path in body or query, and why.
fn misfit(rejection: &(dyn Error + 'static)) -> Option<(String, String)> {
    let mut below = std::iter::successors(Some(rejection), |error| (*error).source());
    let (mut path, why) =
        below.find_map(|error| located::<serde_json::Error>(error).or_else(|| located::<QueryError>(error)))?;
    // A field that is missing or repeated has no path of its own: the words name it.
    let starts = ["missing field `", "duplicate field `"];
    let named = starts.iter().find_map(|start| why.strip_prefix(start)).and_then(|rest| rest.split_once('`'));
    if let Some((name, _)) = named.filter(|(name, _)| path.last().is_none_or(|last| last != name)) {
        path.push(name.to_owned());
    }
    // The whole body is no field.
    (!path.is_empty()).then(|| (path.join("/"), why))
}

/// What a query's values are read with.
type QueryError = serde::de::value::Error;

fn located<E: Error + 'static>(error: &(dyn Error + 'static)) -> Option<(Vec<String>, String)> {
    let misfit = error.downcast_ref::<PathError<E>>()?;
    Some((misfit.path().iter().map(ToString::to_string).collect(), misfit.inner().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::domains::NewWebDomain;
    use crate::wire::list::Search;
    use axum::extract::rejection::QueryRejection;
    use axum::http::Uri;

    #[track_caller]
    fn check(rejection: &(dyn Error + 'static), named: Option<&str>) {
        let refusal = unfit(rejection, String::new());
        assert_eq!(refusal.fields.first().map(|one| one.field.as_str()), named, "{refusal:?}");
    }

    #[test]
    fn a_body_is_an_object_and_what_does_not_fit_is_named() {
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
            check(&error, named);
        }
    }

    #[test]
    fn a_query_names_what_does_not_fit() {
        for (text, named) in [("limit=x", "limit"), ("limit=", "limit"), ("limit=1&limit=2", "limit"), ("q=a&q=b", "q")]
        {
            let uri: Uri = format!("/domains?{text}").parse().expect("an address");
            let refused: Result<Query<Search>, QueryRejection> = Query::try_from_uri(&uri);
            check(&refused.expect_err("refused"), Some(named));
        }
    }
}
