//! A TLS listener's certificate, made for one test, and the root that signed it.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// PEM throughout, for `127.0.0.1`.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
    pub(crate) root: String,
}

impl Identity {
    pub(crate) fn new() -> Self {
        let mut root_params = CertificateParams::default();
        root_params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root_key = KeyPair::generate().expect("a key");
        let root = root_params.self_signed(&root_key).expect("a root").pem();
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(["127.0.0.1".to_owned()])
            .and_then(|params| params.signed_by(&key, &Issuer::new(root_params, root_key)))
            .expect("a listener certificate")
            .pem();
        Self { certificate, key: key.serialize_pem(), root }
    }
}
