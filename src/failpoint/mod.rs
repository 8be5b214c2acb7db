//! Named points at which a test may stop, fail or hold up the product: around every write of a domain's story and every
//! call out of it.
//!
//! A point asks whether its task runs inside [`watched`], which only tests do: production pays one look at the task's own
//! slot, and neither configuration nor network has a door to it. Tests run side by side and never meet each other's
//! points. A cargo feature was refused: it means a second build, and tests of other code than what is shipped.
//!
//! This folder knows nothing of what happens between its points.

use futures::future::BoxFuture;
use std::fmt;
use std::sync::Arc;

macro_rules! acts {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $moments:expr;)+) => {
        /// What is done between two points.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Act {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Act {
            /// Every one: the table of points.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its stable name.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// The moments at which it can be met.
            #[must_use]
            pub const fn moments(self) -> &'static [Moment] {
                match self { $(Self::$name => $moments,)+ }
            }
        }
    };
}

acts! {
    /// A person adds a domain.
    AddDomain = "store.add_domain", TRANSACTION;
    /// A person changes settings.
    Settings = "store.settings", TRANSACTION;
    /// A person removes a domain, switches it, or asks for a renewal or a revocation.
    Happen = "store.happen", TRANSACTION;
    /// A person asks for a look, or opens a page.
    Ask = "store.ask", TRANSACTION;
    /// A worker takes domains that are due.
    Claim = "store.claim", CALL;
    /// A worker writes down what happened.
    Record = "store.record", TRANSACTION;
    /// A worker reads what somebody else wrote meanwhile.
    Reload = "store.reload", CALL;
    /// A worker keeps a domain for longer.
    Extend = "store.extend", CALL;
    /// A worker gives a domain back.
    Release = "store.release", CALL;
    /// A worker asks our own accounting whether a CA has a place for an order.
    OrderWaits = "store.order_waits", CALL;
    /// A worker reads an order's signing request.
    SigningKey = "store.signing_key", CALL;
    /// The responder's memory is made equal to the store.
    ShowChallenges = "mirror.challenges", CALL;
    /// The edge's memory is made equal to the store.
    ServeSite = "mirror.site", CALL;
    /// A look at a domain's DNS.
    Look = "dns.look", CALL;
    /// A look at our own name servers, before the CA is told to look there.
    Shows = "dns.shows", CALL;
    /// An order is opened at the CA.
    OpenOrder = "ca.open", CALL;
    /// The CA is asked what it wants to see.
    Proof = "ca.proof", CALL;
    /// The CA is told to go on: validate, finalize, download.
    Advance = "ca.advance", CALL;
    /// The CA is asked when it would like a certificate renewed.
    AskRenewal = "ca.renewal", CALL;
    /// The CA is told to revoke a certificate.
    Revoke = "ca.revoke", CALL;
    /// A CA's list of revoked certificates is read.
    ReadList = "ca.list", CALL;
    /// A handshake with the edge.
    Handshake = "edge.handshake", CALL;
    /// A mail or message is given to whoever takes it.
    Deliver = "post.deliver", CALL;
    /// What came of that is written down.
    NoteDelivery = "store.note_delivery", TRANSACTION;
}

const TRANSACTION: &[Moment] = &[Moment::Before, Moment::Commit, Moment::After];
const CALL: &[Moment] = &[Moment::Before, Moment::After];

/// Where in an act a point lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Nothing was done yet.
    Before,
    /// A transaction is begun and not committed; its last statements go with the commit.
    Commit,
    /// It is done, and whoever asked for it has not heard so.
    After,
}

/// One point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Point {
    /// In which act.
    pub act: Act,
    /// Where in it.
    pub moment: Moment,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = match self.moment {
            Moment::Before => "before",
            Moment::Commit => "commit",
            Moment::After => "after",
        };
        write!(f, "{}.{moment}", self.act.word())
    }
}

/// A point that a test made fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed on purpose at {0}")]
pub struct Injected(pub Point);

/// For calls whose failures are words.
impl From<Injected> for String {
    fn from(injected: Injected) -> Self {
        injected.to_string()
    }
}

/// What a test does at a point: let it pass, fail it, or hold it up.
pub type Watch = Arc<dyn Fn(Point) -> BoxFuture<'static, Result<(), Injected>> + Send + Sync>;

tokio::task_local! {
    static WATCH: Watch;
}

/// Runs `work` with every point in it under `watch`; tasks that it spawns are not.
pub async fn watched<T>(watch: Watch, work: impl Future<Output = T>) -> T {
    WATCH.scope(watch, work).await
}

/// Passes a point.
///
/// # Errors
/// When a test made it fail.
pub async fn reach(act: Act, moment: Moment) -> Result<(), Injected> {
    match WATCH.try_with(Arc::clone) {
        Ok(watch) => watch(Point { act, moment }).await,
        Err(_) => Ok(()),
    }
}

/// Makes a call between its two points.
///
/// # Errors
/// The call's own, or a point that a test made fail.
pub async fn around<T, E: From<Injected>>(act: Act, call: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    reach(act, Moment::Before).await?;
    let outcome = call.await;
    reach(act, Moment::After).await?;
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    fn failing(act: Act) -> Watch {
        Arc::new(move |point| {
            let outcome = if point.act == act { Err(Injected(point)) } else { Ok(()) };
            std::future::ready(outcome).boxed()
        })
    }

    #[tokio::test]
    async fn only_a_watched_task_meets_its_points() {
        let call = |act| around(act, async { Ok::<_, Injected>(()) });
        let met = watched(failing(Act::Look), async { (call(Act::Look).await, call(Act::Claim).await) }).await;
        let before = Point { act: Act::Look, moment: Moment::Before };
        assert_eq!(met, (Err(Injected(before)), Ok(())));
        let beside = watched(failing(Act::Look), async { tokio::spawn(call(Act::Look)).await.unwrap() }).await;
        assert_eq!((beside, call(Act::Look).await), (Ok(()), Ok(())));
    }

    #[test]
    fn points_have_names_of_their_own() {
        let points =
            Act::ALL.iter().flat_map(|act| act.moments().iter().map(|moment| Point { act: *act, moment: *moment }));
        let mut names: Vec<String> = points.map(|point| point.to_string()).collect();
        assert!(names.contains(&"store.record.commit".to_owned()), "{names:?}");
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
