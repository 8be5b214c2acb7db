//! Every page of the Console with the act that it asks for, and its address about somebody's thing.
//!
//! The pages themselves are read from the Console's routes; what is written here is only what each must ask of the permission
//! table. A page that is missing here fails `doors::every_page_says_what_it_asks_for`.

use super::doors::thing_of;
use padlock::domain::role::Act;

/// Each page's route, and what it asks before it says whether its thing is there; none for a page that is open to everybody,
/// or opened by a secret in its address.
const PAGES: &[(&str, Option<Act>)] = &[
    ("/", None),
    ("/account", Some(Act::See)),
    ("/account/mails", Some(Act::See)),
    ("/activity", Some(Act::Audit)),
    ("/agencies", Some(Act::See)),
    ("/answered", None),
    ("/approve/:token", None),
    ("/certificates", Some(Act::See)),
    ("/certificates/:id", Some(Act::See)),
    ("/certificates/:id/export", Some(Act::ExportKeys)),
    ("/certificates/:id/revoke", Some(Act::See)),
    ("/customers", Some(Act::See)),
    ("/domains", Some(Act::See)),
    ("/domains/:id", Some(Act::See)),
    ("/domains/:id/approval", Some(Act::Manage)),
    ("/domains/:id/diagnosis", Some(Act::See)),
    ("/domains/:id/notify", Some(Act::See)),
    ("/domains/:id/publish", Some(Act::Manage)),
    ("/domains/:id/remove", Some(Act::See)),
    ("/domains/:id/report", Some(Act::See)),
    ("/domains/:id/settings", Some(Act::See)),
    ("/domains/:id/upload", Some(Act::See)),
    ("/domains/:id/upload/check", Some(Act::Manage)),
    ("/domains/import", Some(Act::Manage)),
    ("/domains/new", Some(Act::Manage)),
    ("/domains/removed", Some(Act::See)),
    ("/help", None),
    ("/invitation/:token", None),
    ("/people", Some(Act::ManageAccess)),
    ("/people/:id/remove", Some(Act::ManageAccess)),
    ("/records/:secret", None),
    ("/sign-in", None),
    ("/tokens", Some(Act::ManageAccess)),
    ("/tokens/:id/revoke", Some(Act::ManageAccess)),
    ("/triage", Some(Act::Triage)),
    ("/unsubscribe/:token", None),
    ("/unsubscribed", None),
    ("/webhooks", Some(Act::Manage)),
    ("/webhooks/:id", Some(Act::Manage)),
];

/// A page.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) route: String,
    pub(crate) act: Option<Act>,
}

impl Page {
    /// Its address about this thing.
    pub(crate) fn at(&self, id: &str) -> String {
        let parts = self.route.split('/').map(|part| if part.starts_with(':') { id } else { part });
        parts.collect::<Vec<_>>().join("/")
    }

    /// Which kind of thing it is about, if it is about one.
    pub(crate) fn thing(&self) -> Option<&'static str> {
        self.route.contains("/:").then(|| thing_of(self.route.trim_start_matches('/')))
    }
}

/// Every page; one that the table does not know is a complaint.
pub(crate) fn every_page() -> Result<Vec<Page>, String> {
    let routes = include_str!("../../ui/app.rs").split("path!(\"").skip(1);
    let routes: Vec<&str> = routes.filter_map(|rest| rest.split('"').next()).collect();
    let missing: Vec<&str> =
        routes.iter().copied().filter(|route| !PAGES.iter().any(|(known, _)| known == route)).collect();
    if !missing.is_empty() {
        return Err(format!("say in src/tests/kit/pages.rs which act these ask for: {}", missing.join(", ")));
    }
    if routes.len() != PAGES.len() {
        return Err("src/tests/kit/pages.rs lists a page that is gone".to_owned());
    }
    Ok(PAGES.iter().map(|(route, act)| Page { route: (*route).to_owned(), act: *act }).collect())
}

/// Every page's address, about nothing where it is about something, and two more that a browser may open.
pub(crate) fn addresses() -> Vec<String> {
    let pages = every_page().unwrap_or_else(|complaint| panic!("{complaint}"));
    let more = ["/no/such/page", "/sign-in/openid"].map(str::to_owned);
    pages.iter().map(|page| page.at("0")).chain(more).collect()
}
