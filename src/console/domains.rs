//! Use cases around web domains.

use super::broken;
use super::desk::Desk;
use super::people::sound_name;
use super::views;
use crate::domain::event::{Event, Why};
use crate::domain::hostname::Hostname;
use crate::domain::id::{CertificateId, DomainId};
use crate::domain::role::Act;
use crate::domain::setup::{SslValidation, VerificationMethod};
use crate::domain::status::{DomainStatus, SslStatus};
use crate::domain::time::Millis;
use crate::resolve::Lookup;
use crate::store::{AddProblem, Entry, Filter, NewDomain, Refresh, Settings, Stored};
use crate::wire::domain::{CertificateView, DomainRow, DomainView, EventView, Page};
use crate::wire::error::{Kind, Refusal};
use crate::wire::people::AddChoices;
use crate::worker::suffixes::suffixes;
use std::collections::HashMap;

/// Rows of a list when nobody says how many, and at most.
pub const ROWS: u32 = 50;
/// See [`ROWS`].
pub const ROWS_MAX: u32 = 200;
/// Longer searches are cut: no name is that long.
const SEARCH_CHARS: usize = 300;

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
}

/// What a list is narrowed to, as somebody typed it; empty text means "any".
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Search {
    /// Part of a name or label.
    pub q: String,
    /// Domain Status.
    pub domain_status: String,
    /// SSL Status.
    pub ssl_status: String,
    /// The cause's code.
    pub code: String,
    /// Customer, by id or name.
    pub customer: String,
    /// Rows.
    pub limit: Option<u32>,
    /// Where to start.
    pub cursor: String,
}

impl Desk {
    /// A page of domains.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn list(&self, search: &Search) -> Result<Page<DomainView>, Refusal> {
        let (page, now) = self.find(search).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for stored in &page.items {
            items.push(self.view(stored, now).await?);
        }
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// A page of domains as rows of the Console's list.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn list_rows(&self, q: &str, domain_status: &str, ssl_status: &str, cursor: &str) -> Result<Page<DomainRow>, Refusal> {
        let search = Search {
            q: q.into(),
            domain_status: domain_status.into(),
            ssl_status: ssl_status.into(),
            cursor: cursor.into(),
            ..Search::default()
        };
        let (page, now) = self.find(&search).await?;
        let agencies = self.console.store.agencies(&self.caller.scope()).await.map_err(|e| broken(&e))?;
        let customers = self.console.store.customers().await.map_err(|e| broken(&e))?;
        let agencies: HashMap<_, _> = agencies.iter().map(|agency| (&agency.id, agency.name.as_str())).collect();
        let customers: HashMap<_, _> = customers.iter().map(|customer| (&customer.id, customer.name.as_str())).collect();
        let row = |stored: &Stored| {
            let office = stored.setup.agency.as_ref().and_then(|id| agencies.get(id));
            let office = office.or_else(|| customers.get(&stored.setup.customer)).copied().unwrap_or_default();
            views::row(stored, office, now)
        };
        Ok(Page { items: page.items.iter().map(row).collect(), next_cursor: page.next_cursor })
    }

    async fn find(&self, search: &Search) -> Result<(crate::store::Page<Stored>, Millis), Refusal> {
        self.caller.must(Act::See)?;
        let customer = match search.customer.as_str() {
            "" => None,
            named => Some(self.customer_meant(Some(named)).await?),
        };
        let limit = search.limit.unwrap_or(ROWS);
        if !(1..=ROWS_MAX).contains(&limit) {
            return Err(Refusal::field("bad_limit", "limit", format!("A page has 1 to {ROWS_MAX} rows.")));
        }
        let filter = Filter {
            q: Some(search.q.trim().chars().take(SEARCH_CHARS).collect::<String>()).filter(|q| !q.is_empty()),
            domain_status: word("domain_status", &search.domain_status, DomainStatus::from_word)?,
            ssl_status: word("ssl_status", &search.ssl_status, SslStatus::from_word)?,
            code: Some(search.code.clone()).filter(|code| !code.is_empty()),
            customer,
            limit,
            cursor: Some(search.cursor.clone()).filter(|cursor| !cursor.is_empty()),
        };
        let page = self.console.store.list(&self.caller.scope(), &filter).await.map_err(|e| broken(&e))?;
        Ok((page, self.console.clock.now()))
    }

    /// One domain.
    ///
    /// # Errors
    /// `not_found`, also for another customer's.
    pub async fn domain(&self, id: &str) -> Result<DomainView, Refusal> {
        let stored = self.stored(id).await?;
        self.view(&stored, self.console.clock.now()).await
    }

    async fn stored(&self, id: &str) -> Result<Stored, Refusal> {
        self.caller.must(Act::See)?;
        let found = self.console.store.domain(&self.caller.scope(), &DomainId::new(id)).await;
        found.map_err(|e| broken(&e))?.ok_or_else(Refusal::not_found)
    }

    async fn view(&self, stored: &Stored, now: Millis) -> Result<DomainView, Refusal> {
        let certificates = self.console.store.certificates(&self.caller.scope(), &stored.setup.id).await;
        Ok(views::domain(stored, &certificates.map_err(|e| broken(&e))?, &self.console.house.place, now))
    }

    /// A domain by its name, if this person may see one of that name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn by_name(&self, name: &str) -> Result<Option<DomainView>, Refusal> {
        self.caller.must(Act::See)?;
        let Ok(hostname) = Hostname::parse_form(name) else { return Ok(None) };
        let found = self.console.store.domain_by_hostname(&self.caller.scope(), &hostname).await;
        match found.map_err(|e| broken(&e))?.first() {
            Some(stored) => Ok(Some(self.view(stored, self.console.clock.now()).await?)),
            None => Ok(None),
        }
    }

    /// A domain that is in the Console as it looks at this moment: its DNS is asked now, and nothing is recorded.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn diagnose_now(&self, lookup: &dyn Lookup, name: &str) -> Result<DomainView, Refusal> {
        let unknown = || Refusal::new(Kind::NotFound, "not_found", format!("{name} is not in the Console: add it first."));
        let id = self.by_name(name).await?.ok_or_else(unknown)?.id;
        let mut stored = self.stored(&id).await?;
        let (place, now) = (&self.console.house.place, self.console.clock.now());
        let wanted = stored.setup.wanted(place);
        let observation = lookup.look(&stored.setup.hostname, &wanted, &place.edge_hostname, now).await;
        stored.facts = stored.facts.apply(now, &Event::Looked { observation, why: Why::Page });
        self.view(&stored, now).await
    }

    /// Adds a web domain.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn add_domain(&self, typed: &NewWebDomain) -> Result<DomainView, Refusal> {
        self.caller.must(Act::Manage)?;
        let house = &self.console.house;
        let hostname = Hostname::parse(&typed.domain, suffixes(&house.private_suffixes))
            .map_err(|problem| Refusal::field(problem.code(), "domain", problem.to_string()))?;
        let hostname = if typed.wildcard == Some(true) { hostname.into_wildcard() } else { hostname };
        let owned = |zone: &str| hostname.base() == zone || crate::domain::hostname::is_below(hostname.base(), zone);
        if owned(&house.place.dcv_zone) || owned(&house.place.edge_hostname) {
            return Err(Refusal::field("name_claimed", "domain", format!("{hostname} is a name of ours and can't be added.")));
        }
        let name = typed.name.as_deref().filter(|name| !name.trim().is_empty());
        let customer = self.customer_meant(typed.customer.as_deref()).await?;
        let new = NewDomain {
            name: name.map_or_else(|| Ok(hostname.to_string()), |name| sound_name("name", name))?,
            agency: self.agency(typed.agency.as_deref()).await?,
            alias: self.alias(typed.alias.as_deref())?,
            verification_method: verification_method(typed.verification_method.as_deref())?,
            ssl_validation: ssl_validation(typed.ssl_validation.as_deref())?,
            customer,
            hostname,
        };
        let entry = self.entry("domain.added", format!("Web domain {} added", new.hostname));
        let now = self.console.clock.now();
        let added = self.console.store.add_domain(&self.caller.scope(), new, Some(entry), now).await.map_err(refuse)?;
        self.view(&added, now).await
    }

    /// The same, as a form sends it: empty text means "left out", and what was typed comes back with a refusal.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn add_from_form(&self, domain: &str, name: &str, customer: &str, agency: &str, alias: &str) -> Result<DomainView, Refusal> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let typed = NewWebDomain {
            domain: domain.to_owned(),
            name: given(name),
            customer: given(customer),
            agency: given(agency),
            alias: given(alias),
            ..NewWebDomain::default()
        };
        let kept = [("domain", domain), ("name", name), ("customer", customer), ("agency", agency), ("alias", alias)];
        self.add_domain(&typed).await.map_err(|refusal| refusal.with_typed(&kept))
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
        let agency = match typed.agency.as_deref().map(str::trim) {
            None => None,
            Some("") => Some(None),
            named => Some(self.agency(named).await?),
        };
        let settings = Settings {
            name: typed.name.as_deref().map(|name| sound_name("name", name)).transpose()?,
            alias: typed.alias.as_deref().map(|alias| self.alias(Some(alias))).transpose()?,
            agency,
            verification_method: typed.verification_method.as_deref().map(|m| verification_method(Some(m))).transpose()?,
            ssl_validation: typed.ssl_validation.as_deref().map(|m| ssl_validation(Some(m))).transpose()?,
        };
        let (id, now, scope) = (DomainId::new(id), self.console.clock.now(), self.caller.scope());
        let entry = self.entry("domain.changed", "Settings changed".into());
        let changed = self.console.store.update_settings(&scope, &id, settings, Some(entry), now).await.map_err(refuse)?;
        changed.ok_or_else(Refusal::not_found)?;
        if let Some(on) = typed.enabled {
            let words = if on { "Switched on" } else { "Switched off" };
            let entry = self.entry("domain.switched", words.into());
            self.console.store.switch(&scope, &id, on, Some(entry), now).await.map_err(|e| broken(&e))?;
        }
        self.domain(id.as_str()).await
    }

    /// Looks at DNS again, at once.
    ///
    /// # Errors
    /// `too_soon` within five seconds of the last time, `not_found`.
    pub async fn refresh(&self, id: &str) -> Result<(), Refusal> {
        self.caller.must(Act::Refresh)?;
        let now = self.console.clock.now();
        match self.console.store.ask_refresh(&self.caller.scope(), &DomainId::new(id), now).await.map_err(|e| broken(&e))? {
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
    /// `no_certificate` when there is none to renew.
    pub async fn renew(&self, id: &str) -> Result<(), Refusal> {
        self.caller.must(Act::Manage)?;
        if self.stored(id).await?.facts.certificate.is_none() {
            let words = "There is no certificate to renew yet: the first one is issued as soon as the records are right.";
            return Err(Refusal::new(Kind::Conflict, "no_certificate", words));
        }
        let entry = self.entry("certificate.renew_asked", "Renewal asked".into());
        let now = self.console.clock.now();
        let asked = self.console.store.ask_renew(&self.caller.scope(), &DomainId::new(id), Some(entry), now).await;
        if asked.map_err(|e| broken(&e))? { Ok(()) } else { Err(Refusal::not_found()) }
    }

    /// Removes a domain.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove(&self, id: &str) -> Result<(), Refusal> {
        self.caller.must(Act::Manage)?;
        let entry = self.entry("domain.removed", "Web domain removed".into());
        let now = self.console.clock.now();
        let removed = self.console.store.remove_domain(&self.caller.scope(), &DomainId::new(id), Some(entry), now).await;
        if removed.map_err(|e| broken(&e))? { Ok(()) } else { Err(Refusal::not_found()) }
    }

    /// The same, for a person who types the domain's name to say that they mean it.
    ///
    /// # Errors
    /// Names the field when another name was typed.
    pub async fn remove_from_form(&self, id: &str, typed: &str) -> Result<(), Refusal> {
        let name = self.stored(id).await?.setup.hostname.to_string();
        if !typed.trim().eq_ignore_ascii_case(&name) {
            let words = format!("Type {name} to remove it.");
            return Err(Refusal::field("not_confirmed", "typed", words).with_typed(&[("typed", typed)]));
        }
        self.remove(id).await
    }

    /// A page of the timeline, newest first.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn timeline(&self, id: &str, cursor: &str, limit: Option<u32>) -> Result<Page<EventView>, Refusal> {
        self.stored(id).await?;
        let limit = limit.unwrap_or(ROWS);
        if !(1..=ROWS_MAX).contains(&limit) {
            return Err(Refusal::field("bad_limit", "limit", format!("A page has 1 to {ROWS_MAX} rows.")));
        }
        let cursor = Some(cursor).filter(|cursor| !cursor.is_empty());
        let page = self.console.store.timeline(&self.caller.scope(), &DomainId::new(id), cursor, limit).await;
        let page = page.map_err(|e| broken(&e))?;
        let view = |entry: crate::store::TimelineEntry| EventView {
            id: entry.id,
            at: entry.at.into(),
            kind: entry.kind,
            actor: entry.actor,
            summary: entry.summary,
        };
        Ok(Page { items: page.items.into_iter().map(view).collect(), next_cursor: page.next_cursor })
    }

    /// One certificate.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn certificate(&self, id: &str) -> Result<CertificateView, Refusal> {
        self.caller.must(Act::See)?;
        let scope = self.caller.scope();
        let found = self.console.store.certificate(&scope, &CertificateId::new(id)).await.map_err(|e| broken(&e))?;
        let found = found.ok_or_else(Refusal::not_found)?;
        let stored = self.stored(found.domain.as_str()).await?;
        Ok(views::certificate(&found, &stored, self.console.clock.now()))
    }

    /// One certificate's chain as PEM.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn chain(&self, id: &str) -> Result<String, Refusal> {
        let certificate = self.certificate(id).await?;
        let chain = self.console.store.chain(&CertificateId::new(certificate.id)).await.map_err(|e| broken(&e))?;
        chain.ok_or_else(Refusal::not_found)
    }

    /// Notes that a page shows this domain, so that it is looked at more often for `ms`.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn watch(&self, id: &str, ms: i64) -> Result<(), Refusal> {
        self.caller.must(Act::See)?;
        let now = self.console.clock.now();
        let watched = self.console.store.watch(&self.caller.scope(), &DomainId::new(id), now, now.plus(ms)).await;
        if watched.map_err(|e| broken(&e))? { Ok(()) } else { Err(Refusal::not_found()) }
    }

    async fn agency(&self, named: Option<&str>) -> Result<Option<crate::domain::id::AgencyId>, Refusal> {
        let Some(named) = named.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
        let found = self.console.store.agency(&self.caller.scope(), named).await.map_err(|e| broken(&e))?;
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
        Err(Refusal::field("unknown_alias", "alias", format!("There is no service {alias:?}. Choose one of: {}.", aliases.join(", "))))
    }

    fn entry(&self, kind: &str, summary: String) -> Entry {
        Entry { kind: kind.into(), actor: self.caller.name.clone(), summary, detail: serde_json::Value::Null }
    }
}

fn word<T>(field: &str, text: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Refusal> {
    match text {
        "" => Ok(None),
        text => {
            let unknown = || Refusal::field("bad_value", field, format!("{text:?} is not a value of {field}."));
            read(text).map(Some).ok_or_else(unknown)
        }
    }
}

fn verification_method(typed: Option<&str>) -> Result<VerificationMethod, Refusal> {
    match typed.map_or(Some(VerificationMethod::Txt), VerificationMethod::from_word) {
        Some(VerificationMethod::Txt) => Ok(VerificationMethod::Txt),
        Some(_) => {
            let words = "This installation verifies domains by their TXT record only. Use \"txt\".";
            Err(Refusal::field("method_unavailable", "verification_method", words))
        }
        None => Err(Refusal::field("bad_value", "verification_method", "The Verification Method is \"txt\".")),
    }
}

fn ssl_validation(typed: Option<&str>) -> Result<SslValidation, Refusal> {
    match typed.map_or(Some(SslValidation::Dns), SslValidation::from_word) {
        Some(SslValidation::Dns) => Ok(SslValidation::Dns),
        Some(SslValidation::Http) => {
            let words = "This installation validates certificates over DNS only. Use \"dns\".";
            Err(Refusal::field("method_unavailable", "ssl_validation", words))
        }
        None => Err(Refusal::field("bad_value", "ssl_validation", "The SSL validation is \"dns\".")),
    }
}

fn refuse(problem: AddProblem) -> Refusal {
    match problem {
        AddProblem::AlreadyYours => {
            let words = "This domain is already in the Console. Open it in the list of Web Domains.";
            Refusal { kind: Kind::Conflict, ..Refusal::field("name_claimed", "domain", words) }
        }
        AddProblem::UnknownCustomer => Refusal::field("unknown_customer", "customer", "There is no such customer."),
        AddProblem::UnknownAgency => Refusal::field("unknown_agency", "agency", "There is no such agency at this customer."),
        AddProblem::Store(error) => broken(&error),
    }
}
