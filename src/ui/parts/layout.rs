//! What stands around every page: brand, navigation, who is signed in, and where to get help.

use crate::api::session::{ExtendSession, SignOut, SwitchCustomer, house, signed_in};
use crate::domain::role::Act;
use crate::islands::session_end::SessionEnd;
use crate::wire::error::Refusal;
use crate::wire::people::{CustomerView, HouseView, MembershipView, Viewer};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use leptos_router::hooks::use_location;

/// Who is signed in, read once for the whole page.
#[derive(Clone, Copy)]
pub struct Session(Resource<Result<Option<Viewer>, Refusal>>);

impl Session {
    /// Reads it and gives it to everything below; reads again when somebody comes from the sign-in page.
    pub fn provide() {
        let path = use_location().pathname;
        let signing_in = Memo::new(move |_| path.with(|path| path == "/sign-in"));
        provide_context(Self(Resource::new_blocking(move || signing_in.get(), |_| signed_in())));
    }

    /// Who is signed in, if anybody is.
    pub async fn viewer(self) -> Option<Viewer> {
        self.0.await.ok().flatten()
    }

    /// Whether the person may do `act`; the doors ask again.
    pub async fn may(self, act: Act) -> bool {
        self.viewer().await.is_some_and(|viewer| viewer.role.may(act))
    }
}

/// The provider, read once for the whole page.
#[derive(Clone, Copy)]
pub struct House(Resource<Result<HouseView, Refusal>>);

impl House {
    /// Reads it and gives it to everything below.
    pub fn provide() {
        provide_context(Self(Resource::new_blocking(|| (), |()| house())));
    }

    /// The provider's name, and where help is.
    pub async fn view(self) -> HouseView {
        self.0.await.unwrap_or_else(|_| HouseView { brand: "Padlock".into(), help_center: None, sign_in_with: None })
    }
}

/// Brand, navigation, and the way out.
#[component]
pub fn Header() -> impl IntoView {
    view! {
        <header class="header">
            <div class="wide header__row">
                <a class="brand" href="/domains">
                    <Padlock />
                    <Suspense>
                        {move || {
                            let house = expect_context::<House>();
                            Suspend::new(async move { house.view().await.brand })
                        }}
                    </Suspense>
                </a>
                <Suspense>
                    {move || {
                        let session = expect_context::<Session>();
                        Suspend::new(async move { session.viewer().await.map(|viewer| view! { <Known viewer /> }) })
                    }}
                </Suspense>
            </div>
        </header>
    }
}

#[component]
fn Padlock() -> impl IntoView {
    view! {
        <svg class="brand__mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d="M7 10V7a5 5 0 0 1 10 0v3h1a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2h1Zm2 0h6V7a3 3 0 0 0-6 0v3Zm2 4v4h2v-4h-2Z"></path>
        </svg>
    }
}

#[component]
fn Known(viewer: Viewer) -> impl IntoView {
    let left = viewer.left;
    let link = |act, href, words: &'static str| viewer.role.may(act).then(|| view! { <A href=href>{words}</A> });
    let (people, agencies, customers, activity) = (
        link(Act::ManageAccess, "/people", "People"),
        link(Act::ManageAgencies, "/agencies", "Agencies"),
        link(Act::ManageCustomers, "/customers", "Customers"),
        link(Act::Audit, "/activity", "Activity"),
    );
    let triage = link(Act::Triage, "/triage", "Triage");
    view! {
        <nav class="header__nav" aria-label="Console">
            <A href="/domains">"Domains"</A>
            <A href="/certificates">"Certificates"</A>
            {triage}
            {people}
            {agencies}
            {customers}
            {activity}
            <A href="/help">"Help"</A>
        </nav>
        <div class="header__person" data-session-left=left.ms data-session-extends=left.extends.then_some("")>
            <Switcher here=viewer.customer memberships=viewer.memberships />
            <a class="usa-link header__email" href="/account">
                {viewer.email}
            </a>
            // A plain form: signing out leaves nothing of the old page behind.
            <form action=SignOut::url() method="post">
                <button class="usa-button usa-button--unstyled" type="submit">
                    "Sign out"
                </button>
            </form>
        </div>
        <SessionEnd extend=ExtendSession::url().to_owned() />
    }
    .into_any()
}

/// Where the person works now, and the way to the other customers that they belong to.
#[component]
fn Switcher(here: Option<CustomerView>, memberships: Vec<MembershipView>) -> impl IntoView {
    if memberships.len() < 2 {
        return here.map(|customer| view! { <span class="header__customer">{customer.name}</span> }).into_any();
    }
    let options = memberships.into_iter().map(|one| {
        let (value, words) = (one.customer_id().to_owned(), one.customer_name().to_owned());
        view! { <option value=value selected=one.customer == here>{words}</option> }
    });
    // A plain form: nothing of one customer stays on the page of another.
    view! {
        <form class="switcher" action=SwitchCustomer::url() method="post">
            <select class="select" name="customer" aria-label="Customer">
                {options.collect_view()}
            </select>
            <button class="usa-button usa-button--unstyled" type="submit">
                "Switch customer"
            </button>
        </form>
    }
    .into_any()
}

/// The same place for help on every page.
#[component]
pub fn Footer() -> impl IntoView {
    view! {
        <footer class="footer">
            <div class="wide footer__row">
                <p>
                    <a class="usa-link" href="/help">"Get help"</a>
                </p>
                <Suspense>
                    {move || {
                        let house = expect_context::<House>();
                        Suspend::new(async move {
                            let HouseView { brand, help_center, .. } = house.view().await;
                            view! {
                                {help_center.map(|url| view! { <p><a class="usa-link" href=url>"Help Center"</a></p> })}
                                <p>{brand} " puts HTTPS on your own web domain."</p>
                            }
                        })
                    }}
                </Suspense>
            </div>
        </footer>
    }
    .into_any()
}
