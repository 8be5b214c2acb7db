//! Which parts a node runs.

use std::fmt;

/// Which parts a node runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// The Console and the REST API.
    pub console: bool,
    /// The reconciler.
    pub worker: bool,
    /// The DCV zone's server.
    pub dns: bool,
    /// The TLS edge.
    pub edge: bool,
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [("console", self.console), ("worker", self.worker), ("dns", self.dns), ("edge", self.edge)];
        let mut between = "";
        for (word, _) in all.into_iter().filter(|(_, runs)| *runs) {
            write!(f, "{between}{word}")?;
            between = ",";
        }
        Ok(())
    }
}

impl Roles {
    /// Reads their words.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn named(words: &[String]) -> Result<Self, String> {
        let mut roles = Self::default();
        for word in words {
            match word.as_str() {
                "console" => roles.console = true,
                "worker" => roles.worker = true,
                "dns" => roles.dns = true,
                "edge" => roles.edge = true,
                other => return Err(format!("{other:?} is none of console, worker, dns, edge")),
            }
        }
        if roles == Self::default() {
            Err("expected at least one of console, worker, dns, edge".into())
        } else {
            Ok(roles)
        }
    }
}
