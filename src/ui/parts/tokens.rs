//! API tokens on their page: the text of a new one, the list, and the form.

use crate::api::tokens::MakeToken;
use crate::islands::times::Shape;
use crate::ui::parts::fields::{SelectField, TextField};
use crate::ui::parts::made::Made;
use crate::ui::parts::rights::RightsFields;
use crate::ui::parts::time::Time;
use crate::wire::error::Refusal;
use crate::wire::people::{CustomerView, TokenView, Viewer};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// How long a token may work, in days, and in words; a year is long enough for what nobody looks after.
const LIVES: [(&str, &str); 4] =
    [("30", "30 days"), ("90", "90 days"), ("365", "One year"), ("", "Until it is revoked")];

/// The text of a token that was made a moment ago.
#[component]
pub fn NewToken(
    /// What to send as `Authorization: Bearer …`.
    text: String,
) -> impl IntoView {
    view! {
        <Made
            title="Your new token"
            what="token"
            keep="Copy it now and keep it like a password: it is shown this once, and kept nowhere."
            text
        >
            <p>
                "Send it as " <code>"Authorization: Bearer <token>"</code> ". What there is to call: "
                <a class="usa-link" href="/api/v1/openapi.json">
                    "the REST API's description"
                </a> "."
            </p>
        </Made>
    }
    .into_any()
}

/// Tokens that work or did.
#[component]
pub fn TokenList(
    /// Newest first.
    tokens: Vec<TokenView>,
    /// Customers that the person sees, for their names.
    customers: Vec<CustomerView>,
) -> impl IntoView {
    if tokens.is_empty() {
        return view! { <p>"There is no token yet."</p> }.into_any();
    }
    let name_of = |id: &str| customers.iter().find(|customer| customer.id == id).map(|customer| customer.name.clone());
    let rows = tokens.into_iter().map(|token| {
        let customer = token.customer.as_deref().map_or_else(|| Some("All customers".to_owned()), name_of);
        view! { <Row token customer=customer.unwrap_or_default() /> }
    });
    let rows = rows.collect_view();
    view! {
        <table class="listing" aria-label="API tokens">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Begins with"</th>
                    <th scope="col">"Customer"</th>
                    <th scope="col">"Role"</th>
                    <th scope="col">"Works until"</th>
                    <th scope="col">"Last used"</th>
                    <th scope="col">"Access"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(token: TokenView, customer: String) -> impl IntoView {
    let role = if token.read_only { format!("{}, read only", token.role.word()) } else { token.role.word().to_owned() };
    let until = token
        .expires_at
        .map_or_else(|| view! { "No end" }.into_any(), |at| view! { <Time at shape=Shape::Date /> }.into_any());
    let used = token.last_used_at.map_or_else(|| view! { "Never" }.into_any(), |at| view! { <Time at /> }.into_any());
    view! {
        <tr>
            <th scope="row">{token.name.clone()}</th>
            <td data-label="Begins with">
                <code>{token.begins_with()}</code>
            </td>
            <td data-label="Customer">{customer}</td>
            <td data-label="Role">{role}</td>
            <td data-label="Works until">{until}</td>
            <td data-label="Last used">{used}</td>
            <td data-label="Access">
                <a class="usa-link" href=format!("/tokens/{}/revoke", token.id)>
                    "Revoke"
                    <span class="usa-sr-only">{format!(" {}", token.name)}</span>
                </a>
            </td>
        </tr>
    }
    .into_any()
}

/// The form: for one's own customer, or for an operator any role at any of them.
#[component]
pub fn TokenForm(
    /// Who makes it.
    viewer: Viewer,
    /// Customers to choose from.
    customers: Vec<CustomerView>,
    /// Why the form came back.
    refusal: Signal<Option<Refusal>>,
) -> impl IntoView {
    let access =
        [("read", "Read only"), ("write", "Read and change")].map(|(value, words)| (value.into(), words.into()));
    let lives = LIVES.map(|(days, words)| (days.to_owned(), words.to_owned()));
    view! {
        <h2>"Make a token"</h2>
        <form class="form" action=MakeToken::url() method="post" novalidate=true>
            <TextField name="name" label="Name" hint="What uses it, such as: nightly report." refusal />
            <RightsFields viewer customers none="None: it works for all customers" />
            <SelectField name="access" label="Access" choices=access.to_vec() />
            <SelectField name="days" label="Works for" choices=lives.to_vec() chosen="90" />
            <button class="usa-button" type="submit">
                "Make token"
            </button>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::role::Role;
    use crate::domain::time::Millis;
    use crate::wire::when::When;

    #[test]
    fn a_row_tells_what_a_token_is_and_nothing_of_its_secret() {
        let token = TokenView {
            id: "0199".into(),
            name: "<b>nightly</b>".into(),
            role: Role::Manager,
            read_only: true,
            customer: Some("c1".into()),
            created_at: When(Millis(1_795_254_067_250)),
            expires_at: None,
            last_used_at: None,
        };
        let customers = vec![CustomerView { id: "c1".into(), name: "County".into() }];
        let html = view! { <TokenList tokens=vec![token] customers /> }.to_html();
        for words in
            ["&lt;b&gt;nightly", "padlock_0199_…", "County", "manager, read only", "Never", "/tokens/0199/revoke"]
        {
            assert!(html.contains(words), "{words}: {html}");
        }
    }
}
