//! Use cases of links without sign-in: made and ended by those who manage a domain, read by whoever holds one.

use super::browse::sound_limit;
use super::desk::Desk;
use super::people::sha256;
use super::{Console, broken, views};
use crate::domain::id::{DomainId, LinkId};
use crate::domain::role::Act;
use crate::domain::time::{DAY_MS, SECOND_MS};
use crate::store::{LINKS_MAX, Scope, Sharing, StoredLink};
use crate::wire::domain::Page;
use crate::wire::error::{Kind, Refusal};
use crate::wire::link::{LinkView, NewLinkView, SharedView};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A link works this long: DNS work in another office takes days, and a forgotten mail should not be a door for ever.
const LINK_LASTS_MS: i64 = 14 * DAY_MS;
/// Nobody guesses this many random bits.
const SECRET_BYTES: usize = 32;
/// The holder's page asks every few seconds; its interest lasts a little longer.
const PAGE_MS: i64 = 20 * SECOND_MS;

impl Desk {
    /// Makes a link to a domain's records; its address is given this once and never again.
    ///
    /// # Errors
    /// `not_found`, `too_many_links`.
    pub async fn make_link(&self, id: &str) -> Result<NewLinkView, Refusal> {
        self.caller.must(Act::Manage)?;
        let (stored, now) = (self.stored(id).await?, self.console.clock.now());
        let mut secret = [0_u8; SECRET_BYTES];
        rand::fill(&mut secret).map_err(|_| Refusal::broken())?;
        let entry = self.entry("link.made", "Link without sign-in made: it works for 14 days".into());
        let added = self.console.store.add_link(&stored, sha256(&secret), now.plus(LINK_LASTS_MS), &entry, now).await;
        let link = added.map_err(|e| broken(&e))?.ok_or_else(|| {
            let words = format!("This domain has {LINKS_MAX} links already. End one that nobody needs any more.");
            Refusal::new(Kind::Conflict, "too_many_links", words)
        })?;
        let url = self.console.link_url(&secret);
        Ok(NewLinkView { id: link.id.to_string(), url, expires_at: link.expires_at.into() })
    }

    /// The links of a domain that work, newest first.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn links(&self, id: &str) -> Result<Vec<LinkView>, Refusal> {
        self.stored(id).await?;
        let now = self.console.clock.now();
        let links = self.console.store.links(&self.caller.scope(), &DomainId::new(id), now).await;
        Ok(links.map_err(|e| broken(&e))?.into_iter().map(view).collect())
    }

    /// A page of them.
    ///
    /// # Errors
    /// `not_found`; names the field that is wrong.
    pub async fn paged_links(&self, id: &str, cursor: &str, limit: Option<u32>) -> Result<Page<LinkView>, Refusal> {
        self.stored(id).await?;
        let (cursor, limit) = (Some(cursor).filter(|cursor| !cursor.is_empty()), sound_limit(limit)?);
        let (scope, id, now) = (self.caller.scope(), DomainId::new(id), self.console.clock.now());
        let page = self.console.store.paged_links(&scope, &id, now, cursor, limit).await.map_err(|e| broken(&e))?;
        Ok(Page { items: page.items.into_iter().map(view).collect(), next_cursor: page.next_cursor })
    }

    /// Ends a link.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn end_link(&self, id: &str) -> Result<(), Refusal> {
        self.caller.must(Act::Manage)?;
        let (id, now) = (LinkId::new(id), self.console.clock.now());
        let link = self.console.store.link(&self.caller.scope(), &id).await.map_err(|e| broken(&e))?;
        let link = link.ok_or_else(Refusal::not_found)?;
        let stored = self.stored(link.domain.as_str()).await?;
        let entry = self.entry("link.ended", "Link without sign-in ended".into());
        let ended = self.console.store.revoke_link(&stored, &id, &entry, now).await.map_err(|e| broken(&e))?;
        if ended { Ok(()) } else { Err(Refusal::not_found()) }
    }
}

fn view(link: StoredLink) -> LinkView {
    LinkView {
        id: link.id.to_string(),
        created_by: link.created_by,
        created_at: link.created_at.into(),
        expires_at: link.expires_at.into(),
    }
}

impl Console {
    fn link_url(&self, secret: &[u8]) -> String {
        format!("{}/records/{}", self.house.public_url, URL_SAFE_NO_PAD.encode(secret))
    }

    /// What the holder of a link sees. As long as somebody looks, the domain is looked at often.
    ///
    /// # Errors
    /// `link_ended` for whatever is wrong with it, `too_soon` for who asks too often.
    pub async fn shared(&self, secret: &str) -> Result<SharedView, Refusal> {
        let ended = || {
            let words = "This link has ended, or it is not complete. Ask the office that sent it for a new one.";
            Refusal::new(Kind::NotFound, "link_ended", words)
        };
        let secret = URL_SAFE_NO_PAD.decode(secret).ok().filter(|secret| secret.len() == SECRET_BYTES);
        let secret = secret.ok_or_else(ended)?;
        let (key, now) = (sha256(&secret), self.clock.now());
        self.pace.links.take(key, now).or_refuse("This link is used very often.")?;
        let link = self.store.link_by_secret(key, now).await.map_err(|e| broken(&e))?.ok_or_else(ended)?;
        let stored = self.store.domain(&Scope::All, &link.domain).await.map_err(|e| broken(&e))?.ok_or_else(ended)?;
        let view = views::domain(&stored, &[], Sharing::default(), &self.house.place, now);
        if !view.ready {
            self.store.watch(&Scope::All, &link.domain, now, now.plus(PAGE_MS)).await.map_err(|e| broken(&e))?;
        }
        Ok(SharedView {
            domain: view.domain,
            customer: self.customer(stored.setup.customer.as_str()).await?.name,
            dns_records: view.dns_records,
            token_file: view.token_file,
            dns_provider: view.dns_provider,
            checked_at: view.checked_at,
            next_check_at: view.next_check_at,
            expires_at: link.expires_at.into(),
            url: self.link_url(&secret),
        })
    }
}
