//! A client for each configured CA, with its account's key: made and stored before the CA first hears of us.

use super::authorities::Authority;
use super::serve::Trouble;
use crate::acme::Ca;
use crate::acme::account::AccountKey;
use crate::acme::client::{AcmeCa, CaSettings};
use crate::store::Store;
use crate::worker::clock::Clock;
use std::sync::Arc;

/// The clients in the operator's order. No CA is asked anything yet: one that is down keeps nobody from starting.
pub(super) async fn clients(
    authorities: &[Authority],
    store: &Store,
    clock: &Clock,
) -> Result<Vec<Arc<dyn Ca>>, Trouble> {
    let mut clients: Vec<Arc<dyn Ca>> = Vec::new();
    for authority in authorities {
        let key = account_key(store, authority, clock).await?;
        let Authority { name, directory, contact, roots_pem, profile, external_account, caa, limits } =
            authority.clone();
        let settings = CaSettings {
            name,
            directory_url: directory,
            contact,
            roots_pem,
            profile,
            external_account,
            caa_identities: caa,
            limits,
            ..CaSettings::default()
        };
        clients.push(Arc::new(AcmeCa::new(settings, key)?));
    }
    Ok(clients)
}

async fn account_key(store: &Store, ca: &Authority, clock: &Clock) -> Result<AccountKey, Trouble> {
    let (name, directory) = (&ca.name, &ca.directory);
    if store.acme_account(name, directory).await?.is_none() {
        let made = AccountKey::generate()?;
        store.save_acme_account(name, directory, made.pkcs8_der(), "", clock.now()).await?;
    }
    // Read back in any case: another node may have been first, and its key is the one that counts.
    let stored = store.acme_account(name, directory).await?.ok_or("the account's key is not where it was stored")?;
    Ok(AccountKey::from_pkcs8(stored.credentials)?)
}
