//! What a door answers when it can't do what was asked: a stable code and words for the person, never an inner error.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// A refusal in words for people, with a code for programs (RFC 9457's fields, less the transport).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// What kind, and so which HTTP status.
    pub kind: Kind,
    /// Stable word for programs.
    pub code: String,
    /// One sentence that says what is wrong and the way out.
    pub detail: String,
    /// The fields that are wrong, if the input was.
    pub fields: Vec<FieldError>,
    /// Seconds until it is worth asking again.
    pub retry_after_s: Option<u64>,
    /// What was typed (never a password), so that a form without script comes back filled in.
    pub typed: Vec<(String, String)>,
}

/// The kind of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Nobody is signed in, or the token is unknown.
    SignedOut,
    /// The role does not allow it.
    Forbidden,
    /// There is no such thing, or it is another customer's.
    NotFound,
    /// The input is wrong.
    Invalid,
    /// It collides with what is there.
    Conflict,
    /// Asked too often.
    TooSoon,
    /// Our own fault.
    Broken,
}

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name.
    pub field: String,
    /// What is wrong with it, and the way out.
    pub message: String,
}

impl Kind {
    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::Invalid => 422,
            Self::TooSoon => 429,
            Self::Broken => 500,
        }
    }
}

impl Refusal {
    /// A refusal without fields.
    #[must_use]
    pub fn new(kind: Kind, code: &str, detail: impl Into<String>) -> Self {
        Self {
            kind,
            code: code.to_owned(),
            detail: detail.into(),
            fields: Vec::new(),
            retry_after_s: None,
            typed: Vec::new(),
        }
    }

    /// A refusal of one field.
    #[must_use]
    pub fn field(code: &str, field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let fields = vec![FieldError { field: field.to_owned(), message: message.clone() }];
        Self { fields, ..Self::new(Kind::Invalid, code, message) }
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn signed_out() -> Self {
        Self::new(Kind::SignedOut, "signed_out", "Sign in to go on.")
    }

    /// There is no such thing, as far as this person may know.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "not_found", "There is nothing here under that name.")
    }

    /// The role does not allow it.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(Kind::Forbidden, "forbidden", "Your role does not allow this. Ask an operator if you need it.")
    }

    /// Our own fault; the log has the rest.
    #[must_use]
    pub fn broken() -> Self {
        Self::new(Kind::Broken, "broken", "Something failed on our side. Nothing was lost; try again in a moment.")
    }

    /// The same refusal with what was typed.
    #[must_use]
    pub fn with_typed(self, typed: &[(&str, &str)]) -> Self {
        let typed = typed.iter().map(|(field, text)| ((*field).to_owned(), (*text).to_owned())).collect();
        Self { typed, ..self }
    }

    /// What was typed into a field.
    #[must_use]
    pub fn typed(&self, field: &str) -> Option<&str> {
        self.typed.iter().find(|(name, _)| name == field).map(|(_, text)| text.as_str())
    }

    /// What is wrong with a field, if anything is.
    #[must_use]
    pub fn of_field(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }
}

impl FromServerFnError for Refusal {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::new(Kind::Invalid, "bad_input", "The form could not be read. Fill it in again.")
            }
            ServerFnErrorErr::Request(_) => Self::new(
                Kind::Broken,
                "unreachable",
                "The Console could not be reached. Check your connection and try again.",
            ),
            _ => Self::broken(),
        }
    }
}
