//! Sessions: who is signed in, kept on our own database under the hash of the cookie's value.
//!
//! A stolen database shows no cookie. A session ends after 30 minutes without use and after 12 hours in any case.

use super::caller::Caller;
use super::{Console, broken};
use crate::domain::id::{CustomerId, UserId};
use crate::domain::time::{HOUR_MS, MINUTE_MS, Millis};
use crate::islands::fetched::LOOK;
use crate::store::{Actor, Membership, OpenSession, Store, StoredSession, User};
use crate::wire::error::Refusal;
use crate::wire::people::{LeftView, SessionView};
use async_trait::async_trait;
use aws_lc_rs::digest;
use axum::http::{HeaderMap, header};
use std::fmt;
use std::net::IpAddr;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::{Session, SessionStore, session_store};

/// A session without use ends after this.
pub const IDLE_MS: i64 = 30 * MINUTE_MS;
/// A session ends after this in any case.
const LIFE_MS: i64 = 12 * HOUR_MS;
/// Uses are noted at most this often, so that reading pages does not write.
const NOTED_EVERY_MS: i64 = MINUTE_MS;
/// What live updates accept.
const STREAM: &str = "text/event-stream";
const USER: &str = "user";
/// The customer that the person works at; empty for all of them.
const CUSTOMER: &str = "customer";
const BEGUN: &str = "begun";
const SEEN: &str = "seen";

/// Whose doing a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Somebody's: the session lasts longer by it.
    Person,
    /// A page's that looks again by itself: an open page keeps nobody signed in.
    Page,
}

impl Doing {
    /// What a request's headers say.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let streams = headers.get(header::ACCEPT).is_some_and(|accept| accept == STREAM);
        if streams || headers.contains_key(LOOK) { Self::Page } else { Self::Person }
    }
}

/// A person who is signed in, and where.
pub struct Present {
    /// Who.
    pub user: User,
    /// Where they work now.
    pub here: Membership,
    /// Everything that they may switch between.
    pub memberships: Vec<Membership>,
    /// When they signed in.
    pub begun: Millis,
    /// How much longer.
    pub left: LeftView,
}

/// The caller of a session that is signed in and alive.
///
/// # Errors
/// When the session or the person can't be read.
pub async fn caller(console: &Console, session: &Session, doing: Doing) -> Result<Option<Caller>, Refusal> {
    let present = present(console, session, doing).await?;
    Ok(present.map(|Present { user, here, begun, .. }| Caller {
        name: user.email,
        role: here.role,
        customer: here.customer.map(|(id, _)| id),
        user: Some(user.id),
        signed_in_at: Some(begun),
        token: None,
        read_only: false,
        address: None,
    }))
}

/// Who the session belongs to, if it is signed in and alive.
///
/// # Errors
/// When the session or the person can't be read.
pub async fn present(console: &Console, session: &Session, doing: Doing) -> Result<Option<Present>, Refusal> {
    let Some(user) = read::<String>(session, USER).await? else { return Ok(None) };
    let now = console.clock.now();
    let begun = Millis(read(session, BEGUN).await?.unwrap_or_default());
    let mut seen = Millis(read(session, SEEN).await?.unwrap_or_default());
    if left(begun, seen, now).ms <= 0 {
        end(session).await?;
        return Ok(None);
    }
    if doing == Doing::Person && now.since(seen) >= NOTED_EVERY_MS {
        seen = now;
        write(session, SEEN, seen.0).await?;
    }
    let user = console.store.user(&UserId::new(user)).await.map_err(|e| broken(&e))?;
    let Some(user) = user.filter(|user| user.disabled_at.is_none()) else { return Ok(None) };
    let memberships = console.store.memberships(&user.id).await.map_err(|e| broken(&e))?;
    let chosen: Option<String> = read(session, CUSTOMER).await?;
    let here = chosen.as_deref().and_then(|id| at(&memberships, id)).or_else(|| memberships.first()).cloned();
    Ok(here.map(|here| Present { user, here, memberships, begun, left: left(begun, seen, now) }))
}

/// Whose session it is, before it is looked at whether it is alive.
pub async fn claimed(session: &Session) -> Option<UserId> {
    read::<String>(session, USER).await.ok().flatten().map(UserId::new)
}

/// How much longer a session lasts.
fn left(begun: Millis, seen: Millis, now: Millis) -> LeftView {
    let (idle, life) = (IDLE_MS - now.since(seen), LIFE_MS - now.since(begun));
    LeftView { ms: idle.min(life), extends: idle < life }
}

/// Goes on at another customer that the person belongs to; with an empty id, as one of the provider's own people.
///
/// # Errors
/// `not_found` when they don't.
pub async fn switch(console: &Console, session: &Session, customer: &str) -> Result<(), Refusal> {
    let present = present(console, session, Doing::Person).await?.ok_or_else(Refusal::signed_out)?;
    at(&present.memberships, customer).ok_or_else(Refusal::not_found)?;
    write(session, CUSTOMER, customer).await
}

fn at<'a>(memberships: &'a [Membership], customer: &str) -> Option<&'a Membership> {
    memberships.iter().find(|one| one.customer_id().map_or("", CustomerId::as_str) == customer)
}

/// Begins a session for a person, under a new id: one that was planted before is worth nothing.
///
/// # Errors
/// When it can't be kept.
pub async fn begin(console: &Console, session: &Session, user: &User) -> Result<(), Refusal> {
    session.cycle_id().await.map_err(|error| lost(&error))?;
    let now = console.clock.now();
    write(session, USER, user.id.as_str()).await?;
    write(session, BEGUN, now.0).await?;
    write(session, SEEN, now.0).await
}

/// Where the person is signed in, the last used first.
///
/// # Errors
/// `signed_out`, or when the store fails.
pub async fn list(console: &Console, session: &Session) -> Result<Vec<SessionView>, Refusal> {
    let present = present(console, session, Doing::Person).await?.ok_or_else(Refusal::signed_out)?;
    let here = session.id().map(|id| hashed(&id));
    let open = console.store.sessions_of(&present.user.id, console.clock.now()).await.map_err(|e| broken(&e))?;
    let view = |one: OpenSession| SessionView {
        is_this: here.is_some_and(|here| here.as_slice() == one.id_hash),
        begun_at: one.begun_at.into(),
        last_seen_at: one.last_seen_at.into(),
    };
    Ok(open.into_iter().map(view).collect())
}

/// Ends every session of the person, this one too.
///
/// # Errors
/// `signed_out`, or when the store fails.
pub async fn end_all(console: &Console, session: &Session, address: Option<IpAddr>) -> Result<(), Refusal> {
    let user = present(console, session, Doing::Person).await?.ok_or_else(Refusal::signed_out)?.user;
    let actor = Actor { name: user.email, id: Some(user.id.to_string()), address };
    console.store.by(actor).delete_sessions_of(&user.id, console.clock.now()).await.map_err(|e| broken(&e))?;
    end(session).await
}

/// Ends the session.
///
/// # Errors
/// When it can't be deleted.
pub async fn end(session: &Session) -> Result<(), Refusal> {
    session.flush().await.map_err(|error| lost(&error))
}

/// `next` when it is a path of this Console, else the front page: never another site.
#[must_use]
pub fn own_path(next: &str) -> &str {
    let sound = next.starts_with('/')
        && !next.starts_with("//")
        && next.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'\\' | b'"' | b'<' | b'>'));
    if sound { next } else { "/domains" }
}

async fn read<T: serde::de::DeserializeOwned>(session: &Session, key: &str) -> Result<Option<T>, Refusal> {
    session.get(key).await.map_err(|error| lost(&error))
}

async fn write<T: serde::Serialize>(session: &Session, key: &str, value: T) -> Result<(), Refusal> {
    session.insert(key, value).await.map_err(|error| lost(&error))
}

fn lost(error: &tower_sessions::session::Error) -> Refusal {
    tracing::error!(%error, "a session could not be read or kept");
    Refusal::broken()
}

/// The session store of tower-sessions, over ours.
#[derive(Clone)]
pub struct Sessions(pub Store);

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        const IDS_TRIED: usize = 8;
        for _ in 0..IDS_TRIED {
            if self.0.create_session(&stored(record)?).await.map_err(backend)? {
                return Ok(());
            }
            record.id = Id::default();
        }
        Err(session_store::Error::Backend("no free session id was found".into()))
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        // A session that was ended meanwhile stays ended.
        self.0.save_session(&stored(record)?).await.map(drop).map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let now = Millis((OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000) as i64);
        let Some(found) = self.0.load_session(&hashed(id), now).await.map_err(backend)? else { return Ok(None) };
        let data = serde_json::from_slice(&found.data).map_err(|e| session_store::Error::Decode(e.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(found.expires_at.0) * 1_000_000)
            .map_err(|e| session_store::Error::Decode(e.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.0.delete_session(&hashed(id)).await.map_err(backend)
    }
}

fn hashed(id: &Id) -> [u8; 32] {
    let mut out = [0_u8; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, &id.0.to_le_bytes()).as_ref());
    out
}

fn stored(record: &Record) -> session_store::Result<StoredSession> {
    let data = serde_json::to_vec(&record.data).map_err(|e| session_store::Error::Encode(e.to_string()))?;
    let field = |key: &str| record.data.get(key).and_then(serde_json::Value::as_i64).map_or(Millis(0), Millis);
    Ok(StoredSession {
        id_hash: hashed(&record.id),
        user: record.data.get(USER).and_then(|value| value.as_str()).map(UserId::new),
        data,
        created_at: field(BEGUN),
        last_seen_at: field(SEEN),
        expires_at: Millis((record.expiry_date.unix_timestamp_nanos() / 1_000_000) as i64),
    })
}

fn backend(error: crate::store::StoreError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lasts_as_long_as_it_is_used_but_not_for_ever() {
        let at = |minutes: i64| Millis(minutes * MINUTE_MS);
        let check = |seen, now, minutes: i64, extends| {
            assert_eq!(left(at(0), at(seen), at(now)), LeftView { ms: minutes * MINUTE_MS, extends });
        };
        check(0, 0, 30, true);
        check(5, 33, 2, true);
        check(5, 35, 0, true);
        check(710, 715, 5, false);
        check(719, 721, -1, false);
    }

    #[test]
    fn a_page_that_looks_by_itself_is_nobodys_doing() {
        let of = |name: &'static str, value: &'static str| {
            Doing::of(&HeaderMap::from_iter([(name.parse().expect("a name"), value.parse().expect("a value"))]))
        };
        assert_eq!(of("accept", "text/html,*/*"), Doing::Person);
        assert_eq!(of("accept", "text/event-stream"), Doing::Page);
        assert_eq!(of(LOOK, "1"), Doing::Page);
    }

    #[test]
    fn only_own_paths_are_led_on_to() {
        assert_eq!(own_path("/domains/1?x=2"), "/domains/1?x=2");
        for foreign in
            ["", "https://evil.example", "//evil.example", "/\\evil.example", "/a b", "/x\r\nSet-Cookie: a=b"]
        {
            assert_eq!(own_path(foreign), "/domains", "{foreign}");
        }
    }
}
