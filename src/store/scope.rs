//! Whose rows a person or token may touch.

use crate::domain::id::CustomerId;

/// Handed to every read or write that somebody makes: outside of it, rows are simply not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every customer's: operators, support, and Padlock itself.
    All,
    /// One customer's.
    Customer(CustomerId),
}

impl Scope {
    /// For `($n is null or customer = $n)`: nothing means every customer.
    pub(super) fn customer(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::Customer(customer) => Some(customer.as_str()),
        }
    }

    /// Whether it reaches this customer's rows.
    #[must_use]
    pub fn reaches(&self, customer: &CustomerId) -> bool {
        match self {
            Self::All => true,
            Self::Customer(own) => own == customer,
        }
    }
}
