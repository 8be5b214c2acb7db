//! A log that can still be read while everything fails: each place in the code may warn a few times a minute only.
//!
//! A database that is away is met by every walk and every page; the first lines say it, the others would fill a disk. What
//! is left out is counted.

use metrics::counter;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tracing::callsite::Identifier;
use tracing::{Event, Level, Metadata};
use tracing_subscriber::layer::{Context, Filter};

/// Warnings and errors of one place within [`WINDOW`].
const LINES: u32 = 8;
const WINDOW: Duration = Duration::from_secs(60);
const LEFT_OUT: &str = "padlock_log_lines_left_out_count";

/// Lets a few of the same through. There are as many windows as places in the code that warn.
#[derive(Debug, Default)]
pub(super) struct Few(Mutex<HashMap<Identifier, Window>>);

#[derive(Debug)]
struct Window {
    began: Instant,
    lines: u32,
}

impl Few {
    fn admits(&self, place: Identifier, now: Instant) -> bool {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry(place).or_insert(Window { began: now, lines: 0 });
        if now.duration_since(window.began) >= WINDOW {
            *window = Window { began: now, lines: 0 };
        }
        window.lines = window.lines.saturating_add(1);
        window.lines <= LINES
    }
}

impl<S> Filter<S> for Few {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        let grave = *event.metadata().level() <= Level::WARN;
        let admitted = !grave || self.admits(event.metadata().callsite(), Instant::now());
        if !admitted {
            counter!(LEFT_OUT).increment(1);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::Arc;
    use tracing_subscriber::filter::FilterExt as _;
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::{EnvFilter, Layer as _};

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn one_place_warns_a_few_times_and_hushes_no_other() {
        let paper = Paper::default();
        let writer = paper.clone();
        let lines = tracing_subscriber::fmt::layer().with_writer(move || writer.clone()).with_ansi(false);
        let log = tracing_subscriber::registry().with(lines.with_filter(Few::default().and(EnvFilter::new("info"))));
        let _here = tracing::subscriber::set_default(log);
        for n in 0..1_000 {
            tracing::error!(n, "the first place");
        }
        tracing::warn!("the second place");
        for n in 0..100 {
            tracing::info!(n, "plain news");
            tracing::debug!(n, "not asked for");
        }
        let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        let told = ["the first", "the second", "plain", "not asked"].map(|words| text.matches(words).count());
        assert_eq!(told, [LINES as usize, 1, 100, 0]);
    }

    #[test]
    fn the_next_minute_begins_anew() {
        let (few, now) = (Few::default(), Instant::now());
        let place = || Identifier(&PLACE);
        let admitted = |at| (0..20).filter(|_| few.admits(place(), at)).count();
        assert_eq!(
            [admitted(now), admitted(now + WINDOW / 2), admitted(now + WINDOW)],
            [LINES as usize, 0, LINES as usize]
        );
    }

    static PLACE: Place = Place;

    struct Place;

    impl tracing::Callsite for Place {
        fn set_interest(&self, _: tracing::subscriber::Interest) {}

        fn metadata(&self) -> &Metadata<'_> {
            unreachable!("only the identity of a place is looked at here")
        }
    }
}
