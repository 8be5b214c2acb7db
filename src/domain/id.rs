//! Names of rows: text ids (UUIDv7 where the store makes them), one type each so that they can't be mixed up.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is stored.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text as it is stored.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A customer: the tenant that every query is scoped by.
    CustomerId,
    /// An agency of a customer.
    AgencyId,
    /// A person who signs in.
    UserId,
    /// A web domain.
    DomainId,
    /// A sealed private key and its signing request.
    KeyId,
    /// A certificate.
    CertificateId,
    /// Our own name of an ACME order, written before the CA hears of it.
    OrderId,
    /// An invitation that is open.
    InvitationId,
    /// An API token's public part.
    TokenId,
    /// A link without sign-in.
    LinkId,
    /// An upload of a certificate.
    UploadId,
    /// A webhook.
    WebhookId,
}
