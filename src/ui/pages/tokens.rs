//! API tokens: made and shown once, listed, and the way to revoke each.

use crate::api::people::customers;
use crate::api::tokens::{MakeToken, tokens};
use crate::ui::pages::Loading;
use crate::ui::parts::errors::{ErrorSummary, refusal_of};
use crate::ui::parts::heading::{FormTitle, Heading};
use crate::ui::parts::layout::Session;
use crate::ui::parts::refused::Refused;
use crate::ui::parts::tokens::{NewToken, TokenForm, TokenList};
use crate::wire::error::Refusal;
use leptos::prelude::*;

/// The page.
#[component]
pub fn TokensPage() -> impl IntoView {
    let refusal = refusal_of(ServerAction::<MakeToken>::new());
    let listed =
        Resource::new_blocking(|| (), |()| async { Ok::<_, Refusal>((tokens().await?, customers().await?.items)) });
    let session = expect_context::<Session>();
    view! {
        <FormTitle text="API tokens" refusal />
        <ErrorSummary refusal />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match (listed.await, session.viewer().await) {
                    (Ok((view, customers)), Some(viewer)) => {
                        view! {
                            <Heading text="API tokens" />
                            {view.made.map(|text| view! { <NewToken text /> })}
                            <p>
                                "A script or another program signs in with a token, over the REST API. Give each its own, with no more rights than it needs, so that it can be revoked alone."
                            </p>
                            <TokenList tokens=view.items customers=customers.clone() />
                            <TokenForm viewer customers refusal />
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
