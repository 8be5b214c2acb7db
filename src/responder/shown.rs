//! The handle by which the worker changes what the responder shows.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::zone::{Zone, ZoneProblem};

/// The current generation of the zone, shared by its writers and the sockets. Cloning gives another handle to the same.
///
/// Writers take turns and build the next generation aside, so readers wait only for a pointer to change. When a change
/// returns, the next answer has it.
#[derive(Debug, Clone)]
pub struct Shown {
    current: Arc<watch::Sender<Arc<Zone>>>,
    turn: Arc<Mutex<()>>,
}

impl Shown {
    /// Shows `zone` as it is.
    pub fn new(zone: Zone) -> Self {
        Self { current: Arc::new(watch::Sender::new(Arc::new(zone))), turn: Arc::default() }
    }

    /// Puts a TXT value on show at `label`, relative to the apex. A value that is there already stays, without a new serial.
    pub fn show(&self, label: &str, value: &str) -> Result<(), ZoneProblem> {
        self.change(|zone| if zone.shows(label, value) { Ok(None) } else { zone.showing(label, value).map(Some) })
    }

    /// Takes a value away. One that is not there is no error.
    pub fn hide(&self, label: &str, value: &str) {
        // Hiding has no way to fail.
        let _: Result<(), ZoneProblem> =
            self.change(|zone| Ok(zone.shows(label, value).then(|| zone.hiding(label, value))));
    }

    /// Shows exactly these values at one label. On an error nothing changes.
    pub fn show_at(&self, label: &str, values: &[String]) -> Result<(), ZoneProblem> {
        self.change(|zone| zone.with_values_at(label, values).map(|next| (!next.same_values(zone)).then_some(next)))
    }

    /// Shows exactly these values: after a start, or when another node has changed the store. On an error nothing changes.
    pub fn replace_all<L, V>(&self, values: impl IntoIterator<Item = (L, V)>) -> Result<(), ZoneProblem>
    where
        L: AsRef<str>,
        V: AsRef<str>,
    {
        self.change(|zone| zone.with_values(values).map(|next| (!next.same_values(zone)).then_some(next)))
    }

    /// The generation that answers are given from.
    pub fn zone(&self) -> Arc<Zone> {
        Arc::clone(&self.current.borrow())
    }

    /// Tells of each new generation.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Zone>> {
        self.current.subscribe()
    }

    fn change(&self, next: impl FnOnce(&Zone) -> Result<Option<Zone>, ZoneProblem>) -> Result<(), ZoneProblem> {
        // The lock guards nothing but the order of writers, so one that panicked has left nothing half done.
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let zone = self.zone();
        if let Some(next) = next(&zone)? {
            self.current.send_replace(Arc::new(next));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(serial: u32) -> Shown {
        Shown::new(Zone::new("dcv.test", ["ns.test"], serial).unwrap())
    }

    #[test]
    fn a_change_is_a_generation_and_a_repetition_is_none() {
        let shown = shown(u32::MAX);
        shown.show("a", "1").unwrap();
        assert_eq!(shown.zone().serial(), 0, "serials wrap");
        shown.show("a", "1").unwrap();
        shown.hide("a", "2");
        shown.hide("b", "1");
        shown.replace_all([("a", "1")]).unwrap();
        shown.show_at("a", &["1".into()]).unwrap();
        shown.show_at("b", &[]).unwrap();
        assert_eq!(shown.zone().serial(), 0);
        shown.hide("a", "1");
        assert_eq!((shown.zone().serial(), shown.zone().value_count()), (1, 0));
    }

    #[test]
    fn one_labels_values_are_replaced_and_no_others() {
        let shown = shown(0);
        shown.replace_all([("a", "1"), ("a", "2"), ("b", "1")]).unwrap();
        shown.show_at("a", &["2".into(), "3".into()]).unwrap();
        let zone = shown.zone();
        assert!(!zone.shows("a", "1") && zone.shows("a", "2") && zone.shows("a", "3") && zone.shows("b", "1"));
        shown.show_at("a", &[]).unwrap();
        assert_eq!(shown.zone().value_count(), 1);
    }

    #[test]
    fn a_refused_change_leaves_everything_as_it_was() {
        let shown = shown(1);
        shown.show("a", "1").unwrap();
        let watching = shown.subscribe();
        shown.replace_all([("b", "1"), ("B", "1")]).unwrap_err();
        shown.show("a", "").unwrap_err();
        assert!(shown.zone().shows("a", "1") && !watching.has_changed().unwrap());
    }

    #[test]
    fn writers_side_by_side_lose_nothing() {
        let shown = shown(0);
        let start = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let (shown, start) = (&shown, &start);
                scope.spawn(move || {
                    start.wait();
                    for n in 0..500 {
                        shown.show(&format!("l{n}"), &format!("v{writer}")).unwrap();
                        assert!(shown.zone().shows(&format!("l{n}"), &format!("v{writer}")));
                    }
                });
            }
        });
        assert_eq!((shown.zone().value_count(), shown.zone().serial()), (2_000, 2_000));
    }
}
