//! Inviting somebody by mail, and the invitations that are open.

use crate::api::people::{Invite, Withdraw};
use crate::islands::times::Shape;
use crate::ui::parts::fields::TextField;
use crate::ui::parts::rights::RightsFields;
use crate::ui::parts::time::Time;
use crate::wire::error::Refusal;
use crate::wire::people::{CustomerView, InvitationView, Viewer};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The form: for one's own customer, or for an operator any role at any of them.
#[component]
pub fn InviteForm(
    /// Who invites.
    viewer: Viewer,
    /// Customers to choose from.
    customers: Vec<CustomerView>,
    /// Why the form came back.
    refusal: Signal<Option<Refusal>>,
) -> impl IntoView {
    view! {
        <h2>"Invite somebody"</h2>
        <form class="form" action=Invite::url() method="post" novalidate=true>
            <TextField
                name="email"
                label="Email"
                hint="They are sent a link that works once, for 7 days."
                kind="email"
                refusal
            />
            <RightsFields viewer customers none="None: the provider's own people" />
            <button class="usa-button" type="submit">
                "Send invitation"
            </button>
        </form>
    }
    .into_any()
}

/// Open invitations; nothing where there is none.
#[component]
pub fn Invitations(
    /// The invitations.
    open: Vec<InvitationView>,
) -> impl IntoView {
    let rows = open.into_iter().map(|invitation| {
        let email = invitation.email.clone();
        view! {
            <tr>
                <th scope="row">{invitation.email}</th>
                <td data-label="Customer">{invitation.membership.customer_name().to_owned()}</td>
                <td data-label="Role">{invitation.membership.role.word()}</td>
                <td data-label="Until">
                    <Time at=invitation.expires_at shape=Shape::Date />
                </td>
                <td data-label="Invitation">
                    <form class="listing__form" action=Withdraw::url() method="post">
                        <input type="hidden" name="id" value=invitation.id />
                        <button class="usa-button usa-button--unstyled" type="submit">
                            "Withdraw"
                            <span class="usa-sr-only">{format!(" the invitation of {email}")}</span>
                        </button>
                    </form>
                </td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    (!rows.is_empty()).then(|| {
        view! {
            <h2>"Open invitations"</h2>
            <table class="listing" aria-label="Open invitations">
                <thead>
                    <tr>
                        <th scope="col">"Email"</th>
                        <th scope="col">"Customer"</th>
                        <th scope="col">"Role"</th>
                        <th scope="col">"Until"</th>
                        <th scope="col">"Invitation"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
    })
}
