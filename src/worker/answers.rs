//! The part of the mirror that the edge answers over plain HTTP: challenges, and token files.

use super::mirror::Mirror;
use crate::domain::id::DomainId;
use crate::edge::{Answers, Sites};
use crate::store::StoreError;
use std::collections::HashMap;

impl Mirror {
    /// Makes the edge answer what the store says it should for one domain's name.
    pub(super) async fn sync_answers(&self, sites: &Sites, domain: &DomainId) -> Result<(), StoreError> {
        self.newest(|| async move {
            let read = self.latest.begin();
            let Some(answered) = self.store.answers(domain).await? else { return Ok(true) };
            let host = answered.hostname;
            let answers = Answers { challenges: answered.challenges, files: answered.files };
            // Another place than the site's: both are kept by the same order of reads.
            Ok(self.latest.swap(&format!("http://{host}"), read, || sites.answer(&host, answers)))
        })
        .await
    }

    pub(super) async fn load_answers(&self) -> Result<(), StoreError> {
        let Some(sites) = &self.sites else { return Ok(()) };
        let _alone = self.loading.write().await;
        let mut all: HashMap<String, Answers> = HashMap::new();
        for (host, challenge) in self.store.answered_challenges().await? {
            all.entry(host).or_default().challenges.push(challenge);
        }
        let mut after = None;
        loop {
            let page = self.store.answered_files(after.as_ref()).await?;
            for answered in page.items {
                all.entry(answered.hostname).or_default().files.extend(answered.files);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        sites.answer_only(all);
        Ok(())
    }
}
