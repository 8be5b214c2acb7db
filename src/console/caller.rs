//! Who is asking: a signed-in person or an API token, with a role and perhaps one customer.

use crate::domain::id::{CustomerId, TokenId, UserId};
use crate::domain::role::{Act, Role};
use crate::domain::time::Millis;
use crate::store::{Actor, Scope};
use crate::wire::error::{Kind, Refusal};
use std::net::IpAddr;

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
    /// When that person signed in.
    pub signed_in_at: Option<Millis>,
    /// The token, when it is one.
    pub token: Option<TokenId>,
    /// Whether they may only read, whatever the role.
    pub read_only: bool,
    /// Where their connection comes from.
    pub address: Option<IpAddr>,
}

impl Caller {
    /// The operator at the command line of the machine itself.
    #[must_use]
    pub fn command_line() -> Self {
        Self {
            name: "command line".into(),
            role: Role::Operator,
            customer: None,
            user: None,
            signed_in_at: None,
            token: None,
            read_only: false,
            address: None,
        }
    }

    /// The same, from this address.
    #[must_use]
    pub fn at_address(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// As the audit log names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let user = self.user.as_ref().map(UserId::as_str);
        let id = user.or_else(|| self.token.as_ref().map(TokenId::as_str)).map(str::to_owned);
        Actor { name: self.name.clone(), id, address: self.address }
    }

    /// Who it is, apart from name, role and address: the same for every request of a token or a person.
    #[must_use]
    pub fn identity(&self) -> String {
        match (&self.token, &self.user) {
            (Some(token), _) => format!("token {token}"),
            (None, Some(user)) => identity_of(user),
            (None, None) => self.name.clone(),
        }
    }

    /// Refuses what the role or the token does not allow.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn must(&self, act: Act) -> Result<(), Refusal> {
        if self.read_only && !act.only_reads() {
            return Err(Refusal::new(
                Kind::Forbidden,
                "forbidden",
                "This token may only read. Use one that may write.",
            ));
        }
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

/// A person's [`Caller::identity`].
#[must_use]
pub fn identity_of(user: &UserId) -> String {
    format!("user {user}")
}
