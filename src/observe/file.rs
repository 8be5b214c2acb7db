//! Fetching a token file from the site that a name leads to now.

use super::Observer;
use super::sites::{Limits, Site};
use crate::domain::observation::Met;
use crate::domain::time::Millis;
use crate::domain::token_file::{Fetched, FileSeen, WantedFile};
use crate::probe::page::Most;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use std::time::Duration;

/// Fetching takes no longer, redirects and all.
const PATIENCE: Duration = Duration::from_secs(10);
/// Questions to resolvers on the way.
const QUESTIONS: usize = 60;
/// Addresses of a name that are tried, until one gives a page.
const ADDRESSES: usize = 4;
/// A token file is short; what is longer is none.
const LIMITS: Limits = Limits { redirects: 5, most: Most { answer_bytes: 65_536, body_chars: 65_536 } };

/// Fetches token files; implemented by [`Observer`], and by scripts in tests.
pub trait Visit: Send + Sync {
    /// Fetches one. Never fails: what could not be had is said in what was seen.
    fn file<'a>(&'a self, wanted: &'a WantedFile, at: Millis) -> BoxFuture<'a, FileSeen>;
}

impl Visit for Observer {
    fn file<'a>(&'a self, wanted: &'a WantedFile, at: Millis) -> BoxFuture<'a, FileSeen> {
        self.fetch(wanted, at).boxed()
    }
}

impl Observer {
    async fn fetch(&self, wanted: &WantedFile, at: Millis) -> FileSeen {
        let inquiry = self.inquirer.begin(at, PATIENCE, QUESTIONS);
        let site = Site { observer: self, inquiry: &inquiry, host: &wanted.host, path: &wanted.path, limits: LIMITS };
        let mut seen = FileSeen {
            wanted: wanted.clone(),
            redirects: Vec::new(),
            fetched: Fetched::NotAsked("our resolvers know no address of the name".into()),
        };
        for address in inquiry.addresses(&wanted.host).await.into_iter().take(ADDRESSES) {
            (seen.redirects, seen.fetched) = judge(site.follow(address, &wanted.path).await, wanted);
            if !matches!(seen.fetched, Fetched::Nothing(_)) {
                break;
            }
        }
        seen
    }
}

fn judge(met: Met, wanted: &WantedFile) -> (Vec<String>, Fetched) {
    let nothing = |why: &str| (Vec::new(), Fetched::Nothing(why.to_owned()));
    match met {
        Met::Page { redirects, status, body, .. } => (redirects, Fetched::page(status, &body, wanted)),
        Met::Astray { redirects, why } => (redirects, Fetched::Nothing(why)),
        Met::Refused => nothing("nothing listens on port 80"),
        Met::TimedOut => nothing("port 80 does not answer"),
        Met::Reset => nothing("the connection was cut"),
        Met::NotHttp => nothing("port 80 speaks something else than HTTP"),
        Met::Private => nothing("its address is not public"),
        Met::Failed(why) => nothing(&why),
    }
}
