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
    /// The customer that they are bound to.
    pub customer: Option<CustomerView>,
}

/// The provider, as its pages name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HouseView {
    /// Its name.
    pub brand: String,
    /// Where people find help beyond these pages.
    pub help_center: Option<String>,
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
    /// The customer that it is bound to.
    pub customer: Option<String>,
    /// When it was made.
    pub created_at: When,
    /// When it stops working.
    pub expires_at: Option<When>,
    /// When it was last used.
    pub last_used_at: Option<When>,
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
