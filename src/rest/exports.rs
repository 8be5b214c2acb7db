//! The door for exporting a certificate with its key: for scripts that send JSON, and for the Console's form.

use super::asker::{Asker, Id, Sent};
use super::forms::{back, is_form};
use super::problem::Problem;
use crate::console::Console;
use crate::console::exports::{Export, ExportedFile};
use crate::wire::error::{Kind, Refusal};
use axum::Form;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// `POST /certificates/{id}/export`
pub async fn export(
    asker: Result<Asker, Problem>,
    State(console): State<Console>,
    Id(id): Id,
    request: Request,
) -> Response {
    if !is_form(request.headers()) {
        let Asker(desk) = match asker {
            Ok(asker) => asker,
            Err(problem) => return problem.into_response(),
        };
        return match Sent::<Export>::from_request(request, &console).await {
            Ok(Sent(wanted)) => desk.export_certificate(&id, wanted).await.map_or_else(refused, file),
            // Who may not export is told that, whatever was sent.
            Err(unreadable) => desk.exportable(&id).await.map_or_else(refused, |_| unreadable),
        };
    }
    let exported = async {
        let Asker(desk) = asker.map_err(|Problem(refusal)| refusal)?;
        let Form(wanted) = Form::<Export>::from_request(request, &()).await.map_err(|_| unreadable())?;
        let (format, reason) = (wanted.format.clone(), wanted.reason.clone());
        let exported = desk.export_certificate(&id, wanted).await;
        exported.map_err(|refusal| refusal.with_typed(&[("format", &format), ("reason", &reason)]))
    };
    exported.await.map_or_else(|refusal| back(["certificates", &id, "export"], refusal), file)
}

fn refused(refusal: Refusal) -> Response {
    Problem(refusal).into_response()
}

fn unreadable() -> Refusal {
    Refusal::new(Kind::Invalid, "bad_input", "The form could not be read. Fill it in again.")
}

fn file(file: ExportedFile) -> Response {
    // Host names have no quotes and no line ends.
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{}\"", file.name));
    let disposition = disposition.unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let kind = HeaderValue::from_static(file.kind);
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], file.content.to_vec()).into_response()
}
