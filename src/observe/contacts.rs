//! Whom the DNS of a name and of those above it names as a contact, and whether mail can be taken there at all.

use super::Observer;
use crate::domain::approver::{CONTACT_LABEL, caa_contact, constructed, contacts};
use crate::domain::observation::{Answer, Kind, Message};
use crate::domain::time::Millis;
use crate::resolve::Inquiry;
use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};
use std::time::Duration;

/// A person waits for the answer.
const PATIENCE: Duration = Duration::from_secs(6);
/// Questions of one search: five for each name, put to a few resolvers.
const QUESTIONS: usize = 120;

/// Where mail may be sent for approval, and where not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contacts {
    /// Addresses that can be asked, the closest to the domain first.
    pub addresses: Vec<String>,
    /// Names at which no mail is taken: they have neither mail server nor address.
    pub without_mail: Vec<String>,
}

/// Finds whom to ask; implemented by [`Observer`], and by scripts in tests.
pub trait Approvers: Send + Sync {
    /// The addresses at these names, the domain's own first.
    fn contacts<'a>(&'a self, names: &'a [String], at: Millis) -> BoxFuture<'a, Contacts>;
}

impl Approvers for Observer {
    fn contacts<'a>(&'a self, names: &'a [String], at: Millis) -> BoxFuture<'a, Contacts> {
        async move {
            let inquiry = self.inquirer.begin(at, PATIENCE, QUESTIONS);
            let each = join_all(names.iter().map(|name| at_name(&inquiry, name))).await;
            let mut found = Contacts::default();
            for (name, (constructed, written)) in names.iter().zip(each) {
                match constructed {
                    Some(addresses) => found.addresses.extend(addresses),
                    None => found.without_mail.push(name.clone()),
                }
                for address in written {
                    if !found.addresses.contains(&address) {
                        found.addresses.push(address);
                    }
                }
            }
            found
        }
        .boxed()
    }
}

/// The constructed addresses, where the name takes mail, and those that its DNS names.
async fn at_name(inquiry: &Inquiry<'_>, name: &str) -> (Option<Vec<String>>, Vec<String>) {
    let label = format!("{CONTACT_LABEL}.{name}");
    let (takes_mail, texts, lines) =
        tokio::join!(takes_mail(inquiry, name), ask(inquiry, &label, Kind::Txt), ask(inquiry, name, Kind::Caa));
    let named = lines.iter().filter_map(|line| caa_contact(line));
    let written = contacts(texts.iter().map(String::as_str).chain(named));
    let mut reached = Vec::new();
    for address in written {
        let host = address.rsplit('@').next().unwrap_or_default();
        if host == name && takes_mail || host != name && self::takes_mail(inquiry, host).await {
            reached.push(address);
        }
    }
    (takes_mail.then(|| constructed(name)), reached)
}

/// Whether mail for a name can be delivered: it has a mail server, or an address of its own (RFC 5321 §5.1), and does not
/// say that it takes none (RFC 7505).
async fn takes_mail(inquiry: &Inquiry<'_>, name: &str) -> bool {
    let servers = ask(inquiry, name, Kind::Mx).await;
    match servers.as_slice() {
        [] => !inquiry.addresses(name).await.is_empty(),
        [only] => !only.is_empty(),
        _ => true,
    }
}

/// The values that a validating resolver gives.
async fn ask(inquiry: &Inquiry<'_>, name: &str, kind: Kind) -> Vec<String> {
    let Some(door) = inquiry.resolvers().into_iter().next() else { return Vec::new() };
    let answer = inquiry.ask(&door, name, kind).await;
    let records = Answer::message(&answer).map(|message: &Message| message.records.as_slice()).unwrap_or_default();
    records.iter().filter(|record| record.kind == kind).map(|record| record.value.clone()).collect()
}
