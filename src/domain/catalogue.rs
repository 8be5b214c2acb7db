//! The catalogue of findings: every code in the order in which causes are looked for, with its usual severity and owner.
//!
//! The order is the law: name, registry, delegation, DNSSEC, records, CAA, reaching the site, CA, certificate, course. What
//! stands earlier is what makes the rest show up, so the first blocking finding by this order is the cause.

use super::finding::{Owner, Severity};

macro_rules! catalogue {
    ($(#[doc = $doc:literal] $variant:ident = $word:literal, $severity:ident, $owner:ident;)*) => {
        /// A finding's stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $doc] $variant,)* }

        impl Code {
            /// Every code, in the catalogue's order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word in the REST API.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What it means, in one line.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $doc.trim(),)* }
            }

            /// How much it usually matters.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// Who usually can act.
            #[must_use]
            pub const fn owner(self) -> Owner {
                match self { $(Self::$variant => Owner::$owner,)* }
            }
        }
    };
}

catalogue! {
    /// Switched off by a person.
    Disabled = "disabled", Blocking, Agency;
    /// Removed; kept for a while.
    Removed = "removed", Blocking, Agency;
    /// Not a host name.
    NameInvalid = "name_invalid", Blocking, Agency;
    /// A scheme, port or path came along.
    NameHasScheme = "name_has_scheme", Blocking, Agency;
    /// No CA issues for it.
    NamePublicSuffix = "name_public_suffix", Blocking, Agency;
    /// Not a valid international name.
    NameIdn = "name_idn", Blocking, Agency;
    /// The zone's own name can't be an alias.
    NameApex = "name_apex", Warning, Agency;
    /// HTTP can't validate a wildcard.
    WildcardMethod = "wildcard_method", Blocking, Agency;
    /// Another customer holds it.
    NameClaimed = "name_claimed", Blocking, Agency;
    /// The registered domain does not exist.
    DomainUnregistered = "domain_unregistered", Blocking, Dns;
    /// The registrar or the registry has switched it off.
    DomainOnHold = "domain_on_hold", Blocking, Dns;
    /// A listed server does not serve the zone.
    NsLame = "ns_lame", Blocking, Dns;
    /// A server does not answer.
    NsUnreachable = "ns_unreachable", Blocking, Network;
    /// Servers hold different copies.
    NsStale = "ns_stale", Warning, Dns;
    /// Parent and zone name different servers.
    NsMismatch = "ns_mismatch", Blocking, Dns;
    /// Records were added where nobody looks.
    WrongProvider = "wrong_provider", Blocking, Dns;
    /// The record's name is a zone of its own.
    SubzoneDelegated = "subzone_delegated", Blocking, Dns;
    /// Some types, or TCP, get no answer.
    NsDropsTypes = "ns_drops_types", Blocking, Network;
    /// Capital letters in a question are mishandled.
    NsCase = "ns_case", Blocking, Dns;
    /// A name with names below it is denied.
    NsEnt = "ns_ent", Blocking, Dns;
    /// The servers fail, without DNSSEC as the reason.
    NsServfail = "ns_servfail", Blocking, Dns;
    /// Signatures do not verify.
    DnssecBogus = "dnssec_bogus", Blocking, Dns;
    /// Signatures are out of date.
    DnssecExpired = "dnssec_expired", Blocking, Dns;
    /// The parent lists a key that the zone does not have.
    DnssecDsOrphan = "dnssec_ds_orphan", Blocking, Dns;
    /// The proof that a record is absent is broken.
    DnssecDenial = "dnssec_denial", Blocking, Dns;
    /// Signatures lapse soon.
    DnssecExpiring = "dnssec_expiring", Warning, Dns;
    /// A required record is not there.
    RecMissing = "rec_missing", Blocking, Dns;
    /// It is there, and a cache still says otherwise.
    RecCached = "rec_cached", Info, Nobody;
    /// It has another value.
    RecWrongValue = "rec_wrong_value", Blocking, Dns;
    /// It has a value of an earlier claim.
    RecOldToken = "rec_old_token", Blocking, Dns;
    /// A character or two differ.
    RecNearMiss = "rec_near_miss", Blocking, Dns;
    /// Saved with the zone's name twice.
    NameDoubled = "name_doubled", Blocking, Dns;
    /// Saved on the zone in place of the host.
    NameMissingSub = "name_missing_sub", Blocking, Dns;
    /// The zone's name was added to the target.
    TargetDoubled = "target_doubled", Blocking, Dns;
    /// Quotes, spaces or a scheme around the value.
    ValueDressed = "value_dressed", Blocking, Dns;
    /// The right value in a record of the wrong type.
    TypeWrong = "type_wrong", Blocking, Dns;
    /// The value was cut with a space.
    TxtSplit = "txt_split", Blocking, Dns;
    /// Many texts at one name.
    TxtMulti = "txt_multi", Warning, Dns;
    /// A TXT stands where the challenge's alias must go.
    AcmeTxtConflict = "acme_txt_conflict", Blocking, Dns;
    /// An alias that is not alone.
    CnameWithOthers = "cname_with_others", Blocking, Dns;
    /// The challenge is delegated to another vendor.
    CnameElsewhere = "cname_elsewhere", Blocking, Dns;
    /// A wildcard answers in the record's place.
    WildcardShadow = "wildcard_shadow", Blocking, Dns;
    /// Aliases go in circles.
    CnameChain = "cname_chain", Blocking, Dns;
    /// The alias is right, and its target does not exist.
    TargetDead = "target_dead", Blocking, Padlock;
    /// A content network hides the alias.
    Proxied = "proxied", Blocking, Dns;
    /// The alias shows as addresses: it works.
    CnameFlattened = "cname_flattened", Info, Nobody;
    /// Some addresses were typed in.
    ANotCname = "a_not_cname", Warning, Dns;
    /// Some addresses are ours, some are not.
    AddrMixed = "addr_mixed", Blocking, Dns;
    /// IPv6 leads elsewhere.
    AaaaStray = "aaaa_stray", Blocking, Dns;
    /// An address that is not public.
    AddrReserved = "addr_reserved", Blocking, Dns;
    /// An HTTPS record leads elsewhere.
    HttpsRrStale = "https_rr_stale", Warning, Dns;
    /// A change would take long to be seen.
    TtlHigh = "ttl_high", Warning, Dns;
    /// The token file is not on the site.
    FileMissing = "file_missing", Blocking, Agency;
    /// Another page stands where the token file should be.
    FileWrong = "file_wrong", Blocking, Agency;
    /// Somebody takes the steps by hand, and has the next one.
    ByHand = "by_hand", Blocking, Agency;
    /// The approver has not answered the e-mail yet.
    ApprovalPending = "approval_pending", Blocking, Agency;
    /// The approver declined.
    ApprovalDeclined = "approval_declined", Blocking, Agency;
    /// CAA allows other CAs only.
    CaaForbids = "caa_forbids", Blocking, Dns;
    /// CAA bars wildcards.
    CaaWild = "caa_wild", Blocking, Dns;
    /// CAA allows another account only.
    CaaAccount = "caa_account", Blocking, Dns;
    /// CAA allows other methods only.
    CaaMethod = "caa_method", Blocking, Dns;
    /// A critical CAA line that no CA understands.
    CaaCritical = "caa_critical", Blocking, Dns;
    /// A CAA line that can't mean what it should.
    CaaMalformed = "caa_malformed", Blocking, Dns;
    /// CAA can't be asked.
    CaaLookup = "caa_lookup", Blocking, Dns;
    /// CAA at our own name bars the CA.
    CaaTarget = "caa_target", Blocking, Padlock;
    /// Nothing listens on port 80.
    HttpRefused = "http_refused", Blocking, Network;
    /// Port 80 does not answer.
    HttpTimeout = "http_timeout", Blocking, Network;
    /// It answers from some places and not from others.
    HttpGeo = "http_geo", Blocking, Network;
    /// Only the challenge's path is cut off.
    HttpFwAcme = "http_fw_acme", Blocking, Network;
    /// A bot check answers.
    HttpWaf = "http_waf", Blocking, Network;
    /// Another web server answers.
    Http404 = "http_404", Blocking, Dns;
    /// A page is served for every path.
    HttpBody = "http_body", Blocking, Network;
    /// A redirect that a CA does not follow.
    HttpRedirect = "http_redirect", Blocking, Network;
    /// Port 80 speaks something else.
    HttpWrongProto = "http_wrong_proto", Blocking, Network;
    /// A router's own page answers.
    HttpRouter = "http_router", Blocking, Network;
    /// Addresses behave differently.
    HttpMulti = "http_multi", Warning, Network;
    /// The CA declines the name.
    CaPolicy = "ca_policy", Blocking, Ca;
    /// The registered domain's allowance is used up.
    CaRateDomain = "ca_rate_domain", Blocking, Padlock;
    /// The same certificate was asked for too often.
    CaRateExact = "ca_rate_exact", Blocking, Padlock;
    /// Too many failed validations.
    CaRateFail = "ca_rate_fail", Blocking, Padlock;
    /// The CA paused the name.
    CaPaused = "ca_paused", Blocking, Padlock;
    /// The account's orders are used up for now.
    CaRateOrders = "ca_rate_orders", Warning, Padlock;
    /// The CA has trouble.
    CaOutage = "ca_outage", Warning, Ca;
    /// The order lapsed.
    CaExpired = "ca_expired", Blocking, Padlock;
    /// Our account needs attention.
    CaAccount = "ca_account", Blocking, Padlock;
    /// Key or request was refused.
    CaCsr = "ca_csr", Blocking, Padlock;
    /// The CA read an older token.
    CaToken = "ca_token", Blocking, Padlock;
    /// Not every server shows the certificate.
    TlsNotEverywhere = "tls_not_everywhere", Blocking, Padlock;
    /// Another name's certificate is shown.
    TlsWrongCert = "tls_wrong_cert", Blocking, Padlock;
    /// The predecessor is still shown.
    TlsOldCert = "tls_old_cert", Blocking, Padlock;
    /// The chain is incomplete.
    TlsChain = "tls_chain", Blocking, Padlock;
    /// The certificate has expired.
    TlsExpired = "tls_expired", Blocking, Padlock;
    /// The CA revoked the certificate, or is about to.
    TlsRevoked = "tls_revoked", Blocking, Padlock;
    /// Strangers may have the certificate's key.
    KeyExposed = "key_exposed", Warning, Agency;
    /// No secure connection comes about.
    TlsHandshake = "tls_handshake", Blocking, Padlock;
    /// Browsers insist on HTTPS for this name.
    HstsLocked = "hsts_locked", Warning, Nobody;
    /// The application behind it does not answer.
    AppOrigin = "app_origin", Blocking, Padlock;
    /// It led here, and leads elsewhere now.
    Moved = "moved", Blocking, Dns;
    /// The next renewal's record is gone.
    DcvRemoved = "dcv_removed", Warning, Dns;
    /// A new CAA rule bars the next renewal.
    CaaAdded = "caa_added", Warning, Dns;
    /// The zone moved to other name servers.
    NsMigrated = "ns_migrated", Warning, Dns;
    /// A name that nobody has here leads here.
    TakeoverRisk = "takeover_risk", Warning, Dns;
    /// The uploaded key belongs to another certificate.
    UpKeyMismatch = "up_key_mismatch", Blocking, Agency;
    /// The uploaded certificate is for other names.
    UpSan = "up_san", Blocking, Agency;
    /// The uploaded certificate is not valid now.
    UpDates = "up_dates", Blocking, Agency;
    /// The uploaded certificate's issuer is missing.
    UpChain = "up_chain", Blocking, Agency;
    /// None or several server certificates were uploaded.
    UpLeafs = "up_leafs", Blocking, Agency;
    /// The uploaded file's password is wrong.
    UpPassword = "up_password", Blocking, Agency;
    /// The uploaded file is encrypted in an old way.
    UpPfxLegacy = "up_pfx_legacy", Blocking, Agency;
    /// The uploaded certificate is too weak for browsers.
    UpWeak = "up_weak", Blocking, Agency;
    /// The uploaded certificate lives longer than browsers accept.
    UpTooLong = "up_too_long", Warning, Agency;
    /// The uploaded files are larger than anything needed.
    UpTooLarge = "up_too_large", Blocking, Agency;
    /// The uploaded files can't be read.
    UpUnreadable = "up_unreadable", Blocking, Agency;
    /// We could not ask.
    CouldNotAsk = "could_not_ask", Warning, Padlock;
    /// Nothing was looked at yet.
    FirstCheck = "first_check", Info, Padlock;
    /// The CA is at work.
    Issuing = "issuing", Info, Ca;
}

impl Code {
    /// Reads a word of [`Self::word`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_names_one_code() {
        for code in Code::ALL {
            assert_eq!(Code::from_word(code.word()), Some(*code));
        }
        assert_eq!(Code::from_word("nothing_such"), None);
    }
}
