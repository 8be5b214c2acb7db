//! What a fake CA signs: real chains, and chains with every flaw that a client has to notice.

use padlock::acme::chain;
use padlock::domain::time::{DAY_MS, Millis};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, DnType, IsCa, KeyPair,
};
use tower_sessions::cookie::time::OffsetDateTime;

/// What is wrong with a delivered chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// The leaf is followed by a CA that did not sign it.
    WrongChain,
    /// For another key than the request's.
    OtherKey,
    /// For another name than was ordered.
    OtherName,
    /// Over since yesterday.
    Expired,
    /// No certificate at all.
    Junk,
}

pub(super) struct Signer {
    issuer: CertifiedIssuer<'static, KeyPair>,
    stranger: CertifiedIssuer<'static, KeyPair>,
}

/// How long a certificate lives, and how far before the present it begins.
#[derive(Clone, Copy)]
pub(super) struct Dates {
    pub(super) now: Millis,
    pub(super) life_ms: i64,
    pub(super) back_dated_ms: i64,
}

impl Signer {
    pub(super) fn new(name: &str) -> Self {
        Self { issuer: authority(name), stranger: authority("Somebody Else") }
    }

    pub(super) fn root_pem(&self) -> String {
        self.issuer.pem()
    }

    /// The chain for a request, and by what name the leaf is asked about (RFC 9773 §4.1).
    pub(super) fn sign(
        &self,
        name: &str,
        csr_der: &[u8],
        dates: Dates,
        flaw: Option<Flaw>,
    ) -> (String, Option<String>) {
        let csr = CertificateSigningRequestParams::from_der(&csr_der.to_vec().into()).expect("a signing request");
        let name = if flaw == Some(Flaw::OtherName) { "other.court.test" } else { name };
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.use_authority_key_identifier_extension = true;
        let begins = dates.now.0 - dates.back_dated_ms;
        let ends = if flaw == Some(Flaw::Expired) { dates.now.0 - DAY_MS } else { begins + dates.life_ms };
        let at = |ms: i64| OffsetDateTime::from_unix_timestamp(ms / 1_000).expect("a time");
        (params.not_before, params.not_after) = (at(begins.min(ends - DAY_MS)), at(ends));
        let leaf = if flaw == Some(Flaw::OtherKey) {
            params.signed_by(&KeyPair::generate().expect("a key"), &self.issuer)
        } else {
            params.signed_by(&csr.public_key, &self.issuer)
        };
        let leaf = leaf.expect("a certificate").pem();
        let ari_id = chain::read(&leaf).expect("our own certificate").ari_id;
        let above = if flaw == Some(Flaw::WrongChain) { self.stranger.pem() } else { self.issuer.pem() };
        (if flaw == Some(Flaw::Junk) { "<html>".to_owned() } else { format!("{leaf}{above}") }, ari_id)
    }
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::OrganizationName, name);
    params.distinguished_name.push(DnType::CommonName, format!("{name} Root"));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a CA")
}
