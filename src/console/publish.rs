//! Publish for me: a customer's TSIG key, kept sealed, and the records that are put with it into their zone.
//!
//! What is put is exactly what the page showed: the plan is made anew from the last look, and the name server itself refuses
//! it when anything stands there that the plan did not know.

use super::broken;
use super::desk::Desk;
use crate::domain::errors::chain;
use crate::domain::publishing::{Planned, Put, plan};
use crate::domain::role::Act;
use crate::domain::time::{Millis, SECOND_MS};
use crate::publish::{Algorithm, PublishProblem, Publisher, UpdateKey};
use crate::store::{Stored, StoredUpdateKey};
use crate::wire::error::{Kind, Refusal};
use crate::wire::publish::{PlannedView, PublishView, UpdateKeyView};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::net::{IpAddr, SocketAddr};
use zeroize::Zeroizing;

/// Where name servers answer.
const DNS_PORT: u16 = 53;
/// Bytes of a secret: less is guessed, and more than a hash's block adds nothing.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 16..=128;
/// A domain is published for once in so long.
const AGAIN_MS: i64 = 5 * SECOND_MS;

/// A key as it was typed.
#[derive(Default)]
pub struct TypedKey {
    /// Address of the name server, with a port if it is not 53.
    pub server: String,
    /// The key's name.
    pub name: String,
    /// How it signs.
    pub algorithm: String,
    /// The secret in Base64.
    pub secret: Zeroizing<String>,
}

impl Desk {
    /// What would be published, and with which key.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn publishing(&self, id: &str) -> Result<PublishView, Refusal> {
        self.caller.must(Act::Manage)?;
        let stored = self.stored(id).await?;
        let domain = stored.setup.hostname.to_string();
        let Ok(zone) = zone(&stored) else {
            return Ok(PublishView { domain, zone: None, servers: Vec::new(), key: None, plan: Vec::new() });
        };
        let key = self.console.store.update_key(&stored.setup.customer, &zone).await.map_err(|e| broken(&e))?;
        let planned = self.plan(&stored).await?.into_iter().map(|Planned { wanted, step }| PlannedView {
            label: wanted.purpose.label().to_owned(),
            host: wanted.host,
            rtype: wanted.rtype.mnemonic().to_owned(),
            value: wanted.value,
            step,
        });
        let plan = planned.collect();
        Ok(PublishView { domain, servers: servers(&stored), key: key.map(view), zone: Some(zone), plan })
    }

    /// Keeps a key for the zone that the domain lies in; its secret is never shown again.
    ///
    /// # Errors
    /// Names the field that is wrong; `not_found`, `zone_unknown`.
    pub async fn keep_update_key(&self, id: &str, typed: TypedKey) -> Result<(), Refusal> {
        self.caller.must(Act::Manage)?;
        let stored = self.stored(id).await?;
        let kept = [("server", typed.server.clone()), ("name", typed.name.clone())];
        let key = self.sound_key(typed);
        let key =
            key.map_err(|refusal| refusal.with_typed(&kept.each_ref().map(|(field, text)| (*field, text.as_str()))))?;
        let zone = zone(&stored)?;
        let entry =
            self.entry("update_key.kept", format!("Key {} kept, which may change {zone} at {}", key.name, key.server));
        let now = self.console.clock.now();
        self.console.store.keep_update_key(&stored, &zone, &key, &entry, now).await.map_err(|e| broken(&e))
    }

    /// Forgets that key.
    ///
    /// # Errors
    /// `not_found`, `zone_unknown`.
    pub async fn forget_update_key(&self, id: &str) -> Result<(), Refusal> {
        self.caller.must(Act::Manage)?;
        let stored = self.stored(id).await?;
        let zone = zone(&stored)?;
        let entry = self.entry("update_key.forgotten", format!("Key that may change {zone} forgotten"));
        let now = self.console.clock.now();
        let gone = self.console.store.forget_update_key(&stored, &zone, &entry, now).await.map_err(|e| broken(&e))?;
        if gone { Ok(()) } else { Err(Refusal::not_found()) }
    }

    /// Puts the records that are missing, and looks at DNS again.
    ///
    /// # Errors
    /// `not_found`, `zone_unknown`, `no_key`, `nothing_to_publish`, `too_soon`, or what the name server said.
    pub async fn publish(&self, id: &str) -> Result<(), Refusal> {
        self.caller.must(Act::Manage)?;
        let stored = self.stored(id).await?;
        let (zone, now) = (zone(&stored)?, self.console.clock.now());
        let key = self.console.store.update_key(&stored.setup.customer, &zone).await.map_err(|e| broken(&e))?;
        let key = key
            .as_ref()
            .and_then(|key| ready(key, &zone))
            .ok_or_else(|| Refusal::new(Kind::Conflict, "no_key", "There is no key for this zone. Store one first."))?;
        let plan = self.plan(&stored).await?;
        if !plan.iter().any(|planned| planned.step.writes()) {
            let words =
                "There is nothing that we may publish: each record is in place, or somebody else put something there.";
            return Err(Refusal::new(Kind::Conflict, "nothing_to_publish", words));
        }
        self.in_turn(&stored, now).await?;
        let publisher = self.publisher()?;
        publisher.publish(&key, &plan, now).await.map_err(|problem| refuse(&problem))?;
        let put: Vec<Put> = plan.into_iter().filter(|planned| planned.step.writes()).map(put).collect();
        let hosts: Vec<&str> = put.iter().map(|one| one.host.as_str()).collect();
        let entry = self.entry("records.published", format!("Published at {}: {}", key.server, hosts.join(", ")));
        self.console.store.note_published(&stored, &put, &entry, now).await.map_err(|e| broken(&e))?;
        // One that was asked a moment ago comes by itself.
        let asked = self.console.store.ask_refresh(&self.caller.scope(), &stored.setup.id, now).await;
        asked.map(drop).map_err(|e| broken(&e))
    }

    async fn plan(&self, stored: &Stored) -> Result<Vec<Planned>, Refusal> {
        let Some(seen) = &stored.facts.observation else { return Ok(Vec::new()) };
        let put = self.console.store.published(&stored.setup.id).await.map_err(|e| broken(&e))?;
        let put: Vec<Put> = put.into_iter().map(|(put, _)| put).collect();
        Ok(plan(stored.setup.wanted(&self.console.house.place), seen, &put))
    }

    async fn in_turn(&self, stored: &Stored, now: Millis) -> Result<(), Refusal> {
        let put = self.console.store.published(&stored.setup.id).await.map_err(|e| broken(&e))?;
        let last = put.iter().map(|(_, at)| *at).max();
        let Some(left) = last.map(|last| AGAIN_MS - now.since(last)).filter(|left| (1..=AGAIN_MS).contains(left))
        else {
            return Ok(());
        };
        let seconds = left.unsigned_abs().div_ceil(1_000);
        let words = format!("The records were published a moment ago. Try again in {seconds} seconds.");
        Err(Refusal { retry_after_s: Some(seconds), ..Refusal::new(Kind::TooSoon, "too_soon", words) })
    }

    fn publisher(&self) -> Result<&Publisher, Refusal> {
        self.console.publisher.as_ref().ok_or_else(Refusal::broken)
    }

    fn sound_key(&self, typed: TypedKey) -> Result<StoredUpdateKey, Refusal> {
        let server = typed.server.trim();
        let parsed = server.parse().ok().or_else(|| Some(SocketAddr::new(server.parse::<IpAddr>().ok()?, DNS_PORT)));
        let words = "Enter the IP address of the zone's primary name server, such as 192.0.2.53.";
        let address = parsed.ok_or_else(|| Refusal::field("bad_value", "server", words))?;
        self.publisher()?
            .check(address.ip())
            .map_err(|problem| Refusal::field("not_public", "server", problem.to_string()))?;
        let name = typed.name.trim().trim_end_matches('.').to_lowercase();
        let is_name =
            (1..=253).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if !is_name {
            let words = "Enter the key's name as your name server has it, such as padlock or padlock.county.gov.";
            return Err(Refusal::field("bad_value", "name", words));
        }
        let words = "Choose one of the algorithms.";
        let algorithm =
            Algorithm::from_word(&typed.algorithm).ok_or_else(|| Refusal::field("bad_value", "algorithm", words))?;
        let secret = STANDARD.decode(typed.secret.trim()).ok().filter(|secret| SECRET_BYTES.contains(&secret.len()));
        let words = "Paste the secret in Base64, as your name server made it: 16 to 128 bytes.";
        let secret = Zeroizing::new(secret.ok_or_else(|| Refusal::field("bad_value", "secret", words))?);
        Ok(StoredUpdateKey {
            server: address.to_string(),
            name,
            algorithm: algorithm.word().to_owned(),
            secret,
            created_by: self.caller.name.clone(),
            created_at: self.console.clock.now(),
        })
    }
}

fn view(key: StoredUpdateKey) -> UpdateKeyView {
    UpdateKeyView {
        server: key.server,
        name: key.name,
        algorithm: key.algorithm,
        created_by: key.created_by,
        created_at: key.created_at.into(),
    }
}

fn ready(key: &StoredUpdateKey, zone: &str) -> Option<UpdateKey> {
    Some(UpdateKey {
        server: key.server.parse().ok()?,
        zone: zone.to_owned(),
        name: key.name.clone(),
        algorithm: Algorithm::from_word(&key.algorithm)?,
        secret: key.secret.clone(),
    })
}

fn put(planned: Planned) -> Put {
    Put { host: planned.wanted.host, rtype: planned.wanted.rtype, value: planned.wanted.value }
}

/// The zone that the records lie in, by the last look.
fn zone(stored: &Stored) -> Result<String, Refusal> {
    let seen = stored.facts.observation.as_ref().and_then(|seen| seen.zone.as_ref().ok());
    seen.map(|zone| zone.apex.clone()).ok_or_else(|| {
        let words = "The zone of this domain is not known before the first look at its DNS. Try again in a moment.";
        Refusal::new(Kind::Conflict, "zone_unknown", words)
    })
}

/// The zone's own name servers.
fn servers(stored: &Stored) -> Vec<String> {
    let zone = stored.facts.observation.as_ref().and_then(|seen| seen.zone.as_ref().ok());
    let servers = zone.map(|zone| zone.servers.as_slice()).unwrap_or_default();
    servers.iter().flat_map(|server| server.addresses.iter().map(ToString::to_string)).collect()
}

fn refuse(problem: &PublishProblem) -> Refusal {
    tracing::warn!(error = %chain(problem), "records could not be published");
    let (code, words) = match problem {
        PublishProblem::NotAllowed(_) => {
            ("not_public", "The name server's address is not public, so we may not reach it.")
        }
        PublishProblem::Unwritable(_) => ("unwritable", "The records can't be written as an update of this zone."),
        PublishProblem::Silent(_) => {
            ("server_silent", "The name server did not answer. Check its address, and that it lets us in over TCP.")
        }
        PublishProblem::Key(_) => (
            "key_refused",
            "The name server does not accept the key. Check its name, algorithm and secret, and the clock.",
        ),
        PublishProblem::Changed => (
            "zone_changed",
            "The zone changed since we last looked, so nothing was published. Refresh, and look at the plan again.",
        ),
        PublishProblem::Refused(_) => {
            ("update_refused", "The name server refused the update. Check that the key may change this zone there.")
        }
    };
    Refusal::new(Kind::Conflict, code, words)
}
