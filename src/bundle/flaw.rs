//! What is wrong with handed-in files: a stable code, what is the matter, and the one fix.

use crate::domain::catalogue::Code;
use crate::domain::finding::printable;
use crate::domain::time::Millis;
use crate::wire::when::When;

/// Bytes of all files together.
pub const BYTES: usize = 256 * 1024;
/// Certificates in all files together: chains have four at most.
pub const CERTIFICATES: usize = 20;
/// Names that a sentence lists.
const NAMES_SHOWN: usize = 5;

/// Why files are refused; nothing of a key is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing was handed in.
    Nothing,
    /// More than [`BYTES`].
    TooLarge,
    /// More than [`CERTIFICATES`], or as many keys.
    TooMany,
    /// Opening it would take too long.
    Costly,
    /// Nobody knows what it is.
    Unreadable(&'static str),
    /// The password does not open it; none was given.
    Password {
        /// Whether one was typed.
        typed: bool,
    },
    /// Encrypted in a way that is not read any more.
    Legacy,
    /// No private key came along.
    NoKey,
    /// So many server certificates, and not one.
    Leafs(usize),
    /// No key belongs to the certificate.
    Key,
    /// The key or the signature is too weak.
    Weak(String),
    /// The certificate is for other names.
    Names {
        /// Which.
        covered: Vec<String>,
        /// The one that is wanted.
        wanted: String,
    },
    /// Not valid now.
    Dates {
        /// Start of validity.
        from: Millis,
        /// End of validity.
        to: Millis,
    },
    /// It vouches for itself.
    SelfSigned,
    /// The issuer's certificate is missing.
    Chain {
        /// The issuer, as text.
        issuer: String,
    },
}

impl Flaw {
    /// The code, as in the catalogue.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Nothing | Self::Unreadable(_) => Code::UpUnreadable,
            Self::TooLarge | Self::TooMany | Self::Costly => Code::UpTooLarge,
            Self::Password { .. } => Code::UpPassword,
            Self::Legacy => Code::UpPfxLegacy,
            Self::NoKey | Self::Key => Code::UpKeyMismatch,
            Self::Leafs(_) => Code::UpLeafs,
            Self::Weak(_) => Code::UpWeak,
            Self::Names { .. } => Code::UpSan,
            Self::Dates { .. } => Code::UpDates,
            Self::SelfSigned | Self::Chain { .. } => Code::UpChain,
        }
    }

    /// The field of the form that it is about.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Password { .. } => "password",
            Self::NoKey | Self::Key => "private_key",
            Self::SelfSigned | Self::Chain { .. } => "intermediate",
            _ => "certificate",
        }
    }
}

/// What is the matter and the fix, in one or two sentences.
impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => f.write_str("Choose a Certificate PFX File, or a Public Certificate File and a Private Key File."),
            Self::TooLarge => write!(f, "The files have more than {} KB. Choose the certificate's own files only.", BYTES / 1024),
            Self::TooMany => write!(f, "The files hold more than {CERTIFICATES} certificates or keys. Choose one certificate, its issuers and its key."),
            Self::Costly => f.write_str(
                "The file is protected so elaborately that opening it would take too long. Export it again with the usual settings: 600,000 rounds of PBKDF2 or 64 MB of scrypt at most.",
            ),
            Self::Unreadable(what) => write!(f, "The {what} can't be read: it is damaged or of another kind. Export it again as PFX (PKCS #12) or PEM."),
            Self::Password { typed: true } => f.write_str("The Certificate Password is wrong. Type it again, and choose the files again."),
            Self::Password { typed: false } => f.write_str("The file is protected. Type the Certificate Password that was set when it was exported, and choose the files again."),
            Self::Legacy => f.write_str(
                "The file is encrypted in an old way that is not read any more. Convert it with: openssl pkcs12 -legacy -in old.pfx -nodes | openssl pkcs12 -export -out new.pfx; or a key with: openssl pkcs8 -topk8 -in old.key -out new.key",
            ),
            Self::NoKey => f.write_str("There is no private key in the files. Choose the Private Key File that was made together with the certificate's request."),
            Self::Key => f.write_str("The private key belongs to another certificate. Choose the key that was made together with this certificate's request."),
            Self::Leafs(0) => f.write_str("0 server certificates were found: the files hold certificates of authorities only. Choose the certificate that was issued for the domain as the Public Certificate File."),
            Self::Leafs(found) => write!(f, "{found} server certificates were found. Upload one at a time."),
            Self::Weak(why) => write!(f, "The certificate is too weak for browsers: {why}. Have it issued anew, with an RSA key of 2,048 bits or an ECDSA key on P-256."),
            Self::Names { covered, wanted } => write!(f, "The certificate covers {}, not {wanted}. Choose the file of a certificate for {wanted}.", listed(covered)),
            Self::Dates { from, to } => write!(f, "The certificate is valid from {} to {}, not now. Choose a newer one.", When(*from).date_time(), When(*to).date_time()),
            Self::SelfSigned => f.write_str("The certificate is signed by itself, so that no browser trusts it. Upload one that an authority has issued."),
            Self::Chain { issuer } => write!(f, "The issuer's certificate is missing: {}. Add it as the Intermediate Certificate File; the authority that issued the certificate offers it for download.", printable(issuer)),
        }
    }
}

impl std::error::Error for Flaw {}

/// Names in a sentence.
fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(NAMES_SHOWN).map(|name| printable(name)).collect();
    match names.len().saturating_sub(NAMES_SHOWN) {
        _ if names.is_empty() => "no names".into(),
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
