//! Orders that this process read a moment ago, so that the next call of the same walk need not read them again.
//!
//! Only a shortcut: whatever is not here is read from the CA, and an order is taken out by whoever uses it, so that a call
//! that failed is followed by one that reads anew.

use instant_acme::{Account, Error, Order};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// More than walks side by side: what is still here then was left behind.
const ORDERS: usize = 1_024;

/// Orders by their URL, as they were last read.
#[derive(Default)]
pub(super) struct InHand(Mutex<HashMap<String, Order>>);

impl InHand {
    /// The order as it was last read, else as the CA tells it now.
    pub(super) async fn take(&self, account: &Account, url: &str) -> Result<Order, Error> {
        let held = self.orders().remove(url);
        match held {
            Some(order) => Ok(order),
            None => account.order(url.to_owned()).await,
        }
    }

    /// Keeps an order for the next call; gives its URL.
    pub(super) fn keep(&self, order: Order) -> String {
        let url = order.url().to_owned();
        let mut orders = self.orders();
        if orders.len() >= ORDERS {
            orders.clear();
        }
        orders.insert(url.clone(), order);
        url
    }

    fn orders(&self) -> MutexGuard<'_, HashMap<String, Order>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
