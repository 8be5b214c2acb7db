//! Customers and their agencies: a list and a form to add one, for each.

use crate::api::people::{AddAgency, AddCustomer, agencies, customers};
use crate::domain::role::Act;
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::fields::{SelectField, TextField};
use crate::ui::parts::heading::{FormTitle, Heading};
use crate::ui::parts::layout::Session;
use crate::ui::parts::refused::Refused;
use crate::wire::error::Refusal;
use crate::wire::people::{AgencyView, CustomerView};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Customers; operators add some.
#[component]
pub fn CustomersPage() -> impl IntoView {
    let refusal = refusal_of(ServerAction::<AddCustomer>::new());
    let listed = Resource::new_blocking(|| (), |()| customers());
    let session = expect_context::<Session>();
    view! {
        <FormTitle text="Customers" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                let may_add = session.may(Act::ManageCustomers).await;
                match listed.await {
                    Ok(page) => view! { <Customers customers=page.items may_add refusal /> }.into_any(),
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Customers(customers: Vec<CustomerView>, may_add: bool, refusal: Signal<Option<Refusal>>) -> impl IntoView {
    let form = may_add.then(|| {
        view! {
            <h2>"Add a customer"</h2>
            <form class="form" action=AddCustomer::url() method="post" novalidate=true>
                <TextField name="name" label="Name" hint="Such as County Court." refusal />
                <button class="usa-button" type="submit">
                    "Add customer"
                </button>
            </form>
        }
    });
    view! {
        <Heading text="Customers" />
        <Names
            names=customers.into_iter().map(|customer| (customer.name, None)).collect()
            nothing="There is no customer yet."
        />
        {form}
    }
    .into_any()
}

/// Agencies; operators and managers add some.
#[component]
pub fn AgenciesPage() -> impl IntoView {
    let refusal = refusal_of(ServerAction::<AddAgency>::new());
    let session = expect_context::<Session>();
    let listed =
        Resource::new_blocking(|| (), |()| async { Ok::<_, Refusal>((agencies().await?, customers().await?)) });
    view! {
        <FormTitle text="Agencies" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                let may_add = session.may(Act::ManageAgencies).await;
                match listed.await {
                    Ok((agencies, customers)) => {
                        view! { <Agencies agencies=agencies.items customers=customers.items may_add refusal /> }.into_any()
                    }
                    Err(refusal) => view! { <Refused refusal /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Agencies(
    agencies: Vec<AgencyView>,
    customers: Vec<CustomerView>,
    may_add: bool,
    refusal: Signal<Option<Refusal>>,
) -> impl IntoView {
    let several = customers.len() > 1;
    let office = |id: &str| customers.iter().find(|customer| customer.id == id).map(|customer| customer.name.clone());
    let names =
        agencies.into_iter().map(|agency| (agency.name, office(&agency.customer).filter(|_| several))).collect();
    let choices: Vec<_> = customers.iter().map(|customer| (customer.id.clone(), customer.name.clone())).collect();
    let whose = if several {
        view! { <SelectField name="customer" label="Customer" choices /> }.into_any()
    } else {
        view! { <input type="hidden" name="customer" value="" /> }.into_any()
    };
    let form = may_add.then(|| {
        view! {
            <h2>"Add an agency"</h2>
            <form class="form" action=AddAgency::url() method="post" novalidate=true>
                <TextField name="name" label="Name" hint="Such as City Clerk." refusal />
                {whose}
                <button class="usa-button" type="submit">
                    "Add agency"
                </button>
            </form>
        }
    });
    view! {
        <Heading text="Agencies" />
        <Names names nothing="There is no agency yet." />
        {form}
    }
    .into_any()
}

/// Names, each with whose it is where that needs saying.
#[component]
fn Names(names: Vec<(String, Option<String>)>, nothing: &'static str) -> impl IntoView {
    if names.is_empty() {
        return view! { <p>{nothing}</p> }.into_any();
    }
    let line = |(name, whose): (String, Option<String>)| {
        view! {
            <li>
                {name} {whose.map(|whose| view! { <span class="names__whose">{format!(" at {whose}")}</span> })}
            </li>
        }
    };
    view! { <ul class="names">{names.into_iter().map(line).collect_view()}</ul> }.into_any()
}
