//! Who is asking: a signed-in person or an API token, with a role and perhaps one customer.

use crate::domain::id::{CustomerId, UserId};
use crate::domain::role::{Act, Role};
use crate::store::Scope;
use crate::wire::error::Refusal;

/// Somebody whose identity was established.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who, as the timeline writes it.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The customer that they are bound to.
    pub customer: Option<CustomerId>,
    /// The person, when it is one.
    pub user: Option<UserId>,
}

impl Caller {
    /// The operator at the command line of the machine itself.
    #[must_use]
    pub fn command_line() -> Self {
        Self { name: "command line".into(), role: Role::Operator, customer: None, user: None }
    }

    /// Refuses what the role does not allow.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn must(&self, act: Act) -> Result<(), Refusal> {
        if self.role.may(act) { Ok(()) } else { Err(Refusal::forbidden()) }
    }

    /// What every query of theirs is limited to. A bound role without a customer sees nothing at all.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match &self.customer {
            Some(customer) => Scope::Customer(customer.clone()),
            None if self.role.sees_all_customers() => Scope::All,
            None => Scope::Customer(CustomerId::new("")),
        }
    }
}
