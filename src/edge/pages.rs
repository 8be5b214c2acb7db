//! The few pages that the edge itself answers with.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
};
use hyper::header::{X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use hyper::{Response, StatusCode};

/// One sentence, for people and for logs alike.
pub(super) fn plain(status: StatusCode, sentence: &str) -> Response<Full<Bytes>> {
    text(status, format!("{sentence}\n"))
}

/// Text to the byte, as HTTP-01 wants it.
pub(super) fn text(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    page(status, HeaderValue::from_static("text/plain; charset=utf-8"), body)
}

/// That a visitor reached us: the question itself, for every page to read, since it says nothing.
pub(super) fn reached(question: &str) -> Response<Full<Bytes>> {
    let mut page = text(StatusCode::OK, question.to_owned());
    page.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    page
}

/// 400 for a request that does not say in one voice whom it is for.
pub(super) fn bad_host() -> Response<Full<Bytes>> {
    plain(StatusCode::BAD_REQUEST, "The request does not say clearly which site it is for.")
}

/// 421 (RFC 9110 §15.5.20): the name is not ours, or not on this connection.
pub(super) fn not_here() -> Response<Full<Bytes>> {
    plain(StatusCode::MISDIRECTED_REQUEST, "This site is not served here.")
}

/// What a domain shows until a real service stands behind its alias.
pub(super) fn it_works(domain: &str, alias: &str) -> Response<Full<Bytes>> {
    let (domain, alias) = (escaped(domain), escaped(alias));
    let body = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{domain} works</title>\n\
         <style>body{{font:1.125rem/1.6 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;\
         color:#1b1b1b;background:#fff}}</style>\n</head>\n<body>\n<main>\n<h1>It works</h1>\n\
         <p>The domain <strong>{domain}</strong> reached the service <strong>{alias}</strong> over HTTPS.</p>\n\
         </main>\n</body>\n</html>\n"
    );
    let mut page = page(StatusCode::OK, HeaderValue::from_static("text/html; charset=utf-8"), body);
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    page.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    page
}

fn page(status: StatusCode, kind: HeaderValue, body: String) -> Response<Full<Bytes>> {
    const HEADERS: [(HeaderName, HeaderValue); 3] = [
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ];
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().extend(HEADERS);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// Safe in HTML text and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            plain => safe.push(plain),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        assert_eq!(escaped("<b>\"Tom\" & 'Jo'</b>"), "&lt;b&gt;&quot;Tom&quot; &amp; &#39;Jo&#39;&lt;/b&gt;");
    }
}
