//! Use cases around who belongs to a customer: the list, roles, and taking access away.

use super::broken;
use super::browse::ROWS;
use super::desk::Desk;
use super::people::{known_role, refuse};
use crate::domain::id::{CustomerId, UserId};
use crate::domain::role::{Act, Role};
use crate::store::{Member, Membership};
use crate::wire::domain::Page;
use crate::wire::error::{Kind, Refusal};
use crate::wire::people::{AccessView, CustomerView, MemberView, MembershipView};

impl Desk {
    /// A page of the people of this customer; of everybody, for an operator.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn people(&self, cursor: &str) -> Result<Page<MemberView>, Refusal> {
        self.caller.must(Act::ManageAccess)?;
        let cursor = Some(cursor).filter(|cursor| !cursor.is_empty());
        let page = self.console.store.members(&self.caller.scope(), cursor, ROWS).await.map_err(|e| broken(&e))?;
        let view = |member: Member| MemberView {
            is_caller: self.caller.user.as_ref() == Some(&member.user),
            id: member.user.to_string(),
            email: member.email,
            membership: membership_view(member.membership),
            since: member.since.into(),
        };
        Ok(Page { items: page.items.into_iter().map(view).collect(), next_cursor: page.next_cursor })
    }

    /// Changes somebody's role at a customer; the caller's own when none is named.
    ///
    /// # Errors
    /// `not_found`, `own_access`, or the field that is wrong.
    pub async fn change_role(&self, id: &str, customer: &str, role: &str) -> Result<(), Refusal> {
        self.caller.must(Act::ManageAccess)?;
        let role = known_role(role)?;
        let (user, customer) = self.somebody_else(id, typed(customer))?;
        let changed = self.console.store.change_role(&user, customer.as_ref(), role, self.console.clock.now()).await;
        if changed.map_err(|problem| refuse(problem, "role"))? { Ok(()) } else { Err(Refusal::not_found()) }
    }

    /// What somebody else may do at a customer; at the caller's own when none is named.
    ///
    /// # Errors
    /// `not_found`, `own_access`.
    pub async fn access(&self, id: &str, customer: &str) -> Result<AccessView, Refusal> {
        self.caller.must(Act::ManageAccess)?;
        let (user, customer) = self.somebody_else(id, typed(customer))?;
        let person = self.console.store.user(&user).await.map_err(|e| broken(&e))?.ok_or_else(Refusal::not_found)?;
        let memberships = self.console.store.memberships(&user).await.map_err(|e| broken(&e))?;
        let meant = memberships.into_iter().find(|one| one.customer_id() == customer.as_ref());
        let membership = membership_view(meant.ok_or_else(Refusal::not_found)?);
        Ok(AccessView { id: user.to_string(), email: person.email, membership })
    }

    /// Takes somebody's access to a customer away; to the caller's own when none is named.
    ///
    /// # Errors
    /// `not_found`, `own_access`.
    pub async fn remove_person(&self, id: &str, customer: &str) -> Result<(), Refusal> {
        self.caller.must(Act::ManageAccess)?;
        let (user, customer) = self.somebody_else(id, typed(customer))?;
        let now = self.console.clock.now();
        let removed = self.console.store.remove_member(&user, customer.as_ref(), now).await.map_err(|e| broken(&e))?;
        if removed { Ok(()) } else { Err(Refusal::not_found()) }
    }

    /// Everybody with access, up to a limit that no list on a screen should reach.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn everybody(&self) -> Result<Vec<MemberView>, Refusal> {
        const PAGES: usize = 200;
        let (mut all, mut cursor) = (Vec::new(), String::new());
        for _ in 0..PAGES {
            let page = self.people(&cursor).await?;
            all.extend(page.items);
            let Some(next) = page.next_cursor else { break };
            cursor = next;
        }
        Ok(all)
    }

    /// Gives a person, by address, a role at a customer, by id or name.
    ///
    /// # Errors
    /// `not_found`, or the field that is wrong.
    pub async fn grant(&self, email: &str, customer: Option<&str>, role: Role) -> Result<(), Refusal> {
        self.caller.must(Act::ManageAccess)?;
        let customer = self.console.bound_customer(role, customer).await?;
        let (user, customer) = self.somebody_else(&self.by_email(email).await?, customer)?;
        let granted = self.console.store.grant(&user, customer.as_ref(), role, self.console.clock.now()).await;
        granted.map_err(|problem| refuse(problem, "role"))
    }

    /// Takes a person's access away, by address, from a customer, by id or name.
    ///
    /// # Errors
    /// `not_found`, `unknown_customer`.
    pub async fn remove_by_email(&self, email: &str, customer: Option<&str>) -> Result<(), Refusal> {
        self.caller.must(Act::ManageAccess)?;
        let customer = match customer {
            Some(named) => self.console.customer(named).await?.id.to_string(),
            None => String::new(),
        };
        self.remove_person(&self.by_email(email).await?, &customer).await
    }

    /// Disables a person, by address, at every customer at once, or lets them sign in again. Their sessions end, and tokens
    /// that they made are refused for as long; links without sign-in are a domain's own, and stay.
    ///
    /// # Errors
    /// `not_found`, `own_access`, `forbidden` for whoever manages one customer only.
    pub async fn set_disabled(&self, email: &str, disabled: bool) -> Result<bool, Refusal> {
        self.caller.must(Act::ManageCustomers)?;
        let found = self.console.store.user_by_email(email).await.map_err(|e| broken(&e))?;
        let user = found.ok_or_else(Refusal::not_found)?;
        self.somebody_else(user.id.as_str(), None)?;
        let set = self.console.store.set_disabled(&user, disabled, self.console.clock.now()).await;
        set.map_err(|e| broken(&e))
    }

    async fn by_email(&self, email: &str) -> Result<String, Refusal> {
        let found = self.console.store.user_by_email(email).await.map_err(|e| broken(&e))?;
        found.map(|user| user.id.to_string()).ok_or_else(Refusal::not_found)
    }

    /// Whose membership is meant. Nobody changes their own, so that a customer never loses its last manager by mistake.
    fn somebody_else(&self, id: &str, named: Option<CustomerId>) -> Result<(UserId, Option<CustomerId>), Refusal> {
        let customer = match (&self.caller.customer, named) {
            (Some(own), Some(named)) if *own != named => return Err(Refusal::not_found()),
            (Some(own), _) => Some(own.clone()),
            (None, named) => named,
        };
        let user = UserId::new(id);
        if self.caller.user.as_ref() == Some(&user) {
            let words = "You can't change your own access. Ask somebody else who manages people here.";
            return Err(Refusal::new(Kind::Conflict, "own_access", words));
        }
        Ok((user, customer))
    }
}

/// A form's empty text names nobody.
fn typed(customer: &str) -> Option<CustomerId> {
    Some(customer.trim()).filter(|text| !text.is_empty()).map(CustomerId::new)
}

/// A membership as pages see it.
pub(super) fn membership_view(membership: Membership) -> MembershipView {
    let customer = membership.customer.map(|(id, name)| CustomerView { id: id.to_string(), name });
    MembershipView { customer, role: membership.role }
}
