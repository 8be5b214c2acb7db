//! The one site beside the Console that a page's reader may be asked to reach: the server provides where to allow it.

use leptos::prelude::use_context;
use std::sync::Arc;

/// Where a page says which site its reader's browser asks.
#[derive(Clone)]
pub struct AskedSite(Arc<dyn Fn(&str) + Send + Sync>);

impl AskedSite {
    /// Takes what allows it.
    #[must_use]
    pub fn new(allow: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(allow))
    }

    /// Allows it: `https://` and the name of a domain, before the page's head has gone out.
    pub fn allow(site: &str) {
        if let Some(Self(allow)) = use_context::<Self>() {
            allow(site);
        }
    }
}
