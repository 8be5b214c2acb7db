//! The desk where a known caller asks for things, and how a page's request gets there.

use super::Console;
use super::caller::Caller;
use super::session;
use crate::wire::error::Refusal;
use crate::wire::people::{CustomerView, HouseView, Viewer};
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
    let Some(caller) = session::caller(&console, &session).await? else { return Ok(None) };
    let customer = match &caller.customer {
        Some(id) => Some(console.customer(id.as_str()).await?),
        None => None,
    };
    let customer = customer.map(|customer| CustomerView { id: customer.id.to_string(), name: customer.name });
    Ok(Some(Viewer { email: caller.name, role: caller.role, customer }))
}

/// The provider's name and where help is.
///
/// # Errors
/// When the page was not given a Console.
pub fn house() -> Result<HouseView, Refusal> {
    let console = use_context::<Console>().ok_or_else(Refusal::broken)?;
    Ok(HouseView { brand: console.house.brand.clone(), help_center: console.house.help_center.clone() })
}

/// Signs in and leads on to `next`, when that is a path of this Console.
///
/// # Errors
/// What [`Console::check_password`] refuses.
pub async fn sign_in(email: &str, password: String, next: &str) -> Result<(), Refusal> {
    let (console, session) = around().await?;
    let user = console.check_password(email, password).await?;
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

async fn around() -> Result<(Console, Session), Refusal> {
    let console = use_context::<Console>().ok_or_else(Refusal::broken)?;
    let session = leptos_axum::extract::<Session>().await.map_err(|_| Refusal::broken())?;
    Ok((console, session))
}
