//! The choice of how ownership is proven, and of how the certificate authority validates.

use super::fields::SelectField;
use crate::wire::error::Refusal;
use leptos::prelude::*;

/// Both fields.
#[component]
pub fn Methods(
    /// The Verification Method that is chosen at first.
    #[prop(into)]
    verification: String,
    /// The SSL validation that is chosen at first.
    #[prop(into)]
    validation: String,
    /// Whether the domain is known to stand for every name below it, for which DNS alone will do.
    #[prop(optional)]
    wildcard: bool,
    /// Why the form came back.
    refusal: Signal<Option<Refusal>>,
) -> impl IntoView {
    let choice = |value: &str, words: &str| (value.to_owned(), words.to_owned());
    let mut verifications = vec![choice("txt", "TXT: a record")];
    let mut validations = vec![choice("dns", "DNS: by a record")];
    verifications.push(choice("email", "EMAIL: an approver"));
    if !wildcard {
        verifications.push(choice("http", "HTTP: a file"));
        validations.push(choice("http", "HTTP: on our servers"));
    }
    view! {
        <SelectField
            name="verification_method"
            label="Verification Method"
            hint="How your office proves that the domain is its own: by a record in DNS, by a file on the present site, or by an approver who answers an e-mail."
            choices=verifications
            chosen=verification
            refusal
        />
        <SelectField
            name="ssl_validation"
            label="SSL validation"
            hint="How the certificate authority checks the domain, now and at every renewal: by the DCV record, or on our servers once the domain leads there."
            choices=validations
            chosen=validation
            refusal
        />
    }
    .into_any()
}
