//! Mail: the one way in which it is sent, over SMTP to the provider's own mail server.
//!
//! A letter is plain text to one address. Nothing is queued here: whoever sends hears whether the server took it.

use lettre::address::AddressError;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
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
    /// The server, or the way to it.
    #[error("the mail server did not take the mail")]
    Server(#[from] lettre::transport::smtp::Error),
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
        let Letter { to, subject, text } = letter;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.parse()?))
            .subject(subject)
            .message_id(None)
            .header(ContentType::TEXT_PLAIN)
            .body(text)?;
        self.transport.send(message).await?;
        Ok(())
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

    #[test]
    fn a_server_and_a_sender_are_needed() {
        assert!(Mailer::new("smtp://127.0.0.1:2525", "Padlock <padlock@platform.test>").is_ok());
        assert!(Mailer::new("http://127.0.0.1", "padlock@platform.test").is_err());
        assert!(Mailer::new("smtp://127.0.0.1", "nobody").is_err());
    }
}
