//! Mail: the one way in which it is sent, over SMTP to the provider's own mail server.
//!
//! A letter is plain text to one address, with the same in HTML beside it and files if need be. Nothing is queued here: whoever
//! sends hears whether the server took it.

pub mod notice;

use lettre::address::AddressError;
use lettre::message::header::{ContentType, ContentTypeErr, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use std::fmt;
use std::time::Duration;

/// A person waits for the answer, and a page's answer has ten seconds.
const ANSWER: Duration = Duration::from_secs(8);

/// The way to the mail server; clones share it.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// What is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// One address.
    pub to: String,
    /// To whom an answer goes, if not to the sender.
    pub reply_to: Option<String>,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same for readers that show HTML.
    pub html: Option<String>,
    /// Files that come with it.
    pub attachments: Vec<Attachment>,
    /// What tells this letter from every other, and makes a repetition known as one; a fresh one when none is given.
    pub message_id: Option<String>,
    /// Where one click ends such letters (RFC 8058).
    pub unsubscribe: Option<String>,
}

/// A file that comes with a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub kind: &'static str,
    /// What it holds.
    pub text: String,
}

/// Why a letter was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailProblem {
    /// Sender or recipient.
    #[error("that is no address")]
    Address(#[from] AddressError),
    /// A part of it can't be written in a mail.
    #[error("the mail could not be put together")]
    Letter(#[from] lettre::error::Error),
    /// A file's media type.
    #[error("that is no media type")]
    Kind(#[from] ContentTypeErr),
    /// The server, or the way to it.
    #[error("the mail server did not take the mail")]
    Server(#[from] lettre::transport::smtp::Error),
}

impl MailProblem {
    /// Whether it would be the same the next time.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Address(_) | Self::Letter(_) | Self::Kind(_) => true,
            Self::Server(error) => error.is_permanent(),
        }
    }
}

impl Mailer {
    /// For `smtp://host`, `smtps://user:password@host` or `smtp://host?tls=required`, and the sender of every letter.
    ///
    /// # Errors
    /// When the URL or the address is none. Nobody is asked yet.
    pub fn new(url: &str, from: &str) -> Result<Self, MailProblem> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?.timeout(Some(ANSWER)).build();
        Ok(Self { transport, from: from.parse()? })
    }

    /// Sends a letter; returns once the server has taken it.
    ///
    /// # Errors
    /// [`MailProblem`]; after an error of the server it is not known whether it was sent.
    pub async fn send(&self, letter: Letter) -> Result<(), MailProblem> {
        self.transport.send(self.message(letter)?).await?;
        Ok(())
    }

    fn message(&self, letter: Letter) -> Result<Message, MailProblem> {
        let Letter { to, reply_to, subject, text, html, attachments, message_id, unsubscribe } = letter;
        // No line ends in a head; whoever put an end there meant nothing good.
        let subject: String = subject.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
        let id = message_id.map(|id| format!("<{}@{}>", id.replace(':', "."), self.from.email.domain()));
        let mut head = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.parse()?))
            .subject(subject)
            .message_id(id);
        if let Some(address) = reply_to {
            head = head.reply_to(Mailbox::new(None, address.parse()?));
        }
        if let Some(address) = unsubscribe {
            head = head.header(ListUnsubscribe(format!("<{address}>"))).header(OneClick);
        }
        let both = html.map(|html| MultiPart::alternative_plain_html(text.clone(), html));
        if attachments.is_empty() {
            return Ok(match both {
                Some(both) => head.multipart(both)?,
                None => head.header(ContentType::TEXT_PLAIN).body(text)?,
            });
        }
        let mut parts = match both {
            Some(both) => MultiPart::mixed().multipart(both),
            None => MultiPart::mixed().singlepart(SinglePart::plain(text)),
        };
        for Attachment { name, kind, text } in attachments {
            parts = parts.singlepart(lettre::message::Attachment::new(name).body(text, kind.parse()?));
        }
        Ok(head.multipart(parts)?)
    }
}

fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Where such letters are ended (RFC 2369 §3.2).
#[derive(Clone)]
struct ListUnsubscribe(String);

impl Header for ListUnsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        // The address is ours and has no room to break: it must stay in one piece.
        HeaderValue::dangerous_new_pre_encoded(Self::name(), self.0.clone(), self.0.clone())
    }
}

/// One POST there is enough (RFC 8058 §3.1).
#[derive(Clone)]
struct OneClick;

impl Header for OneClick {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".to_owned())
    }
}

/// An address as it is written to, without a name; none for what is no address.
#[must_use]
pub fn address(typed: &str) -> Option<String> {
    typed.parse::<Address>().ok().map(|address| address.to_string())
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A letter as it goes to the server.
    pub(super) fn formatted(letter: Letter) -> String {
        let mailer = Mailer::new("smtp://127.0.0.1", "Padlock <padlock@platform.test>").expect("a mailer");
        String::from_utf8(mailer.message(letter).expect("a message").formatted()).expect("text")
    }

    #[test]
    fn a_repetition_has_the_same_id_and_one_click_ends_it() {
        let raw = formatted(Letter {
            to: "ana@court.test".into(),
            subject: "s".into(),
            text: "t".into(),
            message_id: Some("n1:u1".into()),
            unsubscribe: Some("https://console.test/one-click/token?topic=renewed".into()),
            ..Letter::default()
        });
        for line in [
            "Message-ID: <n1.u1@platform.test>",
            "List-Unsubscribe: <https://console.test/one-click/token?topic=renewed>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        ] {
            assert!(raw.contains(&format!("{line}\r\n")), "{raw}");
        }
    }

    #[test]
    fn nothing_that_is_typed_becomes_a_header() {
        let mailer = Mailer::new("smtp://127.0.0.1", "padlock@platform.test").expect("a mailer");
        let letter = Letter {
            to: "ana@county.gov".into(),
            reply_to: Some("bo@court.gov".into()),
            subject: "Records\r\nBcc: x@y.z".into(),
            text: ".\r\nBcc: x@y.z\n".into(),
            attachments: vec![Attachment { name: "a\r\nBcc: x@y.z.csv".into(), kind: "text/csv", text: "a,b".into() }],
            ..Letter::default()
        };
        let message = mailer.message(letter.clone()).expect("a message").formatted();
        let text = String::from_utf8_lossy(&message);
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(!head.contains("\nBcc") && head.contains("To: ana@county.gov\r\n"), "{head}");
        assert!(head.contains("Reply-To: bo@court.gov\r\n") && head.contains("multipart/mixed"), "{head}");
        let part_heads = body.split("\r\n\r\n").filter(|part| part.contains("Content-Disposition"));
        assert!(part_heads.clone().count() > 0 && !part_heads.clone().any(|part| part.contains("\nBcc")), "{body}");
        for hostile in ["ana@county.gov\r\nBcc: x@y.z", "ana@county.gov, x@y.z", ""] {
            let to = Letter { to: hostile.into(), ..letter.clone() };
            assert!(mailer.message(to).is_err(), "{hostile:?}");
        }
    }

    #[test]
    fn a_server_and_a_sender_are_needed() {
        assert!(Mailer::new("smtp://127.0.0.1:2525", "Padlock <padlock@platform.test>").is_ok());
        assert!(Mailer::new("http://127.0.0.1", "padlock@platform.test").is_err());
        assert!(Mailer::new("smtp://127.0.0.1", "nobody").is_err());
    }
}
