//! Use cases around what removed domains have left in DNS.

use super::broken;
use super::desk::Desk;
use crate::domain::record::Wanted;
use crate::domain::role::Act;
use crate::store::Leftover;
use crate::wire::domain::{LeftRecord, LeftoverView};
use crate::wire::error::Refusal;

impl Desk {
    /// Removed domains whose records still point here, the last removed first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn leftovers(&self) -> Result<Vec<LeftoverView>, Refusal> {
        self.caller.must(Act::See)?;
        let found = self.console.store.leftovers(&self.caller.scope()).await.map_err(|e| broken(&e))?;
        Ok(found.into_iter().map(|one| self.leftover(one)).collect())
    }

    fn leftover(&self, one: Leftover) -> LeftoverView {
        let Leftover { stored, removed_at, checked_at, found } = one;
        let left = stored.setup.wanted(&self.console.house.place);
        let left = left.into_iter().filter(|wanted| found.contains(&wanted.host));
        let record = |Wanted { rtype, host, value, .. }| LeftRecord { host, rtype, value };
        LeftoverView {
            id: stored.setup.id.to_string(),
            domain: stored.setup.hostname.to_string(),
            removed_at: removed_at.into(),
            checked_at: checked_at.map(Into::into),
            records: left.map(record).collect(),
        }
    }
}
