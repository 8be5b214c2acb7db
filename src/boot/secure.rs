//! Addresses as an operator names them: of services outside, over HTTPS or on this machine; and the Console's own.

/// What switches one off.
const OFF: &str = "off";

/// Whether an address will do.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn url(text: &str) -> Result<(), String> {
    let is_loopback = |url: &url::Url| match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    let parsed = url::Url::parse(text).ok();
    let sound = parsed.is_some_and(|url| url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)));
    if sound { Ok(()) } else { Err(format!("{text:?} is not an https URL")) }
}

/// The same, or none.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn or_off(text: String) -> Result<Option<String>, String> {
    if text == OFF {
        return Ok(None);
    }
    url(&text).map(|()| Some(text))
}

/// The Console's own address as links begin with it: without a slash at its end. Its scheme comes in small letters, however it
/// was typed, since the session's cookie is told by it whether it is secure. None when it is no address of pages.
pub(super) fn base(text: &str) -> Option<String> {
    let parsed = url::Url::parse(text).ok()?;
    let scheme = parsed.scheme();
    let rest = text.get(scheme.len()..).filter(|_| matches!(scheme, "http" | "https") && parsed.has_host())?;
    Some(format!("{scheme}{}", rest.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_consoles_own_address_is_known_as_secure_however_it_is_typed() {
        for (typed, read) in [
            ("https://console.test/", Some("https://console.test")),
            ("HTTPS://Console.test", Some("https://Console.test")),
            ("Http://127.0.0.1:3000//", Some("http://127.0.0.1:3000")),
            ("ftp://console.test", None),
            ("console.test", None),
            ("https://", None),
        ] {
            assert_eq!(base(typed).as_deref(), read, "{typed}");
        }
    }

    #[test]
    fn only_https_and_this_machine_will_do() {
        assert_eq!(or_off("off".into()), Ok(None));
        for good in ["https://data.iana.org/rdap/dns.json", "http://127.0.0.1:80/x", "http://[::1]/"] {
            assert_eq!(or_off(good.into()), Ok(Some(good.into())));
        }
        for bad in ["http://data.iana.org/", "ftp://127.0.0.1/", "data.iana.org", "http://localhost/"] {
            assert!(or_off(bad.into()).is_err(), "{bad}");
        }
    }
}
