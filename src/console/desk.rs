//! The desk where a known caller asks for things, and how a page's request gets there.

use super::Console;
use super::address::ClientAddress;
use super::broken;
use super::caller::Caller;
use super::members::membership_view;
use super::session::{self, Doing, Present};
use super::tokens::NewApiToken;
use crate::domain::notice;
use crate::store::{Claim, Outcome};
use crate::wire::approval::AskedView;
use crate::wire::error::{Kind, Refusal};
use crate::wire::link::SharedView;
use crate::wire::openid::NotLetIn;
use crate::wire::people::{HouseView, InvitedView, SessionView, TokensView, Viewer};
use crate::wire::webhooks::WebhooksView;
use axum::Extension;
use axum::http::{HeaderMap, HeaderValue, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use std::net::IpAddr;
use tower_sessions::Session;

/// The Console with a known caller before it: every use case is a method of this.
#[derive(Clone)]
pub struct Desk {
    pub(super) console: Console,
    pub(super) caller: Caller,
}

impl Desk {
    /// A desk for a caller whose identity was established by the door; what they do there is written down.
    #[must_use]
    pub fn new(console: Console, caller: Caller) -> Self {
        let store = console.store.by(caller.actor());
        Self { console: Console { store, ..console }, caller }
    }

    /// The same desk for a request that may be sent again: what is done there marks its key.
    #[must_use]
    pub fn under(&self, claim: &Claim) -> Self {
        let store = self.console.store.under(claim);
        Self { console: Console { store, ..self.console.clone() }, caller: self.caller.clone() }
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
    let caller = session::caller(&console, &session, doing().await).await?.ok_or_else(Refusal::signed_out)?;
    Ok(Desk::new(console, caller.at_address(address().await)))
}

/// Who is signed in, if anybody is.
///
/// # Errors
/// When the session can't be read.
pub async fn viewer() -> Result<Option<Viewer>, Refusal> {
    let (console, session) = around().await?;
    let present = session::present(&console, &session, doing().await).await?;
    Ok(present.map(|Present { user, here, memberships, left, .. }| Viewer {
        email: user.email,
        role: here.role,
        customer: membership_view(here).customer,
        memberships: memberships.into_iter().map(membership_view).collect(),
        left,
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

/// The caller's API tokens, and the text of one that was made a moment ago: this once.
///
/// # Errors
/// What [`Desk::tokens`] refuses.
pub async fn tokens() -> Result<TokensView, Refusal> {
    let desk = open().await?;
    let items = desk.tokens().await?;
    let headers: HeaderMap = leptos_axum::extract().await.unwrap_or_default();
    let Some((made, taken)) = desk.console.handed_on("/tokens", &headers) else {
        return Ok(TokensView { items, made: None });
    };
    set_cookie(taken)?;
    Ok(TokensView { items, made: Some(made) })
}

/// Makes an API token, and leads to the page that shows its text.
///
/// # Errors
/// What [`Desk::make_token`] refuses.
pub async fn make_token(name: &str, role: String, customer: String, access: &str, days: &str) -> Result<(), Refusal> {
    let desk = open().await?;
    let made = desk.make_token(&NewApiToken::from_form(name, role, customer, access, days)?).await?;
    set_cookie(desk.console.hand_on("/tokens", &made.token).ok_or_else(Refusal::broken)?)?;
    leptos_axum::redirect("/tokens");
    Ok(())
}

/// The webhooks, and the secret of one that was added a moment ago.
///
/// # Errors
/// What [`Desk::webhooks`] refuses.
pub async fn webhooks() -> Result<WebhooksView, Refusal> {
    let desk = open().await?;
    let (items, events) = (desk.webhooks().await?, notice::Kind::ALL.map(|kind| kind.word().to_owned()).into());
    let headers: HeaderMap = leptos_axum::extract().await.unwrap_or_default();
    let handed = desk.console.handed_on("/webhooks", &headers);
    let made = handed.map(|(made, taken)| set_cookie(taken).map(|()| made)).transpose()?;
    Ok(WebhooksView { items, events, made })
}

/// Adds a webhook, and leads to the page that shows its secret.
///
/// # Errors
/// What [`Desk::add_webhook`] refuses.
pub async fn add_webhook(url: &str, customer: &str, events: &[String]) -> Result<(), Refusal> {
    let desk = open().await?;
    let made = desk.add_webhook(url, customer, events).await?;
    set_cookie(desk.console.hand_on("/webhooks", &made).ok_or_else(Refusal::broken)?)?;
    leptos_axum::redirect("/webhooks");
    Ok(())
}

fn set_cookie(value: HeaderValue) -> Result<(), Refusal> {
    use_context::<ResponseOptions>().ok_or_else(Refusal::broken)?.append_header(header::SET_COOKIE, value);
    Ok(())
}

/// The provider's name and where help is.
///
/// # Errors
/// When the page was not given a Console.
pub fn house() -> Result<HouseView, Refusal> {
    let console = use_context::<Console>().ok_or_else(Refusal::broken)?;
    Ok(HouseView {
        brand: console.house.brand.clone(),
        help_center: console.house.help_center.clone(),
        sign_in_with: console.provider.as_ref().map(|provider| provider.label().to_owned()),
    })
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
    around().await?.0.accept(token, password, address().await).await?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// The Console that a page was given, for those whom a secret in an address is enough to know.
///
/// # Errors
/// When the page was not given one.
pub fn console() -> Result<Console, Refusal> {
    use_context::<Console>().ok_or_else(Refusal::broken)
}

/// What the link in an approver's mail shows.
///
/// # Errors
/// What [`Console::approval_asked`] refuses.
pub async fn approval_asked(token: &str) -> Result<AskedView, Refusal> {
    around().await?.0.approval_asked(token).await
}

/// Answers a request for approval; whether it was given.
///
/// # Errors
/// What [`Console::answer_approval`] refuses.
pub async fn answer_approval(token: &str, typed: &str, answer: &str) -> Result<bool, Refusal> {
    around().await?.0.answer_approval(token, typed, answer, address().await).await
}

/// Signs in and leads on to `next`, when that is a path of this Console.
///
/// # Errors
/// What [`Console::check_password`] refuses.
pub async fn sign_in(email: &str, password: String, next: &str) -> Result<(), Refusal> {
    let (console, session) = around().await?;
    let address = address().await;
    let user = console.check_password(email, password, address).await?;
    if user.disabled_at.is_some() {
        return Err(Refusal::new(Kind::Forbidden, "account_disabled", NotLetIn::Disabled.words()));
    }
    let memberships = console.store.memberships(&user.id).await.map_err(|e| broken(&e))?;
    let Some(first) = memberships.first() else {
        return Err(Refusal::new(Kind::Forbidden, "no_membership", NotLetIn::NoMembership.words()));
    };
    console.note_sign_in(&user, first.customer_id(), address, Outcome::Done, "Signed in").await?;
    session::begin(&console, &session, &user).await?;
    leptos_axum::redirect(session::own_path(next));
    Ok(())
}

/// Signs out.
///
/// # Errors
/// When the session can't be ended.
pub async fn sign_out() -> Result<(), Refusal> {
    let (console, session) = around().await?;
    if let Some(caller) = session::caller(&console, &session, Doing::Person).await? {
        Desk::new(console, caller.at_address(address().await)).note_sign_out().await?;
    }
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

/// Makes the session last longer, as everything does that a person asks for.
///
/// # Errors
/// `signed_out`.
pub async fn extend() -> Result<(), Refusal> {
    open().await.map(drop)
}

/// Signs out everywhere.
///
/// # Errors
/// `signed_out`, or when the sessions can't be ended.
pub async fn sign_out_everywhere() -> Result<(), Refusal> {
    let (console, session) = around().await?;
    session::end_all(&console, &session, address().await).await?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Where the request comes from.
async fn address() -> Option<IpAddr> {
    let found = leptos_axum::extract::<Extension<ClientAddress>>().await;
    found.ok().map(|Extension(ClientAddress(address))| address)
}

/// Whose doing the request is.
async fn doing() -> Doing {
    leptos_axum::extract::<HeaderMap>().await.map_or(Doing::Person, |headers| Doing::of(&headers))
}

async fn around() -> Result<(Console, Session), Refusal> {
    let console = use_context::<Console>().ok_or_else(Refusal::broken)?;
    let session = leptos_axum::extract::<Session>().await.map_err(|_| Refusal::broken())?;
    Ok((console, session))
}
