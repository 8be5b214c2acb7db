//! Certificate Details: what is served, until when, and every certificate of the domain.

use super::about::About;
use super::tag::{Tag, Tone};
use super::time::Time;
use crate::domain::finding::printable;
use crate::islands::times::{Shape, hundredths};
use crate::ui::topic::Topic;
use crate::wire::domain::CertificateView;
use crate::wire::when::When;
use leptos::prelude::*;

/// The section; `children` holds the Renew button, if the person may press it.
#[component]
pub fn Certificates(
    /// Newest first.
    certificates: Vec<CertificateView>,
    /// The Renew button.
    children: Children,
) -> impl IntoView {
    let any = !certificates.is_empty();
    let listed = certificates.into_iter().map(|certificate| view! { <Certificate certificate /> }).collect_view();
    view! {
        <section class="panel" aria-labelledby="certificate-details">
            <div class="panel__head">
                <h2 id="certificate-details">"Certificate Details"</h2>
                <About href=Topic::Https.address() what="SSL certificates" />
                <div class="panel__actions">{children()}</div>
            </div>
            {(!any)
                .then(|| {
                    view! {
                        <p class="panel__note">
                            "There is no certificate yet. We request it as soon as the two SSL records are there, and renew it by ourselves from then on. "
                            <a class="usa-link" href=Topic::NotIssuing.address()>
                                {Topic::NotIssuing.heading()}
                            </a>
                        </p>
                    }
                })}
            {listed}
        </section>
    }
    .into_any()
}

#[component]
fn Certificate(certificate: CertificateView) -> impl IntoView {
    let CertificateView { hostname, certificate_authority, issuer, wildcard, serial, fingerprint_sha256, .. } =
        certificate;
    let (issued_at, expires_at, renew_at) = (certificate.issued_at, certificate.expires_at, certificate.renew_at);
    let (word, label, tone) = status(&certificate.status);
    let href = format!("/certificates/{}", certificate.id);
    view! {
        <article class="certificate">
            <div class="record__head">
                <h3>{hostname.clone()}</h3>
                <Tag word label tone />
            </div>
            <Validity issued_at expires_at renew_at />
            <dl class="facts">
                <Fact name="Hostname" value=hostname />
                <Fact name="Certificate Authority" value=printable(&certificate_authority) />
                <Fact name="Wildcard Support" value=yes_no(wildcard).to_owned() />
                <Fact name="Issuer" value=printable(&issuer) />
                <Moment name="Issued date" at=issued_at />
                <Moment name="Expiry date" at=expires_at />
            </dl>
            <details class="more">
                <summary>"Serial number and fingerprint"</summary>
                <dl class="facts">
                    <Fact name="Serial number" value=serial />
                    <Fact name="SHA-256 fingerprint" value=fingerprint_sha256 />
                </dl>
            </details>
            <p>
                <a class="usa-link" href=href>
                    "Chain, key and renewal of this certificate"
                </a>
            </p>
        </article>
    }
    .into_any()
}

/// A fact and what it is called.
#[component]
pub fn Fact(
    /// What it is called.
    name: &'static str,
    /// The fact.
    value: String,
) -> impl IntoView {
    view! {
        <div class="facts__row">
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
}

/// A fact that is a time.
#[component]
pub fn Moment(
    /// What it is called.
    name: &'static str,
    /// When.
    at: When,
) -> impl IntoView {
    view! {
        <div class="facts__row">
            <dt>{name}</dt>
            <dd>
                <Time at />
            </dd>
        </div>
    }
}

/// Issued, renews, expires: as a bar, and in words below it. What is spent shows once the page is awake.
#[component]
pub fn Validity(
    /// Start of validity.
    issued_at: When,
    /// End of validity.
    expires_at: When,
    /// When it will be renewed.
    renew_at: Option<When>,
) -> impl IntoView {
    let renew = renew_at.map(|at| hundredths(at.0, issued_at.0, expires_at.0));
    let (from, to) = (issued_at.rfc3339(), expires_at.rfc3339());
    view! {
        <div class="validity">
            <svg class="validity__bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <rect class="validity__life" x="0" y="2" width="100" height="2"></rect>
                <rect class="validity__spent" x="0" y="2" width="0" height="2" data-from=from data-to=to></rect>
                {renew.map(|x| view! { <rect class="validity__renew" x=x y="0" width="0.6" height="6"></rect> })}
            </svg>
            <ol class="validity__dates" role="list">
                <li>"issued " <Time at=issued_at shape=Shape::Date /></li>
                {renew_at
                    .map(|at| {
                        view! {
                            <li>"renews about " <Time at shape=Shape::Date /></li>
                        }
                    })}
                <li>"expires " <Time at=expires_at shape=Shape::Date /></li>
            </ol>
        </div>
    }
    .into_any()
}

/// A certificate's status as a tag; an unknown word would be a newer server's, and says nothing here.
#[must_use]
pub fn status(word: &str) -> (&'static str, &'static str, Tone) {
    match word {
        "active" => ("active", "Active", Tone::Good),
        "pending_deployment" => ("pending_deployment", "Pending Deployment", Tone::Working),
        "superseded" => ("superseded", "Superseded", Tone::Quiet),
        "expired" => ("expired", "Expired", Tone::Stopped),
        "revoked" => ("revoked", "Revoked", Tone::Stopped),
        _ => ("unknown", "Unknown", Tone::Quiet),
    }
}

/// A yes or no as people read it.
#[must_use]
pub const fn yes_no(is: bool) -> &'static str {
    if is { "Yes" } else { "No" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::parts::examples::live;

    #[test]
    fn every_detail_is_shown_in_the_words_people_know() {
        let html = view! { <Certificates certificates=live().certificates>""</Certificates> }.to_html();
        for words in ["Hostname", "Certificate Authority", "Wildcard Support", "Issuer", "Issued date", "Expiry date"] {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert!(html.contains("renews about") && html.contains("expires "), "{html}");
        assert!(!html.contains("style="), "{html}");
    }

    #[test]
    fn what_an_issuer_calls_itself_turns_no_text_around() {
        let mut certificates = live().certificates;
        certificates[0].certificate_authority = "\u{202e}tsurT <b>".to_owned();
        certificates[0].issuer = "O=\u{2066}Trust".to_owned();
        let html = view! { <Certificates certificates>""</Certificates> }.to_html();
        assert!(html.contains("\\u{202e}tsurT &lt;b&gt;") && html.contains("O=\\u{2066}Trust"), "{html}");
        assert!(!html.contains(['\u{202e}', '\u{2066}']), "{html}");
    }

    #[test]
    fn hostile_fields_of_a_certificate_stay_text() {
        for text in [
            "<svg onload=alert(1)>",
            "\"><script>alert(1)</script>",
            "' onmouseover=alert(1) x='",
            "\u{202e}<img src=x>",
        ] {
            let mut certificates = live().certificates;
            let one = &mut certificates[0];
            for field in [&mut one.hostname, &mut one.certificate_authority, &mut one.issuer, &mut one.serial] {
                text.clone_into(field);
            }
            one.fingerprint_sha256 = text.to_owned();
            let html = view! { <Certificates certificates>""</Certificates> }.to_html();
            for tag in ["<svg onload", "<script", "<img", "\" onmouseover"] {
                assert!(!html.contains(tag), "{text}: {html}");
            }
        }
    }
}
