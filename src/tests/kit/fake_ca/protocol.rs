//! A fake CA's side of RFC 8555 and RFC 9773: one request in, one answer out.

use super::habits::Habits;
use super::issuer::Dates;
use super::jws::{self, Signed, Signer as By};
use super::script::Endpoint;
use super::state::{Account, Order, Refusal};
use super::{FakeCa, Inner};
use padlock::domain::time::{DAY_MS, Millis};
use serde_json::{Value, json};

/// An answer before it is sent.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Answer {
    fn json(status: u16, body: &Value) -> Self {
        Self { status, headers: vec![("content-type", "application/json".into())], body: body.to_string() }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        Self::json(refusal.status, &refusal.document)
    }
}

/// Which resource a path names, and the rest of it. Endpoints of the directory carry its generation.
pub(super) fn route(path: &str, generation: usize) -> Option<(Endpoint, &str)> {
    let own = format!("/g{generation}/");
    let (first, rest) = match path.strip_prefix(&own) {
        Some(rest) => rest.split_once('/').unwrap_or((rest, "")),
        None => path.strip_prefix('/')?.split_once('/').unwrap_or((path.strip_prefix('/')?, "")),
    };
    let endpoint = match (path.starts_with(&own), first) {
        (false, "dir") => Endpoint::Directory,
        (true, "nonce") => Endpoint::NewNonce,
        (true, "new-account") => Endpoint::NewAccount,
        (true, "new-order") => Endpoint::NewOrder,
        (true, "renewal") => Endpoint::RenewalInfo,
        (false, "account") => Endpoint::Account,
        (false, "order") => Endpoint::Order,
        (false, "authorization") => Endpoint::Authorization,
        (false, "challenge") => Endpoint::Challenge,
        (false, "finalize") => Endpoint::Finalize,
        (false, "certificate") => Endpoint::Certificate,
        _ => return None,
    };
    Some((endpoint, rest))
}

impl Inner {
    /// Does what a request asks for.
    pub(super) async fn answer(&self, endpoint: Endpoint, path: &str, rest: &str, body: &[u8]) -> Answer {
        match endpoint {
            Endpoint::Directory => self.directory(),
            Endpoint::NewNonce => Answer { status: 200, headers: Vec::new(), body: String::new() },
            Endpoint::RenewalInfo => self.renewal(rest),
            _ => self.signed(endpoint, path, rest, body).await.unwrap_or_else(Answer::from),
        }
    }

    async fn signed(&self, endpoint: Endpoint, path: &str, rest: &str, body: &[u8]) -> Result<Answer, Refusal> {
        let request = Signed::read(&mut self.state(), &format!("{}{path}", self.home), body)?;
        let account = match request.by {
            By::NewKey(jwk) if endpoint == Endpoint::NewAccount => return self.new_account(&jwk, &request.payload),
            By::Account(number) if endpoint != Endpoint::NewAccount => number,
            _ => return Err(Refusal::new(400, "malformed", "this needs another kind of key")),
        };
        let number = rest.parse::<usize>().unwrap_or(usize::MAX);
        match endpoint {
            Endpoint::Account => Ok(self.account(account, &request.payload)),
            Endpoint::NewOrder => self.new_order(account, &request.payload),
            Endpoint::Order => self.order(account, number),
            Endpoint::Authorization => self.authorization(account, number),
            Endpoint::Challenge => self.challenge(account, number).await,
            Endpoint::Finalize => self.finalize(account, number, &request.payload),
            _ => self.certificate(account, number),
        }
    }

    fn directory(&self) -> Answer {
        let (habits, own) = (self.habits(), format!("{}/g{}", self.home, self.state().generation));
        let mut directory = json!({
            "newNonce": format!("{own}/nonce"), "newAccount": format!("{own}/new-account"),
            "newOrder": format!("{own}/new-order"), "meta": { "caaIdentities": ["ca.test"] },
        });
        if habits.window.is_some() {
            directory["renewalInfo"] = json!(format!("{own}/renewal"));
        }
        if !habits.profiles.is_empty() {
            let profiles = habits.profiles.iter().map(|name| ((*name).to_owned(), json!("https://ca.test/profiles")));
            directory["meta"]["profiles"] = Value::Object(profiles.collect());
        }
        directory["meta"]["externalAccountRequired"] = json!(habits.external_account.is_some());
        Answer::json(200, &directory)
    }

    fn new_account(&self, jwk: &Value, payload: &Value) -> Result<Answer, Refusal> {
        let (habits, mut state) = (self.habits(), self.state());
        let known = state.accounts.iter().position(|account| account.jwk["x"] == jwk["x"]);
        let (status, number) = match known {
            Some(number) => (200, number),
            None if payload["onlyReturnExisting"] == true => {
                return Err(Refusal::new(400, "accountDoesNotExist", "no account of this key"));
            }
            None if payload["termsOfServiceAgreed"] != true => {
                return Err(Refusal::new(403, "userActionRequired", "the terms of service"));
            }
            None => {
                if let Some((kid, key)) = &habits.external_account {
                    let url = format!("{}/g{}/new-account", self.home, state.generation);
                    let binding = &payload["externalAccountBinding"];
                    if binding.is_null() {
                        return Err(Refusal::new(403, "externalAccountRequired", "an account with us is needed"));
                    }
                    if !jws::binding_holds(binding, kid, key, &url, jwk) {
                        return Err(Refusal::new(403, "unauthorized", "the binding is not signed with a key of ours"));
                    }
                }
                let contact = payload["contact"].clone();
                state.accounts.push(Account { jwk: jwk.clone(), contact, status: "valid" });
                (201, state.accounts.len() - 1)
            }
        };
        let account = &state.accounts[number];
        let body = json!({ "status": account.status, "contact": account.contact });
        Ok(Answer::json(status, &body).with("location", format!("{}/account/{number}", self.home)))
    }

    fn account(&self, account: usize, payload: &Value) -> Answer {
        let mut state = self.state();
        let account = &mut state.accounts[account];
        if !payload["contact"].is_null() {
            account.contact = payload["contact"].clone();
        }
        Answer::json(200, &json!({ "status": account.status, "contact": account.contact }))
    }

    fn new_order(&self, account: usize, payload: &Value) -> Result<Answer, Refusal> {
        let (habits, mut state) = (self.habits(), self.state());
        let name = payload["identifiers"][0]["value"].as_str().unwrap_or_default().to_owned();
        let (replaces, profile) = (payload["replaces"].as_str(), payload["profile"].as_str());
        if let Some(profile) = profile.filter(|profile| !habits.profiles.contains(profile)) {
            return Err(Refusal::new(400, "invalidProfile", profile));
        }
        if let Some(replaces) = replaces {
            let ours = state.orders.iter().any(|order| order.ari_id.as_deref() == Some(replaces));
            if !ours {
                return Err(Refusal::new(404, "malformed", "no such certificate"));
            }
            if !state.replaced.insert(replaces.to_owned()) {
                return Err(Refusal::new(409, "alreadyReplaced", "that certificate was replaced already"));
            }
        }
        let number = state.orders.len();
        state.orders.push(Order {
            account,
            name,
            token: format!("token-{number}-{}", uuid::Uuid::new_v4().simple()),
            status: "pending",
            validated: false,
            error: None,
            replaces: replaces.map(str::to_owned),
            profile: profile.map(str::to_owned),
            finalized: 0,
            chain: None,
            ari_id: None,
            done_at: Millis::default(),
        });
        let shown = self.shown(number, &state.orders[number]);
        Ok(Answer::json(201, &shown).with("location", format!("{}/order/{number}", self.home)))
    }

    fn order(&self, account: usize, number: usize) -> Result<Answer, Refusal> {
        let (habits, now, mut state) = (self.habits(), self.clock.now(), self.state());
        let order = state.order(account, number)?;
        if order.status == "processing" && now >= order.done_at {
            order.status = "valid";
        }
        let answer = Answer::json(200, &self.shown(number, order));
        Ok(match habits.retry_after.filter(|_| order.status == "processing") {
            Some(seconds) => answer.with("retry-after", seconds),
            None => answer,
        })
    }

    /// An order as its owner reads it (RFC 8555 §7.1.3).
    fn shown(&self, number: usize, order: &Order) -> Value {
        let Self { home, clock, .. } = self;
        let expires = padlock::wire::when::When(clock.now().plus(7 * DAY_MS)).rfc3339();
        let mut shown = json!({
            "status": order.status, "expires": expires,
            "identifiers": [{ "type": "dns", "value": order.name }],
            "authorizations": [format!("{home}/authorization/{number}")],
            "finalize": format!("{home}/finalize/{number}"),
        });
        let optional = [("replaces", &order.replaces), ("profile", &order.profile)];
        for (name, value) in optional.into_iter().filter(|(_, value)| value.is_some()) {
            shown[name] = json!(value);
        }
        if let Some(error) = &order.error {
            shown["error"] = error.clone();
        }
        if order.status == "valid" {
            shown["certificate"] = json!(format!("{home}/certificate/{number}"));
        }
        shown
    }

    fn authorization(&self, account: usize, number: usize) -> Result<Answer, Refusal> {
        let mut state = self.state();
        let order = state.order(account, number)?;
        let status = if order.validated { "valid" } else { order_part(order) };
        let mut challenge = json!({ "type": "dns-01", "status": status, "token": order.token,
            "url": format!("{}/challenge/{number}", self.home) });
        if let Some(error) = &order.error {
            challenge["error"] = error.clone();
        }
        let (name, wildcard) = order.name.strip_prefix("*.").map_or((order.name.as_str(), false), |base| (base, true));
        Ok(Answer::json(
            200,
            &json!({ "status": status, "identifier": { "type": "dns", "value": name }, "wildcard": wildcard,
                "challenges": [challenge] }),
        ))
    }

    async fn challenge(&self, account: usize, number: usize) -> Result<Answer, Refusal> {
        let (name, value) = {
            let mut state = self.state();
            let thumbprint = jws::thumbprint(&state.accounts[account].jwk);
            let order = state.order(account, number)?;
            let name = format!("_acme-challenge.{}", order.name.trim_start_matches("*."));
            (name, jws::dns_value(&order.token, &thumbprint))
        };
        let proofs = self.habits().proofs;
        let found = proofs.show(&name, &value).await;
        let mut state = self.state();
        let order = state.order(account, number)?;
        if order.status == "pending" && found {
            (order.status, order.validated) = ("ready", true);
        } else if order.status == "pending" {
            let detail = format!("Incorrect TXT record found at {name}");
            (order.status, order.error) = ("invalid", Some(Refusal::new(403, "unauthorized", &detail).document));
        }
        let url = format!("{}/challenge/{number}", self.home);
        Ok(Answer::json(200, &json!({ "type": "dns-01", "status": "processing", "token": order.token, "url": url })))
    }

    fn finalize(&self, account: usize, number: usize, payload: &Value) -> Result<Answer, Refusal> {
        let (habits, mut state) = (self.habits(), self.state());
        let order = state.order(account, number)?;
        order.finalized += 1;
        if order.status != "ready" {
            return Err(Refusal::new(403, "orderNotReady", &format!("the order is {}", order.status)));
        }
        let csr = jws::bytes(payload, "csr")?;
        if habits.forgets_requests {
            return Ok(Answer::json(200, &self.shown(number, order)));
        }
        let Habits { life_ms, back_dated_ms, flaw, processing_ms, .. } = habits;
        let dates = Dates { now: self.clock.now(), life_ms, back_dated_ms };
        let (chain, ari_id) = self.signer.sign(&order.name, &csr, dates, flaw);
        (order.chain, order.ari_id) = (Some(chain), ari_id);
        (order.status, order.done_at) = ("processing", dates.now.plus(processing_ms));
        Ok(Answer::json(200, &self.shown(number, order)))
    }

    fn certificate(&self, account: usize, number: usize) -> Result<Answer, Refusal> {
        let mut state = self.state();
        let chain = state.order(account, number)?.chain.clone();
        let body = chain.ok_or_else(|| Refusal::new(404, "malformed", "no certificate yet"))?;
        let headers = vec![("content-type", "application/pem-certificate-chain".into())];
        Ok(Answer { status: 200, headers, body })
    }

    fn renewal(&self, ari_id: &str) -> Answer {
        let known = self.state().orders.iter().any(|order| order.ari_id.as_deref() == Some(ari_id));
        match self.habits().window.filter(|_| known) {
            Some((start, end)) => {
                let body = json!({ "suggestedWindow": { "start": start, "end": end },
                    "explanationURL": "https://ca.test/why" });
                let answer = Answer::json(200, &body);
                self.habits().retry_after.into_iter().fold(answer, |answer, wait| answer.with("retry-after", wait))
            }
            None => Refusal::new(404, "malformed", "no such certificate").into(),
        }
    }
}

/// An authorization's status, as long as its order is not past it.
fn order_part(order: &Order) -> &'static str {
    if order.status == "invalid" { "invalid" } else { "pending" }
}

impl FakeCa {
    /// Every order ends, as when the CA changes its mind about a name.
    pub(crate) fn invalidate_orders(&self, word: &str, detail: &str) {
        for order in &mut self.0.state().orders {
            order.status = "invalid";
            order.error = Some(Refusal::new(403, word, detail).document);
        }
    }
}
