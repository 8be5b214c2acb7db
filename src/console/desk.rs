//! The desk where a known caller asks for things, and how a page's request gets there.

use super::Console;
use super::broken;
use super::caller::Caller;
use super::members::membership_view;
use super::session::{self, Present};
use crate::wire::error::{Kind, Refusal};
use crate::wire::link::SharedView;
use crate::wire::people::{HouseView, InvitedView, SessionView, Viewer};
use leptos::prelude::use_context;
use tower_sessions::Session;

/// The Console with a known caller before it: every use case is a method of this.
#[derive(Clone)]
pub struct Desk {
    pub(super) console: Console,
    pub(super) caller: Caller,
}

impl Desk {
    /// A desk for a caller whose identity was established by the door.
    #[must_use]
    pub const fn new(console: Console, caller: Caller) -> Self {
        Self { console, caller }
    }

    /// The Console that the desk stands in.
    #[must_use]
    pub const fn console(&self) -> &Console {
        &self.console
    }

    /// Who is asking.
    #[must_use]
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }
}

/// The desk of the person whose page asks.
///
/// # Errors
/// `signed_out` when nobody is signed in.
pub async fn open() -> Result<Desk, Refusal> {
    let (console, session) = around().await?;
    let caller = session::caller(&console, &session).await?.ok_or_else(Refusal::signed_out)?;
    Ok(Desk { console, caller })
}

/// Who is signed in, if anybody is.
///
/// # Errors
/// When the session can't be read.
pub async fn viewer() -> Result<Option<Viewer>, Refusal> {
    let (console, session) = around().await?;
    let present = session::present(&console, &session).await?;
    Ok(present.map(|Present { user, here, memberships }| Viewer {
        email: user.email,
        role: here.role,
        customer: membership_view(here).customer,
        memberships: memberships.into_iter().map(membership_view).collect(),
    }))
}

/// Goes on at another customer, from the list of its domains.
///
/// # Errors
/// `not_found` when the person does not belong to it.
pub async fn switch(customer: &str) -> Result<(), Refusal> {
    let (console, session) = around().await?;
    session::switch(&console, &session, customer).await?;
    leptos_axum::redirect("/domains");
    Ok(())
}

/// The provider's name and where help is.
///
/// # Errors
/// When the page was not given a Console.
pub fn house() -> Result<HouseView, Refusal> {
    let console = use_context::<Console>().ok_or_else(Refusal::broken)?;
    Ok(HouseView { brand: console.house.brand.clone(), help_center: console.house.help_center.clone() })
}

/// What the holder of a link sees.
///
/// # Errors
/// What [`Console::shared`] refuses.
pub async fn shared(secret: &str) -> Result<SharedView, Refusal> {
    let console = use_context::<Console>().ok_or_else(Refusal::broken)?;
    console.shared(secret).await
}

/// What an invitation's link offers.
///
/// # Errors
/// `not_found`.
pub async fn invited(token: &str) -> Result<InvitedView, Refusal> {
    around().await?.0.invited(token).await
}

/// Accepts an invitation, and leads to the sign-in page.
///
/// # Errors
/// What [`Console::accept`] refuses.
pub async fn accept(token: &str, password: String) -> Result<(), Refusal> {
    around().await?.0.accept(token, password).await?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Signs in and leads on to `next`, when that is a path of this Console.
///
/// # Errors
/// What [`Console::check_password`] refuses.
pub async fn sign_in(email: &str, password: String, next: &str) -> Result<(), Refusal> {
    let (console, session) = around().await?;
    let user = console.check_password(email, password).await?;
    if console.store.memberships(&user.id).await.map_err(|e| broken(&e))?.is_empty() {
        let words = "You belong to no customer any more. Ask whoever manages people there to invite you again.";
        return Err(Refusal::new(Kind::Forbidden, "no_membership", words));
    }
    session::begin(&console, &session, &user).await?;
    leptos_axum::redirect(session::own_path(next));
    Ok(())
}

/// Signs out.
///
/// # Errors
/// When the session can't be ended.
pub async fn sign_out() -> Result<(), Refusal> {
    let (_, session) = around().await?;
    session::end(&session).await?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Where the person is signed in.
///
/// # Errors
/// `signed_out`.
pub async fn sessions() -> Result<Vec<SessionView>, Refusal> {
    let (console, session) = around().await?;
    session::list(&console, &session).await
}

/// Signs out everywhere.
///
/// # Errors
/// `signed_out`, or when the sessions can't be ended.
pub async fn sign_out_everywhere() -> Result<(), Refusal> {
    let (console, session) = around().await?;
    session::end_all(&console, &session).await?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}

async fn around() -> Result<(Console, Session), Refusal> {
    let console = use_context::<Console>().ok_or_else(Refusal::broken)?;
    let session = leptos_axum::extract::<Session>().await.map_err(|_| Refusal::broken())?;
    Ok((console, session))
}
