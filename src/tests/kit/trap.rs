//! A trap at one of the product's named points: whoever comes there is killed, fails, or sleeps until it is woken.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use padlock::failpoint::{Injected, Point, Watch};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// What happens to whoever steps into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process is gone at that line.
    Abort,
    /// What was called fails.
    Fail,
    /// The process sleeps for longer than its lease.
    Stall,
}

/// What a test looks at whenever a point is passed.
pub(crate) type Look = Box<dyn Fn(Point, bool) -> BoxFuture<'static, ()> + Send + Sync>;

/// A trap, set or not; clones are the same one.
#[derive(Clone)]
pub(crate) struct Trap(Arc<Inner>);

struct Inner {
    /// What happens, and at which of the points that are passed, counted from one.
    set: Option<(Fault, usize)>,
    look: Look,
    passed: Mutex<Vec<Point>>,
    met: Mutex<Option<Point>>,
    /// What somebody else does when a point is passed next.
    meanwhile: Mutex<Option<(Point, BoxFuture<'static, ()>)>>,
    /// A point that fails once, in every story.
    stumble: Mutex<Option<Point>>,
    sprung: Notify,
    woken: Notify,
}

impl Trap {
    pub(crate) fn new(set: Option<(Fault, usize)>, look: Look) -> Self {
        Self(Arc::new(Inner {
            set,
            look,
            passed: Mutex::default(),
            met: Mutex::default(),
            meanwhile: Mutex::default(),
            stumble: Mutex::default(),
            sprung: Notify::new(),
            woken: Notify::new(),
        }))
    }

    /// For whoever may step into it.
    pub(crate) fn watch(&self) -> Watch {
        let trap = self.clone();
        Arc::new(move |point| {
            let trap = trap.clone();
            async move { trap.pass(point).await }.boxed()
        })
    }

    /// The next one to pass this point finds that somebody has done this in the meantime.
    pub(crate) fn meanwhile(&self, point: Point, done: impl Future<Output = ()> + Send + 'static) {
        *self.0.meanwhile.lock().unwrap() = Some((point, done.boxed()));
    }

    /// The next one to pass this point fails there, whatever the trap does.
    pub(crate) fn stumble(&self, point: Point) {
        *self.0.stumble.lock().unwrap() = Some(point);
    }

    /// Until somebody was killed or sent to sleep.
    pub(crate) async fn sprung(&self) {
        self.0.sprung.notified().await;
    }

    /// Wakes the sleeper.
    pub(crate) fn wake(&self) {
        self.0.woken.notify_one();
    }

    /// Where somebody stepped into it.
    pub(crate) fn met(&self) -> Option<Point> {
        *self.0.met.lock().unwrap()
    }

    /// Every point that was passed so far.
    pub(crate) fn passed(&self) -> Vec<Point> {
        self.0.passed.lock().unwrap().clone()
    }

    async fn pass(&self, point: Point) -> Result<(), Injected> {
        let number = {
            let mut passed = self.0.passed.lock().unwrap();
            passed.push(point);
            passed.len()
        };
        let meanwhile = self.0.meanwhile.lock().unwrap().take_if(|(at, _)| *at == point);
        if let Some((_, done)) = meanwhile {
            done.await;
        }
        let fault = self.0.set.filter(|(_, at)| *at == number).map(|(fault, _)| fault);
        if fault.is_some() {
            *self.0.met.lock().unwrap() = Some(point);
        }
        (self.0.look)(point, self.met().is_some()).await;
        if self.0.stumble.lock().unwrap().take_if(|at| *at == point).is_some() {
            return Err(Injected(point));
        }
        match fault {
            None => Ok(()),
            Some(Fault::Fail) => Err(Injected(point)),
            Some(Fault::Abort) => {
                self.0.sprung.notify_one();
                std::future::pending().await
            }
            Some(Fault::Stall) => {
                self.0.sprung.notify_one();
                self.0.woken.notified().await;
                Ok(())
            }
        }
    }
}
