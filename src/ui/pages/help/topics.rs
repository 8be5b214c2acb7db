//! What people ask, answered in the Console's own words.

use crate::domain::record::Purpose;
use leptos::prelude::*;

/// What SSL and HTTPS are.
#[component]
pub fn Https() -> impl IntoView {
    view! {
        <p>
            "An address that begins with https:// opens an encrypted connection: nobody between a visitor and your portal can read or change what is sent. The browser's padlock says that it is so."
        </p>
        <p>
            "For that the portal shows a certificate, which a certificate authority gives only to somebody who has proved that they control the domain. People still say SSL; the protocol in use today is TLS. They mean the same certificate."
        </p>
        <p>
            "Certificates last for weeks, not years. We renew yours by ourselves, for as long as the two SSL records stay in your DNS."
        </p>
    }
}

/// From Add Web Domain to live.
#[component]
pub fn Live() -> impl IntoView {
    view! {
        <ol>
            <li>"Add the web domain in the Console."</li>
            <li>"Copy the DNS records that its page shows, and add them where your DNS is managed."</li>
            <li>"Wait on the page, or come back later: we look at your name servers all the time."</li>
            <li>"When the two SSL records are there, we get the certificate and install it."</li>
            <li>
                "When the Domain Routing record is there too, the domain is live. We renew the certificate by ourselves."
            </li>
        </ol>
    }
}

/// What each record does.
#[component]
pub fn Records() -> impl IntoView {
    let records = Purpose::ALL.map(|purpose| {
        view! {
            <div class="facts__row" id=format!("record-{}", purpose.word())>
                <dt>{purpose.label()}</dt>
                <dd>{purpose.explanation()}</dd>
            </div>
        }
    });
    view! {
        <dl class="facts">{records.into_iter().collect_view()}</dl>
        <p>
            "A TXT record holds a text that we look for. A CNAME record is a signpost: it says that the answer for one name is found at another name. Leave all three where they are after the domain is live: the DCV record is read again at every renewal."
        </p>
    }
}

/// The usual slips.
#[component]
pub fn Places() -> impl IntoView {
    view! {
        <ul>
            <li>
                "Many DNS providers add your domain to the host by themselves: enter only the short host that the page shows. Otherwise the name becomes portal.court.gov.court.gov."
            </li>
            <li>
                "The records belong where your domain's name servers are, which may be another company than the one that sold you the domain. The page names the provider that we recognise."
            </li>
            <li>
                "A new record may take some minutes until every name server has it. The page says which ones do, and when an old answer has run out."
            </li>
            <li>"Each record is of one type. A CNAME does not work as TXT, nor the other way round."</li>
            <li>"Paste the value as it is, without quotation marks or spaces around it."</li>
            <li>
                "A CNAME can't share its host with another record. What stands there already, such as an A record, has to go first."
            </li>
        </ul>
    }
}

/// Status not active.
#[component]
pub fn Active() -> impl IntoView {
    view! {
        <p>
            "A domain has two statuses. Domain Status says whether you have proved that it is yours and whether its visitors come here; SSL Status says how far its certificate is. Both read Active when all is well."
        </p>
        <p>
            "When one of them does not, the domain's page begins with the cause, who can mend it, and the one thing to do. Everything else on the page may be a consequence of it. Mend the first, then press Refresh: we look at once."
        </p>
        <p>
            "We look again by ourselves: every few seconds while the page is open, otherwise after a minute at first and then more and more rarely. After seven days without a change we look once a day, and nothing is deleted."
        </p>
    }
}

/// Certificate not issuing.
#[component]
pub fn Issuing() -> impl IntoView {
    view! {
        <p>
            "A certificate is asked for as soon as the two SSL records are seen on all of your domain's name servers. From then on it takes seconds. When it does not come, it is most often one of these:"
        </p>
        <ul>
            <li>"One of the name servers still gives an old answer. The page says which one."</li>
            <li>
                "A CAA record of your domain, or of the domain above it, allows other certificate authorities only. The page shows the record to add."
            </li>
            <li>
                "The domain's DNSSEC signatures do not fit: resolvers that check them get no answer at all, whatever the records say."
            </li>
            <li>
                "The certificate authority's limit is reached: SSL Status reads Rate Limited until the time that the page names. Nothing has to be done."
            </li>
            <li>"The certificate authority is out of order. We try again by ourselves."</li>
        </ul>
    }
}

/// SSL handshake failed.
#[component]
pub fn Handshake() -> impl IntoView {
    view! {
        <p>
            "Visitors read this, or a code such as ERR_SSL_PROTOCOL_ERROR, when the other end of the connection has no certificate for the name that they asked for."
        </p>
        <ul>
            <li>
                "The Domain Routing record was switched before the certificate was ready. Wait until SSL Status is Active: it takes minutes at most."
            </li>
            <li>
                "An old AAAA or A record beside the CNAME leads some visitors to the former server. The page names it."
            </li>
            <li>
                "The network that the visitor is on opens encrypted connections and closes them again with a certificate of its own. Try from a phone without Wi-Fi: if it works there, your network administrator has to exempt the domain."
            </li>
            <li>"The name is another one than you added: www.court.gov and court.gov are two domains here."</li>
        </ul>
    }
}
