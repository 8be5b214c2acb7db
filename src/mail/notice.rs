//! The mail about a notice, in plain text and in HTML: what happened, to which certificate, what to do, and how to hear less.

use super::{Attachment, Letter};
use crate::domain::certificate::Source;
use crate::domain::finding::printable;
use crate::domain::notice::{Kind, Notice};
use crate::domain::time::Millis;
use crate::wire::when::When;

/// Why there is no way to hear less of a private key.
const ALWAYS: &str = "Whoever manages a domain always hears of this.";

/// What every mail says of where it comes from.
#[derive(Clone, Debug)]
pub struct House {
    /// The provider's own name.
    pub brand: String,
    /// Base of the Console's addresses, without a slash at its end.
    pub public_url: String,
    /// The edge hostname, where certificates are installed.
    pub edge: String,
}

/// What is written about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// What is told.
    pub notice: &'a Notice,
    /// When it happened.
    pub at: Millis,
    /// The domain's id.
    pub domain: &'a str,
    /// The customer's name.
    pub customer: &'a str,
}

/// Who is written to.
#[derive(Clone, Debug)]
pub struct Addressee {
    /// Their address.
    pub email: String,
    /// By which they are known to the pages that a mail leads to.
    pub token: String,
}

/// What the mail about a notice is about, in one line.
#[must_use]
pub fn subject(notice: &Notice, at: Millis) -> String {
    said(notice, at).0
}

/// The letter of a delivery; `chain_pem` is enclosed.
#[must_use]
pub fn letter(house: &House, told: About<'_>, to: &Addressee, id: &str, chain_pem: Option<String>) -> Letter {
    let words = Words::of(house, told);
    let chosen = told.notice.topic.filter(|topic| topic.is_choice()).map(|topic| {
        let (base, token, topic) = (&house.public_url, &to.token, topic.word());
        (format!("{base}/unsubscribe/{token}?topic={topic}"), format!("{base}/one-click/{token}?topic={topic}"))
    });
    let (page, one_click) = chosen.unzip();
    let enclosed = chain_pem.map(|text| Attachment {
        name: format!("{}.pem", told.notice.domain.replace("*.", "wildcard.")),
        kind: "application/pem-certificate-chain",
        text,
    });
    Letter {
        to: to.email.clone(),
        reply_to: None,
        text: words.text(page.as_deref()),
        html: Some(words.html(page.as_deref())),
        subject: words.subject,
        attachments: enclosed.into_iter().collect(),
        message_id: Some(id.to_owned()),
        unsubscribe: one_click,
    }
}

/// What a mail says, before it has a form.
struct Words {
    subject: String,
    lead: String,
    paragraphs: Vec<String>,
    /// Name and value.
    details: Vec<(&'static str, String)>,
    link: (String, String),
    brand: String,
}

impl Words {
    fn of(house: &House, told: About<'_>) -> Self {
        let notice = told.notice;
        let (subject, lead, mut paragraphs) = said(notice, told.at);
        if let Some(problem) = &notice.problem {
            paragraphs.push(printable(&problem.explanation));
            if !problem.fix.is_empty() {
                paragraphs.push(format!("What to do: {}", printable(&problem.fix)));
            }
        }
        let link = match notice.kind {
            // A removed domain has no page of its own.
            Kind::Dangling => ("Open the list of removed domains".to_owned(), "removed"),
            _ => (format!("Open {} in the Console", notice.domain), told.domain),
        };
        Self {
            subject: format!("{subject} [{}]", house.brand),
            lead,
            paragraphs,
            details: details(house, notice, told.customer),
            link: (link.0, format!("{}/domains/{}", house.public_url, link.1)),
            brand: house.brand.clone(),
        }
    }

    fn text(&self, unsubscribe: Option<&str>) -> String {
        let mut text = format!("{}\n\n", self.lead);
        for paragraph in &self.paragraphs {
            text.push_str(&format!("{paragraph}\n\n"));
        }
        for (name, value) in &self.details {
            text.push_str(&format!("{name}: {value}\n"));
        }
        text.push_str(&format!("\n{}:\n{}\n\n--\n{}\n", self.link.0, self.link.1, self.brand));
        match unsubscribe {
            Some(page) => {
                text.push_str(&format!("You chose to hear of this. Choose again, or unsubscribe:\n{page}\n"));
            }
            None => text.push_str(&format!("{ALWAYS}\n")),
        }
        text
    }

    fn html(&self, unsubscribe: Option<&str>) -> String {
        let why = unsubscribe.map_or_else(
            || ALWAYS.to_owned(),
            |page| {
                let page = escaped(page);
                format!(
                    "You chose to hear of this. \
                     <a href=\"{page}\" style=\"color:#005ea2\">Choose again, or unsubscribe</a>"
                )
            },
        );
        let paragraphs: String = self.paragraphs.iter().map(|one| format!("<p>{}</p>", escaped(one))).collect();
        let rows: String = self
            .details
            .iter()
            .map(|(name, value)| {
                format!("<tr><th scope=\"row\" align=\"left\">{name}</th><td>{}</td></tr>", escaped(value))
            })
            .collect();
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
             <body style=\"font-family:sans-serif;font-size:16px;line-height:1.5;color:#1b1b1b;background:#ffffff\">\
             <h1 style=\"font-size:20px\">{lead}</h1>{paragraphs}\
             <table cellpadding=\"6\" style=\"text-align:left\">{rows}</table>\
             <p><a href=\"{href}\" style=\"color:#005ea2\">{open}</a></p>\
             <p style=\"color:#565c65\">{brand}. {why}</p></body></html>",
            title = escaped(&self.subject),
            lead = escaped(&self.lead),
            href = escaped(&self.link.1),
            open = escaped(&self.link.0),
            brand = escaped(&self.brand),
        )
    }
}

/// Subject, first sentence, and what else is said.
fn said(notice: &Notice, at: Millis) -> (String, String, Vec<String>) {
    let name = &notice.domain;
    let title =
        notice.problem.as_ref().map_or_else(|| "something has to be done".to_owned(), |one| printable(&one.title));
    let left = notice.certificate.as_ref().map_or_else(String::new, |held| {
        let days = held.not_after.since(at).max(0) / crate::domain::time::DAY_MS;
        match days {
            0 => "less than a day".to_owned(),
            1 => "1 day".to_owned(),
            _ => format!("{days} days"),
        }
    });
    let install = "Our servers show it to every visitor from now on: nothing has to be installed or done. The public \
         certificate is attached, for whoever compares it with what a browser shows; a private key is never mailed.";
    let by_itself = notice.certificate.as_ref().is_none_or(|held| held.source == Source::Acme);
    let next = if by_itself {
        "It is renewed without anybody's help, as long as the records stay in DNS."
    } else {
        "It was uploaded, so that only people can replace it. We write again 30 days before its end."
    };
    match notice.kind {
        Kind::Deployed => (
            format!("The certificate of {name} is installed"),
            format!("{name} has its certificate, and it is installed."),
            vec![install.into(), next.into()],
        ),
        Kind::Renewed => (
            format!("The certificate of {name} was renewed"),
            format!("{name} has a new certificate, and it is installed."),
            vec![install.into()],
        ),
        Kind::RenewalFailing => (
            format!("The renewal of {name} is late: {left} left"),
            format!(
                "The certificate of {name} should have been renewed. It ends in {left}; visitors are served until then."
            ),
            vec!["We go on trying.".into()],
        ),
        Kind::Expiring => (
            format!("The certificate of {name} ends in {left}"),
            format!("The certificate that was uploaded for {name} ends in {left}."),
            vec!["Upload its successor on the domain's page, or let us get one.".into()],
        ),
        Kind::Revoked => (
            format!("The certificate of {name} was revoked"),
            format!("The certificate of {name} was revoked, and visitors may be warned of it."),
            vec!["A new one is asked for at once.".into()],
        ),
        Kind::KeyExposed => (
            format!("Strangers may have the private key of {name}"),
            format!("The private key of the certificate of {name} is on a list of compromised keys."),
            Vec::new(),
        ),
        Kind::Exported => exported(notice),
        Kind::Moved => (
            format!("{name} no longer leads here"),
            format!("Visitors of {name} go elsewhere since {}.", When(at).date_time()),
            vec!["Certificate and settings are kept. If this is meant, nothing has to be done.".into()],
        ),
        Kind::Dangling => (title, format!("{name} was removed, and its records are still in DNS."), Vec::new()),
        Kind::Resolved => {
            (format!("{name} is all right again"), format!("The trouble with {name} is over."), Vec::new())
        }
        Kind::ActionNeeded | Kind::Verified | Kind::Active | Kind::Issued | Kind::Uploaded => {
            (format!("{name}: {title}"), format!("{name} needs somebody: {title}."), Vec::new())
        }
    }
}

fn exported(notice: &Notice) -> (String, String, Vec<String>) {
    let name = &notice.domain;
    let by = notice.deed.as_ref().map_or_else(|| "Somebody".to_owned(), |deed| printable(&deed.actor));
    let what = notice.deed.iter().map(|deed| printable(&deed.summary));
    let whoever = format!(
        "Whoever has that file can pose as {name}. If you don't expect this, revoke the certificate at once, and ask who did it."
    );
    (
        format!("A private key of {name} was exported"),
        format!("{by} exported the certificate of {name} together with its private key."),
        what.chain([whoever]).collect(),
    )
}

fn details(house: &House, notice: &Notice, customer: &str) -> Vec<(&'static str, String)> {
    let mut details = vec![("Domain", notice.domain.clone()), ("Customer", printable(customer))];
    if let Some(held) = &notice.certificate {
        details.extend([
            ("Serial number", held.serial.clone()),
            ("Certificate Authority", printable(&held.authority)),
            ("Issued", When(held.not_before).date_time()),
            ("Expires", When(held.not_after).date_time()),
            ("SHA-256 fingerprint", held.fingerprint_sha256.clone()),
        ]);
    }
    if notice.kind.encloses() {
        details.push(("Installed at", house.edge.clone()));
    }
    details
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notice::{Deed, Trouble};
    use crate::domain::record::{Purpose, RecordType, Wanted};

    fn house() -> House {
        House { brand: "Padlock".into(), public_url: "https://console.test".into(), edge: "edge.test".into() }
    }

    fn to() -> Addressee {
        Addressee { email: "ana@court.test".into(), token: "token".into() }
    }

    fn notice(kind: Kind, text: &str) -> Notice {
        let words = || text.to_owned();
        let problem = Trouble { code: words(), title: words(), explanation: words(), fix: words() };
        let deed = Deed { actor: words(), summary: words() };
        Notice {
            kind,
            domain: "pay.court.test".into(),
            certificate: None,
            problem: Some(problem),
            deed: Some(deed),
            topic: None,
        }
    }

    #[test]
    fn records_of_a_removed_domain_are_named_with_the_way_to_their_list() {
        let record = |rtype, host: &str| {
            let (host, value) = (host.into(), "edge.test".into());
            Wanted { purpose: Purpose::Routing, rtype, host, value }
        };
        let left = [record(RecordType::Txt, "_padlock.pay.court.test"), record(RecordType::Cname, "pay.court.test")];
        let notice = Notice::dangling("pay.court.test".into(), &left);
        let about = About { notice: &notice, at: Millis(1_795_254_067_250), domain: "d1", customer: "Court" };
        let written = letter(&house(), about, &to(), "n1:u1", None);
        assert_eq!(written.subject, "pay.court.test was removed, and its records still stand [Padlock]");
        let html = written.html.expect("HTML");
        for words in [
            "at your DNS provider: _padlock.pay.court.test (TXT), pay.court.test (CNAME).",
            "https://console.test/domains/removed",
            "https://console.test/unsubscribe/token?topic=action_needed",
        ] {
            assert!(written.text.contains(words) && html.contains(words), "{words}: {} {html}", written.text);
        }
        assert!(!written.text.contains("d1"), "a removed domain has no page: {}", written.text);
    }

    #[test]
    fn nothing_that_strangers_wrote_becomes_a_header_or_markup() {
        let endings = ["\r\n", "\n", "\r", "\u{85}", "\u{2028}", "%0d%0a", "\\r\\n", "\0"];
        let headers = ["Bcc: x@y.test", "Subject: other", "Content-Type: text/html", "To: x@y.test", "\r\nbody"];
        let tails =
            ["", "<script>alert(1)</script>", "=?utf-8?q?=0D=0ABcc:x@y.test?=", "\r\n.\r\nMAIL FROM:<x@y.test>", "é"];
        let mut payloads = 0;
        for ((ending, header), tail) in endings
            .iter()
            .flat_map(|e| headers.iter().map(move |h| (e, h)))
            .flat_map(|pair| tails.iter().map(move |t| (pair, t)))
        {
            payloads += 1;
            let text = format!("a{ending}{header}{tail}");
            let notice = notice([Kind::ActionNeeded, Kind::Exported, Kind::Dangling][payloads % 3], &text);
            let about = About { notice: &notice, at: Millis(1_795_254_067_250), domain: "d1", customer: &text };
            let written = letter(&house(), about, &to(), "n1:u1", None);
            let html = written.html.clone().expect("HTML");
            assert!(!html.contains("<script"), "{html}");
            let raw = super::super::tests::formatted(written);
            let (head, _) = raw.split_once("\r\n\r\n").expect("a head");
            let names: Vec<String> = head
                .split("\r\n")
                .filter(|line| !line.starts_with([' ', '\t']))
                .map(|line| line.split(':').next().unwrap_or_default().to_ascii_lowercase())
                .collect();
            let known = [
                "from",
                "to",
                "subject",
                "message-id",
                "date",
                "mime-version",
                "content-type",
                "list-unsubscribe",
                "list-unsubscribe-post",
            ];
            assert!(names.iter().all(|name| known.contains(&name.as_str())), "{head}");
            assert_eq!(names.iter().filter(|name| *name == "to" || *name == "subject").count(), 2, "{head}");
            assert!(!head.contains(['\0', '\u{85}', '\u{2028}']), "{head}");
        }
        assert_eq!(payloads, 200);
    }
}
