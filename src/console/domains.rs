//! Use cases that change web domains, or ask something of them.

use super::desk::Desk;
use super::pace::key_of;
use super::people::sound_name;
use super::sharing::{ChangedReports, sound_reports};
use super::{broken, methods};
use crate::domain::candidate::THERE;
use crate::domain::facts::Standing;
use crate::domain::id::{AgencyId, CustomerId, DomainId};
use crate::domain::role::Act;
use crate::domain::setup::Setup;
use crate::domain::time::Millis;
use crate::store::{AddProblem, Entry, NewDomain, Refresh, Scope, Settings, Stored};
use crate::wire::domain::DomainView;
use crate::wire::error::{Kind, Refusal};
use crate::wire::people::AddChoices;

/// A web domain to be added, as somebody typed it.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewWebDomain {
    /// Domain.
    pub domain: String,
    /// Name; the domain when left out.
    pub name: Option<String>,
    /// Customer, by id or name.
    pub customer: Option<String>,
    /// Default Agency, by id or name.
    pub agency: Option<String>,
    /// Alias; the first that is offered when left out.
    pub alias: Option<String>,
    /// Verification Method.
    pub verification_method: Option<String>,
    /// How the CA validates.
    pub ssl_validation: Option<String>,
    /// Whether it stands for every name below.
    pub wildcard: Option<bool>,
}

/// Settings to be changed, as somebody typed them; what is left out stays.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedSettings {
    /// Name.
    pub name: Option<String>,
    /// Alias.
    pub alias: Option<String>,
    /// Default Agency, by id or name; empty for none.
    pub agency: Option<String>,
    /// Verification Method.
    pub verification_method: Option<String>,
    /// How the CA validates.
    pub ssl_validation: Option<String>,
    /// Switched on or off.
    pub enabled: Option<bool>,
    /// Enabled Agencies, by id or name.
    pub enabled_agencies: Option<Vec<String>>,
    /// Monitoring Reports.
    pub monitoring_reports: Option<ChangedReports>,
}

impl Desk {
    /// Adds a web domain.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn add_domain(&self, typed: &NewWebDomain) -> Result<DomainView, Refusal> {
        self.caller.must(Act::Manage)?;
        let new = self.sound_domain(typed).await?;
        let added = self.add_sound(new).await.map_err(refuse)?;
        self.take_along(&added, self.console.clock.now()).await?;
        self.domain(added.setup.id.as_str()).await
    }

    /// What may be added, of what was typed.
    pub(super) async fn sound_domain(&self, typed: &NewWebDomain) -> Result<NewDomain, Refusal> {
        let hostname = self.sound_hostname(&typed.domain)?;
        let hostname = if typed.wildcard == Some(true) { hostname.into_wildcard() } else { hostname };
        let mails = self.console.mailer.is_some();
        let name = typed.name.as_deref().filter(|name| !name.trim().is_empty());
        let customer = self.customer_meant(typed.customer.as_deref()).await?;
        Ok(NewDomain {
            name: name.map_or_else(|| Ok(hostname.to_string()), |name| sound_name("name", name))?,
            agency: self.agency(typed.agency.as_deref(), &customer).await?,
            alias: self.alias(typed.alias.as_deref())?,
            verification_method: methods::verification(typed.verification_method.as_deref(), &hostname, mails)?,
            ssl_validation: methods::validation(typed.ssl_validation.as_deref(), &hostname)?,
            customer,
            hostname,
        })
    }

    /// Adds what may be added.
    pub(super) async fn add_sound(&self, new: NewDomain) -> Result<Stored, AddProblem> {
        let entry = self.entry("domain.added", format!("Web domain {} added", new.hostname));
        let now = self.console.clock.now();
        self.console.store.add_domain(&self.caller.scope(), new, Some(entry), now).await
    }

    /// The same, as a form sends it: empty text means "left out", and what was typed comes back with a refusal.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn add_from_form(&self, typed: NewWebDomain) -> Result<DomainView, Refusal> {
        let given = |text: &Option<String>| text.as_ref().map(|text| text.trim().to_owned()).filter(|t| !t.is_empty());
        let meant = NewWebDomain {
            name: given(&typed.name),
            customer: given(&typed.customer),
            agency: given(&typed.agency),
            alias: given(&typed.alias),
            ..typed.clone()
        };
        self.add_domain(&meant).await.map_err(|refusal| {
            let text = |text: &'_ Option<String>| text.clone().unwrap_or_default();
            refusal.with_typed(&[
                ("domain", &typed.domain),
                ("name", &text(&typed.name)),
                ("customer", &text(&typed.customer)),
                ("agency", &text(&typed.agency)),
                ("alias", &text(&typed.alias)),
                ("verification_method", &text(&typed.verification_method)),
                ("ssl_validation", &text(&typed.ssl_validation)),
            ])
        })
    }

    /// What the Add Web Domain form offers.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn add_choices(&self) -> Result<AddChoices, Refusal> {
        self.caller.must(Act::Manage)?;
        Ok(AddChoices {
            customers: self.customers().await?.items,
            agencies: self.agencies().await?.items,
            aliases: self.console.house.aliases.clone(),
        })
    }

    /// Changes settings.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn change(&self, id: &str, typed: &ChangedSettings) -> Result<DomainView, Refusal> {
        self.caller.must(Act::Manage)?;
        let known = self.stored(id).await?.setup;
        let enabled_agencies = match &typed.enabled_agencies {
            None => None,
            Some(named) => Some(self.enabled(named, &known.customer).await?),
        };
        let agency = match typed.agency.as_deref().map(str::trim) {
            None => None,
            Some("") => Some(None),
            named => Some(self.agency(named, &known.customer).await?),
        };
        let verification = typed.verification_method.as_deref();
        let validation = typed.ssl_validation.as_deref();
        let mails = self.console.mailer.is_some();
        let settings = Settings {
            name: typed.name.as_deref().map(|name| sound_name("name", name)).transpose()?,
            alias: typed.alias.as_deref().map(|alias| self.alias(Some(alias))).transpose()?,
            agency,
            verification_method: verification
                .map(|word| methods::verification(Some(word), &known.hostname, mails))
                .transpose()?,
            ssl_validation: validation.map(|word| methods::validation(Some(word), &known.hostname)).transpose()?,
            enabled_agencies,
            reports: typed.monitoring_reports.as_ref().map(sound_reports).transpose()?,
        };
        let (id, now, scope) = (DomainId::new(id), self.console.clock.now(), self.caller.scope());
        let entry = self.entry("domain.changed", "Settings changed".into());
        let changed =
            self.console.store.update_settings(&scope, &id, settings, Some(entry), now).await.map_err(refuse)?;
        let Setup { verification_method, ssl_validation, .. } = changed.ok_or_else(Refusal::not_found)?.setup;
        if (verification_method, ssl_validation) != (known.verification_method, known.ssl_validation) {
            // Other things are looked for from now on. Whoever asked a moment ago is answered by that look.
            self.console.store.ask_refresh(&scope, &id, now).await.map_err(|e| broken(&e))?;
        }
        if let Some(on) = typed.enabled {
            let words = if on { "Switched on" } else { "Switched off" };
            let entry = self.entry("domain.switched", words.into());
            self.console.store.switch(&scope, &id, on, Some(entry), now).await.map_err(|e| broken(&e))?;
        }
        self.domain(id.as_str()).await
    }

    /// The same, as a form sends it; what was typed comes back with a refusal.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn change_from_form(&self, id: &str, typed: ChangedSettings) -> Result<DomainView, Refusal> {
        self.caller.must(Act::Manage)?;
        let is_on = self.stored(id).await?.facts.standing != Standing::Disabled;
        // Switching on what is on would only fill the timeline.
        let typed = ChangedSettings { enabled: typed.enabled.filter(|on| *on != is_on), ..typed };
        let name = typed.name.clone().unwrap_or_default();
        self.change(id, &typed).await.map_err(|refusal| refusal.with_typed(&[("name", &name)]))
    }

    /// Has the CA validate in another way from now on.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn change_validation(&self, id: &str, ssl_validation: &str) -> Result<DomainView, Refusal> {
        let ssl_validation = Some(ssl_validation.to_owned());
        self.change(id, &ChangedSettings { ssl_validation, ..ChangedSettings::default() }).await
    }

    /// Looks at DNS again, at once.
    ///
    /// # Errors
    /// `too_soon` within five seconds of the last time, `not_found`.
    pub async fn refresh(&self, id: &str) -> Result<(), Refusal> {
        self.caller.must(Act::Refresh)?;
        let now = self.console.clock.now();
        match self
            .console
            .store
            .ask_refresh(&self.caller.scope(), &DomainId::new(id), now)
            .await
            .map_err(|e| broken(&e))?
        {
            Refresh::Asked => Ok(()),
            Refresh::NotFound => Err(Refusal::not_found()),
            Refresh::TooSoon { again_at } => {
                let seconds = (again_at.since(now).max(0) as u64).div_ceil(1_000).max(1);
                let words = format!("This domain was checked a moment ago. Try again in {seconds} seconds.");
                Err(Refusal { retry_after_s: Some(seconds), ..Refusal::new(Kind::TooSoon, "too_soon", words) })
            }
        }
    }

    /// Renews the certificate now.
    ///
    /// # Errors
    /// `no_certificate` when there is none to renew, `too_soon` when this was asked too often.
    pub async fn renew(&self, id: &str) -> Result<(), Refusal> {
        self.caller.must(Act::Manage)?;
        let stored = self.stored(id).await?;
        if stored.facts.uploaded.is_some() {
            let words = "An uploaded certificate is served, which can't be renewed here. Upload its successor, or remove it and we obtain ours.";
            return Err(Refusal::new(Kind::Conflict, "uploaded", words));
        }
        if stored.facts.certificate.is_none() {
            let words =
                "There is no certificate to renew yet: the first one is issued as soon as the records are right.";
            return Err(Refusal::new(Kind::Conflict, "no_certificate", words));
        }
        let now = self.take_renewal(&stored)?;
        let entry = self.entry("certificate.renew_asked", "Renewal asked".into());
        let asked = self.console.store.ask_renew(&self.caller.scope(), &DomainId::new(id), Some(entry), now).await;
        if asked.map_err(|e| broken(&e))? { Ok(()) } else { Err(Refusal::not_found()) }
    }

    /// Counts a renewal that somebody asks for, and gives the time.
    pub(super) fn take_renewal(&self, stored: &Stored) -> Result<Millis, Refusal> {
        let (pace, now) = (&self.console.pace, self.console.clock.now());
        let words = "Its certificate was renewed often within this hour, and the new ones are no better.";
        pace.renewals.take(key_of(&[stored.setup.id.as_str()]), now).or_refuse(words)?;
        let words = "Many renewals were asked for within this hour, and each takes from what the CA allows.";
        pace.renewals_of_customer.take(key_of(&[stored.setup.customer.as_str()]), now).or_refuse(words)?;
        Ok(now)
    }

    /// Removes a domain.
    ///
    /// # Errors
    /// `not_found`; `being_revoked` while its CA is being told to revoke the certificate.
    pub async fn remove(&self, id: &str) -> Result<(), Refusal> {
        self.caller.must(Act::Manage)?;
        let stored = self.stored(id).await?;
        if stored.facts.holds_for_revocation(self.console.clock.now()) {
            let words = "Its certificate is being revoked. Remove the domain once the certificate authority has done so, which mostly takes seconds, or after a day.";
            return Err(Refusal::new(Kind::Conflict, "being_revoked", words));
        }
        if let Some(certificate) = &stored.facts.uploaded {
            // Where it was uploaded for others too, it would end with the domain's rows.
            self.end_upload(&stored, certificate).await?;
        }
        let entry = self.entry("domain.removed", "Web domain removed".into());
        let now = self.console.clock.now();
        let removed =
            self.console.store.remove_domain(&self.caller.scope(), &DomainId::new(id), Some(entry), now).await;
        if removed.map_err(|e| broken(&e))? { Ok(()) } else { Err(Refusal::not_found()) }
    }

    /// The same, for a person who types the domain's name to say that they mean it.
    ///
    /// # Errors
    /// Names the field when another name was typed.
    pub async fn remove_from_form(&self, id: &str, typed: &str) -> Result<(), Refusal> {
        self.caller.must(Act::Manage)?;
        let name = self.stored(id).await?.setup.hostname.to_string();
        if !typed.trim().eq_ignore_ascii_case(&name) {
            let words = format!("Type {name} to remove it.");
            return Err(Refusal::field("not_confirmed", "typed", words).with_typed(&[("typed", typed)]));
        }
        self.remove(id).await
    }

    /// An agency of this customer: another customer's may have the same name.
    async fn agency(&self, named: Option<&str>, customer: &CustomerId) -> Result<Option<AgencyId>, Refusal> {
        let Some(named) = named.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
        let found =
            self.console.store.agency(&Scope::Customer(customer.clone()), named).await.map_err(|e| broken(&e))?;
        let unknown = || Refusal::field("unknown_agency", "agency", format!("There is no agency {named:?}."));
        found.map(|agency| Some(agency.id)).ok_or_else(unknown)
    }

    fn alias(&self, named: Option<&str>) -> Result<String, Refusal> {
        let aliases = &self.console.house.aliases;
        let named = named.map(str::trim).filter(|text| !text.is_empty());
        let alias = named.or_else(|| aliases.first().map(String::as_str)).unwrap_or_default();
        if aliases.iter().any(|known| known == alias) {
            return Ok(alias.to_owned());
        }
        Err(Refusal::field(
            "unknown_alias",
            "alias",
            format!("There is no service {alias:?}. Choose one of: {}.", aliases.join(", ")),
        ))
    }

    pub(super) fn entry(&self, kind: &str, summary: String) -> Entry {
        Entry { kind: kind.into(), actor: self.caller.name.clone(), summary, detail: serde_json::Value::Null }
    }
}

pub(super) fn refuse(problem: AddProblem) -> Refusal {
    match problem {
        AddProblem::AlreadyYours => {
            let words = format!("{THERE} Open it in the list of Web Domains.");
            Refusal { kind: Kind::Conflict, ..Refusal::field("name_claimed", "domain", words) }
        }
        AddProblem::UnknownCustomer => Refusal::field("unknown_customer", "customer", "There is no such customer."),
        AddProblem::UnknownAgency => {
            Refusal::field("unknown_agency", "agency", "There is no such agency at this customer.")
        }
        AddProblem::Store(error) => broken(&error),
    }
}
