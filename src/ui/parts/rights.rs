//! What rights somebody or something gets, and where.

use crate::domain::role::Role;
use crate::ui::parts::fields::SelectField;
use crate::wire::people::{CustomerView, Viewer};
use leptos::prelude::*;

/// Role and customer: for one's own customer, or for an operator any role at any of them.
#[component]
pub fn RightsFields(
    /// Who gives them.
    viewer: Viewer,
    /// Customers to choose from.
    customers: Vec<CustomerView>,
    /// What it means to choose none.
    none: &'static str,
) -> impl IntoView {
    let bound = viewer.customer.is_some();
    let offered = Role::ALL.into_iter().rev().filter(move |role| !(bound && role.sees_all_customers()));
    let roles: Vec<_> = offered.map(|role| (role.word().to_owned(), role.word().to_owned())).collect();
    let customer = if bound {
        view! { <input type="hidden" name="customer" value="" /> }.into_any()
    } else {
        let listed = customers.into_iter().map(|customer| (customer.id, customer.name));
        let choices = std::iter::once((String::new(), none.to_owned())).chain(listed);
        view! {
            <SelectField
                name="customer"
                label="Customer"
                hint="A manager or viewer belongs to one; operator and support to none."
                choices=choices.collect()
            />
        }
        .into_any()
    };
    view! {
        <SelectField name="role" label="Role" choices=roles />
        {customer}
    }
    .into_any()
}
