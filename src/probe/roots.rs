//! The roots that visitors trust, as this machine keeps them.

use rustls::pki_types::CertificateDer;
use std::sync::LazyLock;

/// Read once: they change with the machine's packages, and a start follows those.
static ROOTS: LazyLock<Vec<CertificateDer<'static>>> = LazyLock::new(|| {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        tracing::warn!(errors = ?found.errors, "this machine has no trusted roots: no uploaded certificate counts as public");
    }
    found.certs
});

/// All of them.
#[must_use]
pub fn roots() -> &'static [CertificateDer<'static>] {
    &ROOTS
}
