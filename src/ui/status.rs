//! A page's HTTP status: the server provides where to write it.

use leptos::prelude::use_context;
use std::sync::Arc;

/// Where a page that could not be shown writes its status.
#[derive(Clone)]
pub struct PageStatus(Arc<dyn Fn(u16) + Send + Sync>);

impl PageStatus {
    /// Takes what writes it.
    #[must_use]
    pub fn new(write: impl Fn(u16) + Send + Sync + 'static) -> Self {
        Self(Arc::new(write))
    }

    /// Writes it, where there is somebody to read it.
    pub fn say(status: u16) {
        if let Some(Self(write)) = use_context::<Self>() {
            write(status);
        }
    }
}
