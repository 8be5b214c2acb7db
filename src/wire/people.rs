//! People, customers and agencies as pages and scripts see them.

use super::when::When;
use crate::domain::role::Role;
use serde::{Deserialize, Serialize};

/// The person who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// Their address.
    pub email: String,
    /// Their role.
    pub role: Role,
    /// The customer that they work at now; none for the provider's own people.
    pub customer: Option<CustomerView>,
    /// Everything that they may switch between.
    pub memberships: Vec<MembershipView>,
    /// How much longer they stay signed in.
    pub left: LeftView,
}

/// How much longer a session lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftView {
    /// In milliseconds, if nothing more is done.
    pub ms: i64,
    /// Whether doing something makes it last longer.
    pub extends: bool,
}

/// What a person may do at one customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipView {
    /// The customer; none for the provider's own people, who see them all.
    pub customer: Option<CustomerView>,
    /// The role there.
    pub role: Role,
}

impl MembershipView {
    /// The customer's id; empty where there is none, as forms send it.
    #[must_use]
    pub fn customer_id(&self) -> &str {
        self.customer.as_ref().map_or("", |customer| &customer.id)
    }

    /// The customer's name, in words.
    #[must_use]
    pub fn customer_name(&self) -> &str {
        self.customer.as_ref().map_or("All customers", |customer| &customer.name)
    }
}

/// A person as a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    /// Their id.
    pub id: String,
    /// Their address.
    pub email: String,
    /// Where, and what they may do there.
    pub membership: MembershipView,
    /// Since when.
    pub since: When,
    /// Whether it is the one who asks.
    pub is_caller: bool,
}

/// What a person may do somewhere, as it is asked whether to take that away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessView {
    /// The person's id.
    pub id: String,
    /// Their address.
    pub email: String,
    /// Where, and what they may do there.
    pub membership: MembershipView,
}

/// An invitation that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationView {
    /// Its id.
    pub id: String,
    /// Whom.
    pub email: String,
    /// Where to, and as what.
    pub membership: MembershipView,
    /// Until when the link works.
    pub expires_at: When,
}

/// What an invitation's link offers, to whoever has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitedView {
    /// Whom.
    pub email: String,
    /// Where to, and as what.
    pub membership: MembershipView,
    /// The provider's own name.
    pub brand: String,
    /// Whether there is no account of this address yet.
    pub needs_password: bool,
}

/// A place where a person is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// When they signed in.
    pub begun_at: When,
    /// When they last used it, to the minute.
    pub last_seen_at: When,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

/// The provider, as its pages name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HouseView {
    /// Its name.
    pub brand: String,
    /// Where people find help beyond these pages.
    pub help_center: Option<String>,
    /// Where people may sign in besides.
    pub sign_in_with: Option<String>,
}

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// An agency of a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgencyView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its customer's id.
    pub customer: String,
}

/// An API token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    /// Its public part.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Whether it may only read, whatever the role.
    pub read_only: bool,
    /// The customer that it is bound to.
    pub customer: Option<String>,
    /// When it was made.
    pub created_at: When,
    /// When it stops working.
    pub expires_at: Option<When>,
    /// When it was last used.
    pub last_used_at: Option<When>,
}

impl TokenView {
    /// What its text begins with, by which it is recognised where it is used.
    #[must_use]
    pub fn begins_with(&self) -> String {
        format!("padlock_{}_…", self.id)
    }
}

/// What the page of tokens shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokensView {
    /// Those that were not revoked, the newest first.
    pub items: Vec<TokenView>,
    /// The text of one that was made a moment ago, this once.
    pub made: Option<String>,
}

/// A token that was just made: the only time that its text is told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTokenView {
    /// Its public part, as in the list.
    pub id: String,
    /// What to send as `Authorization: Bearer …`.
    pub token: String,
}

/// What the Add Web Domain form needs to offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddChoices {
    /// Customers that the person may add a domain for.
    pub customers: Vec<CustomerView>,
    /// Their agencies.
    pub agencies: Vec<AgencyView>,
    /// Services that a domain may route to.
    pub aliases: Vec<String>,
}
