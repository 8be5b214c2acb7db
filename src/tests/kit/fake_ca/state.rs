//! What a fake CA keeps: nonces, accounts, orders, and the requests that it was ever asked.

use super::script::{Endpoint, Script};
use padlock::domain::time::Millis;
use serde_json::{Value, json};
use std::collections::HashSet;

/// A refusal as a problem document (RFC 8555 §6.7).
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) document: Value,
}

impl Refusal {
    pub(super) fn new(status: u16, word: &str, detail: &str) -> Self {
        let kind = format!("urn:ietf:params:acme:error:{word}");
        Self { status, document: json!({ "type": kind, "detail": detail, "status": status }) }
    }
}

#[derive(Default)]
pub(super) struct State {
    pub(super) script: Script,
    pub(super) asked: Vec<(Endpoint, Millis)>,
    pub(super) accounts: Vec<Account>,
    pub(super) orders: Vec<Order>,
    pub(super) replaced: HashSet<String>,
    /// The directory's endpoints carry this number: another one means that they have moved.
    pub(super) generation: usize,
    nonces: HashSet<String>,
    nonces_made: u64,
    nonces_checked: u64,
    /// Of a hundred good nonces, so many are refused.
    pub(super) refused_nonces: u64,
}

pub(super) struct Account {
    pub(super) jwk: Value,
    pub(super) contact: Value,
    pub(super) status: &'static str,
}

/// An order of one name, with one authorization and one challenge of its own: all three have its number.
pub(super) struct Order {
    pub(super) account: usize,
    pub(super) name: String,
    pub(super) token: String,
    pub(super) status: &'static str,
    pub(super) validated: bool,
    pub(super) error: Option<Value>,
    pub(super) replaces: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) finalized: usize,
    pub(super) chain: Option<String>,
    pub(super) ari_id: Option<String>,
    pub(super) done_at: Millis,
}

impl State {
    pub(super) fn new_nonce(&mut self) -> String {
        self.nonces_made += 1;
        let nonce = format!("nonce-{}", self.nonces_made);
        self.nonces.insert(nonce.clone());
        nonce
    }

    /// Takes a nonce; false when it must not be used, or when this CA is in the mood to refuse good ones.
    pub(super) fn spend_nonce(&mut self, nonce: &str) -> bool {
        self.nonces_checked += 1;
        // 37 and 100 have no common divisor: the refusals are spread, and always the same.
        let moody = self.nonces_checked * 37 % 100 < self.refused_nonces;
        self.nonces.remove(nonce) && !moody
    }

    /// The account of a URL.
    pub(super) fn account(&self, url: &str) -> Result<(usize, &Account), Refusal> {
        let number = url.rsplit('/').next().and_then(|number| number.parse::<usize>().ok());
        let found = number.and_then(|number| Some((number, self.accounts.get(number)?)));
        match found {
            Some((_, account)) if account.status != "valid" => {
                Err(Refusal::new(403, "unauthorized", &format!("the account is {}", account.status)))
            }
            Some(found) => Ok(found),
            None => Err(Refusal::new(400, "accountDoesNotExist", "no such account")),
        }
    }

    /// An order of an account's own.
    pub(super) fn order(&mut self, account: usize, number: usize) -> Result<&mut Order, Refusal> {
        match self.orders.get_mut(number) {
            Some(order) if order.account == account => Ok(order),
            Some(_) => Err(Refusal::new(403, "unauthorized", "another account's order")),
            None => Err(Refusal::new(404, "malformed", "no such order")),
        }
    }

    /// All accounts and orders are forgotten, as by a CA that lost its database.
    pub(super) fn forget_accounts(&mut self) {
        self.accounts.clear();
        self.orders.clear();
    }
}
