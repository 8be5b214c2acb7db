//! How ownership is proven and how the CA validates, as somebody typed it: what goes together with what.

use crate::domain::hostname::Hostname;
use crate::domain::setup::{SslValidation, VerificationMethod};
use crate::wire::error::Refusal;

/// The Verification Method for a name, where mail is sent or not; TXT when left out.
///
/// # Errors
/// Names the field when the word is none, or the method proves too little for the name.
pub(super) fn verification(
    typed: Option<&str>,
    hostname: &Hostname,
    mails: bool,
) -> Result<VerificationMethod, Refusal> {
    const FIELD: &str = "verification_method";
    match typed.filter(|word| !word.is_empty()).map_or(Some(VerificationMethod::Txt), VerificationMethod::from_word) {
        Some(VerificationMethod::Http) if hostname.is_wildcard() => {
            let words = "A file on one site proves nothing about the names below it. Use TXT for a wildcard domain.";
            Err(Refusal::field("wildcard_method", FIELD, words))
        }
        Some(VerificationMethod::Email) if !mails => {
            let words = "This installation sends no mail. Use \"txt\" or \"http\".";
            Err(Refusal::field("method_unavailable", FIELD, words))
        }
        Some(method) => Ok(method),
        None => Err(Refusal::field("bad_value", FIELD, "The Verification Method is \"txt\", \"http\" or \"email\".")),
    }
}

/// How the CA validates a name; over DNS when left out.
///
/// # Errors
/// Names the field when the word is none, or no CA would validate the name so.
pub(super) fn validation(typed: Option<&str>, hostname: &Hostname) -> Result<SslValidation, Refusal> {
    const FIELD: &str = "ssl_validation";
    match typed.filter(|word| !word.is_empty()).map_or(Some(SslValidation::Dns), SslValidation::from_word) {
        Some(SslValidation::Http) if hostname.is_wildcard() => {
            let words = "Certificate authorities validate a wildcard domain over DNS only. Use DNS validation for it.";
            Err(Refusal::field("wildcard_method", FIELD, words))
        }
        Some(method) => Ok(method),
        None => Err(Refusal::field("bad_value", FIELD, "The SSL validation is \"dns\" or \"http\".")),
    }
}
