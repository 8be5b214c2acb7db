//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a POST that is sent again is not done again.
//!
//! Keys belong to whoever asks. What was done is answered again as it was; what was refused did nothing, so its key is free
//! again. The work goes on when the client hangs up, since that is when it will ask again.

use super::asker::Known;
use super::problem::{self, Problem};
use crate::console::Console;
use crate::console::pace::key_of;
use crate::domain::id::CustomerId;
use crate::store::{Answer, Claim, Turn};
use crate::wire::error::{Kind, Refusal};
use aws_lc_rs::digest;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// A key is a UUID or as long a text.
const KEY_CHARS: usize = 255;
/// Bodies are read whole; the listener lets nothing longer in.
const BODY_BYTES: usize = 1 << 20;
/// What a POST answers is shorter by far.
const ANSWER_BYTES: usize = 1 << 20;
/// Worth asking again after this, while the first is in flight.
const AGAIN_S: u64 = 1;

/// Acts once on what brings a key.
pub async fn once(State(console): State<Console>, request: Request, next: Next) -> Response {
    let (Some(given), Some(Known(Ok(desk)))) = (request.headers().get(KEY), request.extensions().get::<Known>()) else {
        return next.run(request).await;
    };
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let Some(key) = sound(given) else {
        let words = format!("An Idempotency-Key is one text of 1 to {KEY_CHARS} visible characters.");
        let refusal = Refusal::new(Kind::Invalid, "bad_idempotency_key", words);
        return problem::answer(StatusCode::BAD_REQUEST, &refusal);
    };
    let customer = desk.caller().customer.as_ref().map_or("", CustomerId::as_str);
    let id = HEXLOWER.encode(&key_of(&[&desk.caller().identity(), customer, &key]));
    let desk = desk.clone();
    let (mut parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_BYTES).await else {
        return problem::answer(StatusCode::PAYLOAD_TOO_LARGE, &problem::in_words(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let sum = fingerprint(parts.uri.path_and_query().map_or("", |path| path.as_str()), &body);
    let claim = match console.store.take_turn(&id, sum, console.clock.now()).await {
        Ok(Turn::Act(claim)) => claim,
        Ok(turn) => return known(turn),
        Err(error) => return Problem(crate::console::broken(&error)).into_response(),
    };
    parts.extensions.insert(Known(Ok(desk.under(&claim))));
    let request = Request::from_parts(parts, Body::from(body));
    // A client that hangs up ends its own request, and must not end what was begun for it.
    let done = tokio::spawn(async move { kept(&console, &claim, next.run(request).await).await });
    done.await.unwrap_or_else(|_| Problem(Refusal::broken()).into_response())
}

/// What a key's turn answers when there is nothing to do.
fn known(turn: Turn) -> Response {
    let refusal = |kind, code, words| Problem(Refusal::new(kind, code, words)).into_response();
    match turn {
        Turn::Answered(answer) => replayed(answer),
        Turn::Reused => {
            let words = "This Idempotency-Key was used for another request. Use a new one for each.";
            refusal(Kind::Invalid, "idempotency_key_reused", words)
        }
        Turn::AnswerLost => {
            let words =
                "This request was acted on, but its answer was lost. Look at what is there before sending another.";
            refusal(Kind::Conflict, "idempotency_answer_lost", words)
        }
        Turn::Act(_) | Turn::InFlight => {
            let words = "A request with this Idempotency-Key is being worked on. Ask again in a moment.";
            let refusal = Refusal::new(Kind::Conflict, "idempotency_key_in_flight", words);
            Problem(Refusal { retry_after_s: Some(AGAIN_S), ..refusal }).into_response()
        }
    }
}

/// Keeps what was answered, when something was done; lets the key go when nothing was.
async fn kept(console: &Console, claim: &Claim, response: Response) -> Response {
    let refused = !response.status().is_success();
    let release = async || console.store.release_turn(claim).await;
    if refused && !release().await.is_ok_and(|released| !released) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(body) = axum::body::to_bytes(body, ANSWER_BYTES).await else {
        return Problem(Refusal::broken()).into_response();
    };
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let answer = Answer {
        status: parts.status.as_u16(),
        content_type: text(header::CONTENT_TYPE),
        location: text(header::LOCATION),
        body: body.to_vec(),
    };
    if let Err(error) = console.store.keep_answer(claim, &answer).await {
        // It was done: whoever asked is told so, and whoever asks again hears that the answer was lost.
        tracing::error!(%error, "an answer could not be kept");
    }
    Response::from_parts(parts, Body::from(body))
}

fn replayed(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, text) in [(header::CONTENT_TYPE, answer.content_type), (header::LOCATION, answer.location)] {
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// The key's text. The draft has it in quotes (RFC 8941 §3.3.3); many clients send it bare.
fn sound(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?.trim();
    let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let fits = (1..=KEY_CHARS).contains(&inner.len()) && inner.bytes().all(|b| b.is_ascii_graphic() && b != b'"');
    fits.then(|| inner.to_owned())
}

fn fingerprint(path: &str, body: &Bytes) -> [u8; 32] {
    let mut sum = digest::Context::new(&digest::SHA256);
    sum.update(&(path.len() as u64).to_be_bytes());
    sum.update(path.as_bytes());
    sum.update(body);
    let mut out = [0; 32];
    out.copy_from_slice(sum.finish().as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_with_quotes_and_without() {
        let read = |text: &str| sound(&HeaderValue::from_str(text).expect("a value"));
        let key = "8e03978e-40d5-43dd-bc93-6894a57f9324";
        assert_eq!(read(key).as_deref(), Some(key));
        assert_eq!(read(&format!("\"{key}\"")).as_deref(), Some(key));
        for bad in ["", "\"\"", "two words", "a\"b", &"x".repeat(KEY_CHARS + 1)] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
