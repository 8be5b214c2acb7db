//! What a handler takes from a request: who is asking, what about, and the JSON that they sent.

use super::problem::{Problem, answer};
use crate::console::desk::Desk;
use crate::console::{Console, session};
use crate::wire::error::{FieldError, Kind, Refusal};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde_path_to_error::Error as PathError;
use std::error::Error as _;
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

/// A JSON body; what does not fit is a problem that names the field.
pub struct Sent<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Console> for Sent<T> {
    type Rejection = Response;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Response> {
        match Json::<T>::from_request(request, console).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(refused(&rejection)),
        }
    }
}

/// What a query asks for; what does not fit is a problem too.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Console> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, console).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(Refusal::new(Kind::Invalid, "bad_input", rejection.body_text()).into()),
        }
    }
}

/// The id in a path; one that is no text leads nowhere.
pub struct Id(pub String);

impl FromRequestParts<Console> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
        let found = Path::<String>::from_request_parts(parts, console).await;
        found.map(|Path(id)| Self(id)).map_err(|_| Refusal::not_found().into())
    }
}

fn refused(rejection: &JsonRejection) -> Response {
    let (status, code) = match rejection {
        JsonRejection::JsonDataError(_) => (StatusCode::UNPROCESSABLE_ENTITY, "bad_input"),
        JsonRejection::MissingJsonContentType(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json"),
        other => (other.status(), "bad_json"),
    };
    let fields = misfit(rejection).map(|(field, message)| FieldError { field, message });
    let refusal = Refusal::new(Kind::Invalid, code, rejection.body_text());
    answer(status, &Refusal { fields: fields.into_iter().collect(), ..refusal })
}

/// The field that does not fit, by its path in the body, and why.
fn misfit(rejection: &JsonRejection) -> Option<(String, String)> {
    let JsonRejection::JsonDataError(_) = rejection else { return None };
    let below = std::iter::successors(rejection.source(), |&error| error.source());
    let misfit = below.into_iter().find_map(|error| error.downcast_ref::<PathError<serde_json::Error>>())?;
    let why = misfit.inner().to_string();
    let path: Vec<String> = misfit.path().iter().map(ToString::to_string).collect();
    // A field that is not there has no path of its own: the words name it.
    let absent = why.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
    let field = path.iter().map(String::as_str).chain(absent.map(|(name, _)| name)).collect::<Vec<_>>();
    Some((field.join("/"), why))
}
