//! People: who has access here and with what role, who is invited, and how to take either away.

use crate::api::people::{ChangeRole, Invite, Withdraw, customers, invitations, people};
use crate::domain::role::Role;
use crate::islands::times::Shape;
use crate::ui::pages::{Loading, query};
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::heading::{FormTitle, Heading};
use crate::ui::parts::invitations::{Invitations, InviteForm};
use crate::ui::parts::layout::Session;
use crate::ui::parts::refused::Refused;
use crate::ui::parts::time::Time;
use crate::wire::domain::Page;
use crate::wire::error::Refusal;
use crate::wire::people::MemberView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

/// The page.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let refusals = [
        refusal_of(ServerAction::<Invite>::new()),
        refusal_of(ServerAction::<Withdraw>::new()),
        refusal_of(ServerAction::<ChangeRole>::new()),
    ];
    let refusal: Signal<Option<Refusal>> =
        Signal::derive(move || refusals.into_iter().find_map(|refusal| refusal.get()));
    let address = use_query_map();
    let cursor = Memo::new(move |_| address.with(|query| query.get("cursor")).unwrap_or_default());
    let listed = Resource::new_blocking(
        move || cursor.get(),
        |cursor| async { Ok::<_, Refusal>((people(cursor).await?, invitations().await?, customers().await?)) },
    );
    let session = expect_context::<Session>();
    view! {
        <FormTitle text="People" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match (listed.await, session.viewer().await) {
                    (Ok((page, open, customers)), Some(viewer)) => {
                        view! {
                            <Heading text="People" />
                            <p>
                                "Scripts sign in with " <a class="usa-link" href="/tokens">
                                    "API tokens"
                                </a> ", and hear of what happens by " <a class="usa-link" href="/webhooks">
                                    "webhooks"
                                </a> "."
                            </p>
                            <Listed page />
                            <Invitations open />
                            <InviteForm viewer customers=customers.items refusal />
                        }
                            .into_any()
                    }
                    (Err(refusal), _) => view! { <Refused refusal /> }.into_any(),
                    (_, None) => view! { <Refused refusal=Refusal::signed_out() /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Listed(page: Page<MemberView>) -> impl IntoView {
    let next = page.next_cursor.map(|cursor| {
        view! {
            <a class="usa-link" href=format!("/people{}", query(&[("cursor", &cursor)])) rel="next">
                "Next page"
            </a>
        }
    });
    view! {
        <table class="listing" aria-label="People">
            <thead>
                <tr>
                    <th scope="col">"Email"</th>
                    <th scope="col">"Customer"</th>
                    <th scope="col">"Role"</th>
                    <th scope="col">"Since"</th>
                    <th scope="col">"Access"</th>
                </tr>
            </thead>
            <tbody>{page.items.into_iter().map(|member| view! { <Row member /> }).collect_view()}</tbody>
        </table>
        <nav class="paging" aria-label="Pages">
            {next}
        </nav>
    }
    .into_any()
}

#[component]
fn Row(member: MemberView) -> impl IntoView {
    let customer = member.membership.customer_name().to_owned();
    let role = if member.is_caller {
        view! { <span>{member.membership.role.word()}</span> }.into_any()
    } else {
        view! { <RoleForm member=member.clone() /> }.into_any()
    };
    let access = if member.is_caller {
        view! { <span>"This is you"</span> }.into_any()
    } else {
        let page = format!("/people/{}/remove{}", member.id, query(&[("customer", member.membership.customer_id())]));
        view! {
            <a class="usa-link" href=page>
                "Remove"
                <span class="usa-sr-only">{format!(" {}", member.email)}</span>
            </a>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row">{member.email}</th>
            <td data-label="Customer">{customer}</td>
            <td data-label="Role">{role}</td>
            <td data-label="Since">
                <Time at=member.since shape=Shape::Date />
            </td>
            <td data-label="Access">{access}</td>
        </tr>
    }
}

/// A plain form: what it changed shows in the list that comes back.
#[component]
fn RoleForm(member: MemberView) -> impl IntoView {
    let now = member.membership.role;
    let fitting = Role::ALL.into_iter().filter(move |role| role.sees_all_customers() == now.sees_all_customers());
    let options = fitting.map(|role| view! { <option value=role.word() selected=role == now>{role.word()}</option> });
    view! {
        <form class="listing__form" action=ChangeRole::url() method="post">
            <Named member=member.clone() />
            <select class="select" name="role" aria-label=format!("Role of {}", member.email)>
                {options.collect_view()}
            </select>
            <button class="usa-button usa-button--unstyled" type="submit">
                "Change"
                <span class="usa-sr-only">{format!(" the role of {}", member.email)}</span>
            </button>
        </form>
    }
}

/// Whose membership a form is about.
#[component]
fn Named(member: MemberView) -> impl IntoView {
    let customer = member.membership.customer_id().to_owned();
    view! {
        <input type="hidden" name="id" value=member.id />
        <input type="hidden" name="customer" value=customer />
    }
}
