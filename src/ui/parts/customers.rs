//! Narrowing to one customer, for those who see all of them.

use crate::ui::parts::errors::field_id;
use crate::ui::parts::fields::SelectField;
use crate::wire::people::CustomerView;
use leptos::prelude::*;

/// A choice of more customers than this helps nobody: one is typed.
pub const CUSTOMERS_MAX: usize = 200;

/// The field: a choice, or a name where there are too many to choose from.
#[component]
pub fn CustomerField(
    /// Those whom the person sees.
    customers: Vec<CustomerView>,
    /// The one that is meant, by id or name; empty for any.
    chosen: String,
) -> impl IntoView {
    if customers.len() <= CUSTOMERS_MAX {
        let chosen = id_of(&customers, &chosen).unwrap_or_default();
        let any = std::iter::once((String::new(), "Any".to_owned()));
        let choices: Vec<_> = any.chain(customers.into_iter().map(|one| (one.id, one.name))).collect();
        return view! { <SelectField name="customer" label="Customer" choices chosen /> }.into_any();
    }
    let id = field_id("customer");
    view! {
        <div class="usa-form-group">
            <label class="usa-label" for=id.clone()>
                "Customer, as it is called"
            </label>
            <input class="usa-input" id=id name="customer" value=chosen autocomplete="off" />
        </div>
    }
    .into_any()
}

/// The id of the one that is meant, by id or name, as the server reads it.
#[must_use]
pub fn id_of(customers: &[CustomerView], named: &str) -> Option<String> {
    let name = named.trim().to_lowercase();
    customers.iter().find(|one| one.id == named || one.name.to_lowercase() == name).map(|one| one.id.clone())
}
