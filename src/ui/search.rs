//! What an address asks of the domain list, and the address that asks for it.

use crate::wire::list::Search;
use leptos_router::params::ParamsMap;

/// What an address asks for.
#[must_use]
pub fn asked(query: &ParamsMap) -> Search {
    let get = |name| query.get(name).unwrap_or_default();
    Search {
        q: get("q"),
        view: get("view"),
        domain_status: get("domain_status"),
        ssl_status: get("ssl_status"),
        agency: get("agency"),
        code: get("code"),
        cause: get("cause"),
        customer: get("customer"),
        sort: get("sort"),
        limit: None,
        cursor: get("cursor"),
    }
}

/// The address that asks for it.
#[must_use]
pub fn address(search: &Search) -> String {
    search.address("/domains", &[])
}

/// Whether anything but a quick view, an order or a page leaves domains out.
#[must_use]
pub fn is_narrow(search: &Search) -> bool {
    let Search { view, sort, cursor, .. } = search.clone();
    *search != Search { view, sort, cursor, ..Search::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_keeps_what_was_asked() {
        let search = Search { q: "court".into(), ssl_status: "active".into(), ..Search::default() };
        let next = Search { cursor: "c=1".into(), ..search.clone() };
        assert_eq!(address(&next), "/domains?q=court&ssl_status=active&cursor=c%3D1");
        assert_eq!(address(&Search::default()), "/domains");
        let viewed = Search { view: "active".into(), sort: "-status".into(), cursor: "x".into(), ..Search::default() };
        assert!(is_narrow(&search) && !is_narrow(&viewed));
    }
}
