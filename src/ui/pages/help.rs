//! Help: how a domain goes live, where records are added, and what the words mean.

use crate::domain::catalogue::Code;
use crate::domain::record::Purpose;
use crate::ui::parts::heading::Heading;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page; the same for everybody, signed in or not.
#[component]
pub fn HelpPage() -> impl IntoView {
    let records = Purpose::ALL.map(|purpose| {
        view! {
            <div class="facts__row">
                <dt>{purpose.label()}</dt>
                <dd>{purpose.explanation()}</dd>
            </div>
        }
    });
    let codes = Code::ALL.iter().map(|code| {
        view! {
            <div class="facts__row" id=code.word()>
                <dt>
                    <code>{code.word()}</code>
                </dt>
                <dd>{format!("{} Who can fix it: {}.", code.meaning(), code.owner().label())}</dd>
            </div>
        }
    });
    view! {
        <Title text="Help" />
        <Heading text="Help" />
        <section class="prose">
            <h2>"How a web domain goes live"</h2>
            <ol>
                <li>"Add the web domain in the Console."</li>
                <li>"Copy the DNS records that its page shows, and add them where your DNS is managed."</li>
                <li>"Wait on the page, or come back later: we look at your name servers all the time."</li>
                <li>"When the two SSL records are there, we get the certificate and install it."</li>
                <li>"When the Domain Routing record is there too, the domain is live. We renew the certificate by ourselves."</li>
            </ol>
            <h2>"The three records"</h2>
            <dl class="facts">{records.into_iter().collect_view()}</dl>
            <h2>"When a record is not found"</h2>
            <ul>
                <li>"Many DNS providers add your domain to the host by themselves: enter only the short host that the page shows."</li>
                <li>"A new record may take some minutes until every name server has it. The page says which ones do."</li>
                <li>"Each record is of one type. A CNAME does not work as TXT, nor the other way round."</li>
            </ul>
            <h2>"What the codes mean"</h2>
            <p>"Every finding has a code, here in the order in which causes are looked for."</p>
            <dl class="facts">{codes.collect_view()}</dl>
            <h2>"When nothing helps"</h2>
            <p>"The domain's page names the cause and who can mend it. If 72 hours have passed without a change, write to whoever gave you your account, and send them the page's address."</p>
        </section>
    }
}
