//! Use cases about many web domains at once: the list as a file, and a look at DNS for all that are meant.

use super::broken;
use super::browse::ROWS_MAX;
use super::desk::Desk;
use super::list::Offices;
use crate::domain::id::DomainId;
use crate::domain::role::Act;
use crate::domain::time::Millis;
use crate::store::{Refresh, Stored};
use crate::wire::error::{Kind, Refusal};
use crate::wire::list::{Refreshed, Search};
use crate::wire::table::Table;
use crate::wire::when::When;
use futures::{StreamExt as _, stream};
use std::collections::VecDeque;

/// Rows of a file: what a spreadsheet still opens well.
pub const EXPORTED_MAX: usize = 100_000;
/// Looks that are asked for at once: each asks all name servers of its zone.
pub const REFRESHED_MAX: usize = 1_000;
/// Looks that are written side by side.
const SIDE_BY_SIDE: usize = 16;

const HEAD: [&str; 11] = [
    "Domain",
    "Name",
    "Customer",
    "Agency",
    "Alias",
    "Wildcard",
    "Domain Status",
    "SSL Status",
    "Next",
    "Expires",
    "Renews",
];

/// The list as a file, page by page: the next part is read when the last one was taken.
pub struct Export {
    desk: Desk,
    search: Search,
    offices: Offices,
    /// Rows that may still be read.
    left: usize,
    /// What was read and not yet taken.
    ready: VecDeque<String>,
    ended: bool,
}

impl Desk {
    /// The web domains that a list shows, all of its pages, up to [`EXPORTED_MAX`].
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn export(&self, search: Search) -> Result<Export, Refusal> {
        if search.limit.is_some() {
            let words = "An export holds every row that the list shows: leave out the limit.";
            return Err(Refusal::field("bad_limit", "limit", words));
        }
        let search = Search { limit: Some(ROWS_MAX), ..search };
        let offices = self.offices().await?;
        let mut head = Table::new();
        head.row(HEAD).map_err(|_| Refusal::broken())?;
        let ready = head.into_text().into_iter().collect();
        let mut export = Export { desk: self.clone(), search, offices, left: EXPORTED_MAX, ready, ended: false };
        // What is wrong with the search is said before the file begins.
        export.read().await?;
        Ok(export)
    }

    /// Looks at the DNS of what a form chose: `ticked` ids, or `found`, which is all that a list shows.
    ///
    /// # Errors
    /// `nothing_ticked`, or what is wrong with the search.
    pub async fn refresh_chosen(&self, ids: Vec<String>, search: &Search, which: &str) -> Result<Refreshed, Refusal> {
        self.caller.must(Act::Refresh)?;
        match which {
            "found" => self.refresh_found(search).await,
            _ if ids.is_empty() => {
                let words = "No web domain is ticked. Tick some, or check all that the list shows.";
                Err(Refusal::new(Kind::Invalid, "nothing_ticked", words))
            }
            _ => self.refresh_these(ids).await,
        }
    }

    /// Looks at the DNS of these domains at once.
    ///
    /// # Errors
    /// `too_many`.
    pub async fn refresh_these(&self, ids: Vec<String>) -> Result<Refreshed, Refusal> {
        self.caller.must(Act::Refresh)?;
        if ids.len() > REFRESHED_MAX {
            let words = format!("At most {REFRESHED_MAX} web domains are checked at once. Choose fewer.");
            return Err(Refusal::field("too_many", "ids", words));
        }
        self.ask_looks(ids.into_iter().map(DomainId::new).collect(), false).await
    }

    /// Looks at the DNS of the domains that a list shows, the first [`REFRESHED_MAX`] of them.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn refresh_found(&self, search: &Search) -> Result<Refreshed, Refusal> {
        self.caller.must(Act::Refresh)?;
        let mut search = Search { limit: Some(ROWS_MAX), cursor: String::new(), ..search.clone() };
        let mut ids = Vec::new();
        let mut more = true;
        while more && ids.len() < REFRESHED_MAX {
            let (page, _) = self.find(&search).await?;
            ids.extend(page.items.into_iter().map(|stored| stored.setup.id));
            more = page.next_cursor.is_some();
            search.cursor = page.next_cursor.unwrap_or_default();
        }
        ids.truncate(REFRESHED_MAX);
        self.ask_looks(ids, more).await
    }

    async fn ask_looks(&self, ids: Vec<DomainId>, more: bool) -> Result<Refreshed, Refusal> {
        let now = self.console.clock.now();
        let scope = self.caller.scope();
        let asked = stream::iter(ids).map(|id| {
            let scope = &scope;
            async move { self.console.store.ask_refresh(scope, &id, now).await }
        });
        let mut told = Refreshed { more, ..Refreshed::default() };
        let mut asked = asked.buffer_unordered(SIDE_BY_SIDE);
        while let Some(one) = asked.next().await {
            match one.map_err(|e| broken(&e))? {
                Refresh::Asked => told.asked += 1,
                Refresh::TooSoon { .. } => told.too_soon += 1,
                Refresh::NotFound => told.not_found += 1,
            }
        }
        Ok(told)
    }
}

impl Export {
    /// The next part of the file; none at its end.
    ///
    /// # Errors
    /// When the store fails midway: the file then breaks off.
    pub async fn next(&mut self) -> Result<Option<String>, Refusal> {
        if self.ready.is_empty() && !self.ended {
            self.read().await?;
        }
        Ok(self.ready.pop_front())
    }

    async fn read(&mut self) -> Result<(), Refusal> {
        let (page, now) = self.desk.find(&self.search).await?;
        let mut table = Table::new();
        for stored in page.items.iter().take(self.left) {
            table.row(self.cells(stored, now)).map_err(|_| Refusal::broken())?;
        }
        self.left = self.left.saturating_sub(page.items.len());
        self.ended = page.next_cursor.is_none() || self.left == 0;
        self.search.cursor = page.next_cursor.unwrap_or_default();
        self.ready.extend(table.into_text().filter(|text| !text.is_empty()));
        Ok(())
    }

    fn cells(&self, stored: &Stored, now: Millis) -> [String; 11] {
        let (setup, facts) = (&stored.setup, &stored.facts);
        let row = super::views::row(stored, "", now);
        let date = |at: Option<Millis>| at.map_or_else(String::new, |at| When(at).rfc3339());
        [
            row.domain,
            row.name,
            self.offices.customer(setup).to_owned(),
            self.offices.agency(setup).unwrap_or_default().to_owned(),
            setup.alias.clone(),
            if setup.hostname.is_wildcard() { "yes" } else { "no" }.to_owned(),
            row.domain_status.label().to_owned(),
            row.ssl_status.label().to_owned(),
            row.next,
            date(facts.certificate.as_ref().map(|certificate| certificate.not_after)),
            date(crate::domain::renewal::moment(setup, facts)),
        ]
    }
}
