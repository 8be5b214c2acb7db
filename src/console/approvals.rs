//! Use cases of approval by e-mail: whom to ask, the mail, and what the one who was asked answers.
//!
//! The mail's link only shows. An answer is a form that was sent with the domain's name typed into it, so that whatever
//! opens links, or submits the forms that it finds, answers nothing.

use super::desk::Desk;
use super::people::{secret, sha256};
use super::{Console, broken};
use crate::domain::approver::{address, names};
use crate::domain::errors::chain;
use crate::domain::id::DomainId;
use crate::domain::role::Act;
use crate::domain::setup::VerificationMethod;
use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};
use crate::mail::Letter;
use crate::observe::Contacts;
use crate::store::{Actor, ApprovalRequest, Entry, NewApproval, Scope, Stored};
use crate::wire::approval::{ApprovalView, ApproversView, AskedView};
use crate::wire::error::{Kind, Refusal};
use crate::wire::when::When;
use crate::worker::suffixes::suffixes;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::net::IpAddr;

/// A link works this long.
const LIFE_MS: i64 = 72 * HOUR_MS;
/// A mail may be sent again after this.
const AGAIN_MS: i64 = MINUTE_MS;
/// Mails about one domain in a day.
const IN_A_DAY: usize = 5;

impl Desk {
    /// Whom a domain's owner can have asked, and what came of the last request.
    ///
    /// # Errors
    /// `not_found`; `not_by_email` for a domain that is verified in another way.
    pub async fn approvers(&self, id: &str) -> Result<ApproversView, Refusal> {
        self.caller.must(Act::Manage)?;
        let stored = self.verified_by_email(id).await?;
        let Contacts { addresses, without_mail } = self.contacts(&stored).await;
        let request = self.last_approval(&stored).await?;
        Ok(ApproversView { domain: stored.setup.hostname.to_string(), addresses, without_mail, request })
    }

    /// What came of the last request.
    pub(super) async fn last_approval(&self, stored: &Stored) -> Result<Option<ApprovalView>, Refusal> {
        let now = self.console.clock.now();
        let last = self.console.store.last_approval(&stored.setup.id).await.map_err(|e| broken(&e))?;
        Ok(last.map(|request| view(request, now)))
    }

    /// Mails the approver a link; one that was mailed before leads nowhere any more.
    ///
    /// # Errors
    /// Names the field when the address is none of those that can be asked; `too_soon`, `no_mail`, `mail_failed`.
    pub async fn ask_approval(&self, id: &str, typed: &str) -> Result<ApprovalView, Refusal> {
        self.caller.must(Act::Manage)?;
        let stored = self.verified_by_email(id).await?;
        if stored.facts.approval.as_ref().is_some_and(|last| last.given) {
            let words = "This domain is approved already: nothing is left to ask.";
            return Err(Refusal::new(Kind::Conflict, "approved", words));
        }
        let wanted = address(typed);
        let known = self.contacts(&stored).await.addresses;
        let chosen = wanted.filter(|wanted| known.contains(wanted)).ok_or_else(|| {
            let words = "Choose one of the addresses that only whoever controls the domain can read.";
            Refusal::field("unknown_approver", "address", words).with_typed(&[("address", typed)])
        })?;
        let now = self.console.clock.now();
        self.may_mail_again(&stored.setup.id, now).await?;
        let (token, token_sha256) = secret()?;
        let expires_at = now.plus(LIFE_MS);
        let entry = self.entry("approval.asked", format!("Approval asked of {chosen}"));
        let new = NewApproval { address: &chosen, token_sha256, expires_at };
        // Before the mail: a link that somebody has in hand must be known here.
        self.console.store.add_approval(&stored, new, &entry, now).await.map_err(|e| broken(&e))?;
        self.mail_approver(&stored, &chosen, &token, expires_at).await?;
        self.last_approval(&stored).await?.ok_or_else(Refusal::not_found)
    }

    async fn verified_by_email(&self, id: &str) -> Result<Stored, Refusal> {
        let stored = self.stored(id).await?;
        if stored.setup.verification_method == VerificationMethod::Email {
            return Ok(stored);
        }
        let words = "This domain is verified in another way. Choose the Verification Method EMAIL in its settings.";
        Err(Refusal::new(Kind::Conflict, "not_by_email", words))
    }

    async fn contacts(&self, stored: &Stored) -> Contacts {
        let Some(approvers) = &self.console.approvers else { return Contacts::default() };
        let hostname = &stored.setup.hostname;
        let registrable = hostname.registrable(suffixes(&self.console.house.private_suffixes));
        let names = names(hostname, registrable.unwrap_or_else(|| hostname.base()));
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        approvers.contacts(&names, self.console.clock.now()).await
    }

    async fn may_mail_again(&self, id: &DomainId, now: Millis) -> Result<(), Refusal> {
        let sent = self.console.store.approvals_since(id, now.plus(-DAY_MS)).await.map_err(|e| broken(&e))?;
        let again_at = match (sent.first(), sent.last()) {
            (Some(first), _) if sent.len() >= IN_A_DAY => first.plus(DAY_MS),
            (_, Some(last)) => last.plus(AGAIN_MS),
            _ => return Ok(()),
        };
        if again_at <= now {
            return Ok(());
        }
        let seconds = (again_at.since(now).max(0) as u64).div_ceil(1_000).max(1);
        let words =
            format!("A mail was sent already. Another one can be sent at {}.", When::from(again_at).date_time());
        Err(Refusal { retry_after_s: Some(seconds), ..Refusal::new(Kind::TooSoon, "too_soon", words) })
    }

    async fn mail_approver(&self, stored: &Stored, to: &str, token: &str, until: Millis) -> Result<(), Refusal> {
        let Some(mailer) = &self.console.mailer else {
            let words =
                "This installation sends no mail. Its operator can set PADLOCK_SMTP_URL; until then verify by TXT.";
            return Err(Refusal::new(Kind::Conflict, "no_mail", words));
        };
        let (house, name) = (&self.console.house, &stored.setup.hostname);
        let customer = self.console.customer(stored.setup.customer.as_str()).await?.name;
        let text = format!(
            "{customer} asks to serve {name} over HTTPS on {brand}, and to get certificates for it.\n\n\
             You receive this because you read {to}, which only whoever controls the domain should.\n\n\
             Open this link to approve or decline. It only shows the request; you answer on the page, once, until {until}:\n\n\
             {base}/approve/{token}\n\n\
             If you know nothing of this, decline there, or do nothing: without your approval nothing happens.\n",
            brand = house.brand,
            until = When::from(until).date_time(),
            base = house.public_url,
        );
        let subject = format!("Approve {name}?");
        let letter = Letter { to: to.to_owned(), subject, text, ..Letter::default() };
        mailer.send(letter).await.map_err(|problem| {
            tracing::warn!(error = %chain(&problem), "a request for approval could not be mailed");
            let words = "The mail could not be sent. Choose another address, or try again in a minute.";
            Refusal::field("mail_failed", "address", words)
        })
    }
}

impl Console {
    /// What a mail's link shows.
    ///
    /// # Errors
    /// `not_found` when it is used up, replaced, expired or made up.
    pub async fn approval_asked(&self, token: &str) -> Result<AskedView, Refusal> {
        let (request, stored) = self.open_approval(token).await?;
        let customer = self.customer(stored.setup.customer.as_str()).await?.name;
        let agency = match &stored.setup.agency {
            Some(id) => self.store.agency(&Scope::All, id.as_str()).await.map_err(|e| broken(&e))?,
            None => None,
        };
        Ok(AskedView {
            domain: stored.setup.hostname.to_string(),
            customer,
            agency: agency.map(|agency| agency.name),
            requested_by: request.requested_by,
            address: request.address,
            expires_at: request.expires_at.into(),
        })
    }

    /// Answers a request. The domain's name is typed, so that nothing is answered by accident or by a machine.
    ///
    /// # Errors
    /// `not_found` like [`Self::approval_asked`]; names the field when another name was typed.
    pub async fn answer_approval(
        &self,
        token: &str,
        typed: &str,
        answer: &str,
        from: Option<IpAddr>,
    ) -> Result<bool, Refusal> {
        let (request, stored) = self.open_approval(token).await?;
        let name = stored.setup.hostname.to_string();
        let given = match answer {
            "approve" => true,
            "decline" => false,
            _ => return Err(Refusal::field("bad_value", "answer", "Approve or decline.")),
        };
        if !typed.trim().eq_ignore_ascii_case(&name) {
            let words = format!("Type {name} to show that you mean it.");
            return Err(Refusal::field("not_confirmed", "typed", words).with_typed(&[("typed", typed)]));
        }
        let (kind, word) = if given { ("approval.given", "Approved") } else { ("approval.declined", "Declined") };
        let summary = format!("{word} by e-mail to {}", request.address);
        let entry =
            Entry { kind: kind.into(), actor: request.address.clone(), summary, detail: serde_json::Value::Null };
        let store = self.store.by(Actor { name: request.address.clone(), id: None, address: from });
        let answered = store.answer_approval(&request, given, &entry, self.clock.now()).await;
        if answered.map_err(|e| broken(&e))? { Ok(given) } else { Err(Refusal::not_found()) }
    }

    async fn open_approval(&self, token: &str) -> Result<(ApprovalRequest, Stored), Refusal> {
        let now = self.clock.now();
        let secret = URL_SAFE_NO_PAD.decode(token).map_err(|_| Refusal::not_found())?;
        let key = sha256(&secret);
        self.pace.links.take(key, now).or_refuse("This link is used very often.")?;
        let request = self.store.open_approval(&key, now).await.map_err(|e| broken(&e))?;
        let request = request.ok_or_else(Refusal::not_found)?;
        let stored = self.store.domain(&Scope::All, &request.domain).await.map_err(|e| broken(&e))?;
        Ok((request, stored.ok_or_else(Refusal::not_found)?))
    }
}

fn view(request: ApprovalRequest, now: Millis) -> ApprovalView {
    let state = match request.outcome {
        Some(outcome) => outcome,
        None if now >= request.expires_at => "expired".to_owned(),
        None => "waiting".to_owned(),
    };
    ApprovalView {
        address: request.address,
        requested_by: request.requested_by,
        sent_at: request.created_at.into(),
        expires_at: request.expires_at.into(),
        state,
    }
}
