//! One order's way through the CA (RFC 8555 §7.1.6), read anew at each call unless it was read a moment ago.

use super::ari;
use super::http::Heard;
use super::in_hand::InHand;
use super::pace::Paces;
use super::refusal::{CaError, Subject, is_bad_nonce};
use super::registration::{Open, Stop};
use super::{NewOrder, Opened, Progress, Proof};
use crate::domain::problem::ProblemKind;
use crate::domain::setup::SslValidation;
use crate::domain::time::Millis;
use hyper::StatusCode;
use instant_acme::{
    Account, AuthorizationState, AuthorizationStatus, CertificateIdentifier, ChallengeStatus, ChallengeType, Error,
    Identifier, Order, OrderStatus,
};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Authorizations of one order: one for each name, and public CAs take no more names.
const AUTHORIZATIONS: usize = 100;

pub(super) async fn open(
    open: Open,
    in_hand: &InHand,
    profile: Option<&str>,
    wanted: NewOrder<'_>,
) -> Result<Opened, Stop> {
    let Open { account, directory, .. } = open;
    if let Some(profile) = profile.filter(|profile| !directory.offers_profile(profile)) {
        let detail = format!("The CA does not offer the profile {profile}; it offers: {}.", directory.profiles());
        return Err(Stop::Said(CaError::over(ProblemKind::Account, "profile_not_offered", &detail)));
    }
    let identifiers: Vec<Identifier> = wanted.names.iter().cloned().map(Identifier::Dns).collect();
    let request = |replaced: Option<CertificateIdentifier<'static>>| {
        let plain = instant_acme::NewOrder::new(&identifiers);
        let profiled = profile.into_iter().fold(plain, instant_acme::NewOrder::profile);
        replaced.into_iter().fold(profiled, instant_acme::NewOrder::replaces)
    };
    let opened = match ari::replaced(&directory, wanted.replaces) {
        None => account.new_order(&request(None)).await,
        replaced => match account.new_order(&request(replaced)).await {
            Err(error) if ari::refuses_replacing(&error, &Heard::last()) => account.new_order(&request(None)).await,
            opened => opened,
        },
    };
    let heard = Heard::last();
    let url = match (opened, &heard.location) {
        (Ok(order), _) => in_hand.keep(order),
        // The order exists, whatever else is wrong with the answer: it is read again anyway.
        (Err(_), Some(url)) if heard.status == Some(StatusCode::CREATED) => url.clone(),
        (Err(error), _) => return Err(error.into()),
    };
    Ok(Opened { url, expires: expires(&heard.body) })
}

pub(super) async fn proof(
    account: Account,
    in_hand: &InHand,
    url: &str,
    validation: SslValidation,
) -> Result<Proof, Stop> {
    let mut order = in_hand.take(&account, url).await?;
    match order.state().status {
        OrderStatus::Pending => {}
        OrderStatus::Ready | OrderStatus::Processing | OrderStatus::Valid => {
            in_hand.keep(order);
            return Ok(Proof::NotNeeded);
        }
        OrderStatus::Invalid => return Err(over(&mut order).await?),
    }
    let mut values = Vec::new();
    let mut authorizations = limited(&mut order)?.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        match authorization.status {
            AuthorizationStatus::Pending => {
                let name = authorization.identifier().to_string();
                let challenge =
                    authorization.challenge(kind(validation)).ok_or_else(|| no_challenge(&name, validation))?;
                let answer = challenge.key_authorization();
                values.push(match validation {
                    SslValidation::Dns => answer.dns_value(),
                    SslValidation::Http => answer.as_str().to_owned(),
                });
            }
            AuthorizationStatus::Valid => {}
            _ => return Err(Stop::Said(lapsed(&authorization))),
        }
    }
    in_hand.keep(order);
    Ok(if values.is_empty() { Proof::NotNeeded } else { Proof::Show(values) })
}

/// An order that is taken further.
#[derive(Clone, Copy)]
pub(super) struct Pursued<'a> {
    pub(super) url: &'a str,
    pub(super) validation: SslValidation,
    /// None when the domain is only to be validated.
    pub(super) csr_der: Option<&'a [u8]>,
    /// How long this CA takes.
    pub(super) paces: &'a Paces,
}

pub(super) async fn advance(
    account: Account,
    in_hand: &InHand,
    pursued: Pursued<'_>,
    deadline: Instant,
) -> Result<Progress, Stop> {
    let mut order = in_hand.take(&account, pursued.url).await?;
    let (mut told, mut asked, paces) = (false, false, pursued.paces);
    let processing = order.state().status == OrderStatus::Processing;
    let (mut looks, mut stretch) = (if processing { &paces.issuing } else { &paces.validating }.looks(), None);
    loop {
        match order.state().status {
            OrderStatus::Pending if !told => {
                let first = tell_ready(&mut order, pursued.validation).await?;
                told = true;
                stretch = first.then(|| paces.validating.begin());
            }
            OrderStatus::Ready => {
                if let Some(validating) = stretch.take_if(|_| !asked) {
                    validating.end();
                }
                let Some(csr_der) = pursued.csr_der else {
                    return Ok(Progress::Waiting { issuing: true, retry_after_ms: None });
                };
                order.finalize_csr(csr_der).await?;
                // A CA that still says "ready" after that is asked less and less often too.
                if !std::mem::replace(&mut asked, true) {
                    (looks, stretch) = (paces.issuing.looks(), Some(paces.issuing.begin()));
                }
            }
            OrderStatus::Pending | OrderStatus::Processing => {}
            OrderStatus::Valid => {
                if let Some(issuing) = stretch {
                    issuing.end();
                }
                return download(&mut order).await;
            }
            OrderStatus::Invalid => return Err(over(&mut order).await?),
        }
        let status = order.state().status;
        if status == OrderStatus::Valid {
            continue;
        }
        let retry_after_ms = Heard::last().retry_after_ms;
        let pause = sleep(Duration::from_millis(retry_after_ms.unwrap_or_else(|| looks.pause_ms())));
        if pause.deadline() > deadline {
            return Ok(Progress::Waiting { issuing: status != OrderStatus::Pending, retry_after_ms });
        }
        pause.await;
        order.refresh().await?;
    }
}

/// Tells the CA that every pending challenge's proof is on show (RFC 8555 §7.5.1); says whether there was one.
async fn tell_ready(order: &mut Order, validation: SslValidation) -> Result<bool, Stop> {
    let mut any = false;
    let mut authorizations = limited(order)?.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status != AuthorizationStatus::Pending {
            continue;
        }
        let name = authorization.identifier().to_string();
        let challenge = authorization.challenge(kind(validation));
        let mut challenge = challenge.ok_or_else(|| no_challenge(&name, validation))?;
        if challenge.status != ChallengeStatus::Pending {
            continue;
        }
        any = true;
        match challenge.set_ready().await {
            // The request was taken; what the challenge says of an earlier look, the order will say in its own time.
            Err(Error::Api(_)) if Heard::last().status.is_some_and(|status| status.is_success()) => {}
            // Somebody else told the CA between our look and our word: the next call sees how it went.
            Err(error) if !is_bad_nonce(&error) => {
                let refusal = CaError::of_call(&error, &Heard::last(), Subject::Order);
                return Err(Stop::Said(CaError { ends_order: false, ..refusal }));
            }
            outcome => outcome?,
        }
    }
    Ok(any)
}

async fn download(order: &mut Order) -> Result<Progress, Stop> {
    let chain_pem = order.certificate().await?.ok_or(Error::Str("the certificate of a valid order"))?;
    Ok(Progress::Issued { chain_pem })
}

/// Why an order is invalid: its own error, or that of the authorization which failed.
async fn over(order: &mut Order) -> Result<Stop, Stop> {
    if let Some(error) = &order.state().error {
        return Ok(Stop::Said(CaError::of_validation(error)));
    }
    let mut authorizations = limited(order)?.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let authorization = authorization?;
        if !matches!(authorization.status, AuthorizationStatus::Valid | AuthorizationStatus::Pending) {
            return Ok(Stop::Said(lapsed(&authorization)));
        }
    }
    Ok(Stop::Said(CaError::over(ProblemKind::Expired, "order_invalid", "The CA ended the order and gave no reason.")))
}

/// Why an authorization does not count any more.
fn lapsed(authorization: &AuthorizationState) -> CaError {
    let failed = authorization.challenges.iter().find_map(|challenge| challenge.error.as_ref());
    match (authorization.status, failed) {
        (AuthorizationStatus::Invalid, Some(error)) => CaError::of_validation(error),
        (AuthorizationStatus::Invalid, None) => {
            CaError::over(ProblemKind::Validation, "authorization_invalid", "The CA gave no reason.")
        }
        (status, _) => {
            let word = format!("{status:?}").to_lowercase();
            let detail = format!("The CA says that an authorization is {word}.");
            CaError::over(ProblemKind::Expired, "authorization_lapsed", &detail)
        }
    }
}

fn limited(order: &mut Order) -> Result<&mut Order, Stop> {
    if order.state().authorizations.len() <= AUTHORIZATIONS {
        return Ok(order);
    }
    let detail = "The CA asks for more authorizations than there can be names.";
    Err(Stop::Said(CaError::over(ProblemKind::Account, "too_many_authorizations", detail)))
}

const fn kind(validation: SslValidation) -> ChallengeType {
    match validation {
        SslValidation::Dns => ChallengeType::Dns01,
        SslValidation::Http => ChallengeType::Http01,
    }
}

fn no_challenge(name: &str, validation: SslValidation) -> Stop {
    let (word, way) = match validation {
        SslValidation::Dns => ("no_dns_challenge", "DNS"),
        SslValidation::Http => ("no_http_challenge", "HTTP"),
    };
    let detail = format!("The CA offers no validation over {way} for {name}.");
    Stop::Said(CaError::over(ProblemKind::Policy, word, &detail))
}

/// Reads the one field of an order that instant-acme leaves out.
fn expires(order: &[u8]) -> Option<Millis> {
    #[derive(serde::Deserialize)]
    struct Lasting {
        expires: String,
    }
    let lasting = serde_json::from_slice::<Lasting>(order).ok()?;
    Some(Millis(lasting.expires.parse::<jiff::Timestamp>().ok()?.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn authorization(status: &str, challenge_error: &str) -> AuthorizationState {
        let json = format!(
            r#"{{"status":"{status}","identifier":{{"type":"dns","value":"a.test"}},"challenges":[
                 {{"type":"http-01","url":"u","token":"t","status":"pending"}},
                 {{"type":"dns-01","url":"u","token":"t","status":"invalid"{challenge_error}}}]}}"#
        );
        serde_json::from_str(&json).expect("an authorization")
    }

    #[test]
    fn a_failed_authorization_speaks_with_its_challenges_words() {
        let error = r#","error":{"type":"urn:ietf:params:acme:error:dns","detail":"no TXT"}"#;
        let got = lapsed(&authorization("invalid", error));
        assert_eq!((got.problem.kind, got.problem.detail.as_str()), (ProblemKind::Validation, "no TXT"));
        assert_eq!(lapsed(&authorization("invalid", "")).problem.kind, ProblemKind::Validation);
        assert_eq!(lapsed(&authorization("expired", error)).problem.kind, ProblemKind::Expired);
        let detail = lapsed(&authorization("deactivated", "")).problem.detail;
        assert_eq!(detail, "The CA says that an authorization is deactivated.");
    }

    #[test]
    fn an_orders_end_is_read() {
        assert_eq!(expires(br#"{"expires":"1970-01-01T00:00:01.5Z"}"#), Some(Millis(1_500)));
        assert_eq!(expires(br#"{"expires":"tomorrow"}"#), None);
        assert_eq!(expires(br#"{"status":"pending"}"#), None);
        assert_eq!(expires(b"<html>"), None);
    }
}
