//! A table of web domains that a form sends, as the page reads it that shows what would come of it.
//!
//! Only a page's own form comes here: scripts have the REST API. The page asks the same use cases as any other, which ask
//! who is signed in and what they may do.

use crate::wire::import::Sent;
use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

/// Takes the form out of a request, and leaves what a page is shown for.
///
/// # Errors
/// The answer when it is no such form.
pub(super) async fn table(request: Request) -> Result<(Sent, Request), Response> {
    let (parts, body) = request.into_parts();
    let head = Request::from_parts(parts.clone(), Body::empty());
    let mut form =
        Multipart::from_request(Request::from_parts(parts, body), &()).await.map_err(|e| e.into_response())?;
    let (mut sent, mut file) = (Sent::default(), String::new());
    while let Some(field) = form.next_field().await.map_err(|e| e.into_response())? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|e| e.into_response())?;
        // What is not UTF-8 shows as such in the rows that it spoils.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "csv" => sent.csv = text,
            "customer" => sent.customer = text,
            "file" => file = text,
            _ => {
                return Err(
                    (StatusCode::UNPROCESSABLE_ENTITY, "There is no such field in this form.\n").into_response()
                );
            }
        }
    }
    if !file.trim().is_empty() {
        sent.csv = file;
    }
    Ok((sent, head))
}
