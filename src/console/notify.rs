//! Notify: a domain's records, mailed to whoever manages its DNS, with a link that needs no sign-in.
//!
//! Each address has a letter of its own, so that nobody reads the others. Addresses are parsed, and letters put together, by
//! lettre: what somebody types never becomes a header.

use super::desk::Desk;
use super::record_files::{csv_file, placed};
use super::sharing::{lines, sound_addresses};
use super::{Console, broken};
use crate::domain::errors::chain;
use crate::domain::recipe::{Tool, file_stem};
use crate::domain::role::Act;
use crate::mail::{Attachment, Letter, Mailer};
use crate::store::{LETTERS_OF_DOMAIN, Stored};
use crate::wire::domain::{DomainView, RecordView};
use crate::wire::error::{Kind, Refusal};
use crate::wire::link::{LetterView, NewLinkView};
use futures::{StreamExt as _, stream};

/// Addresses of one notice.
const ADDRESSES_MAX: usize = 5;
/// Characters of a note: a paragraph or two.
pub const NOTE_CHARS_MAX: usize = 1_000;

/// A notice that was read.
struct Notice {
    to: Vec<String>,
    note: String,
}

impl Desk {
    /// The letter as it would be sent.
    ///
    /// # Errors
    /// Names the field that is wrong; `not_found`.
    pub async fn letter(&self, id: &str, to: &str, note: &str) -> Result<LetterView, Refusal> {
        self.caller.must(Act::Manage)?;
        let stored = self.stored(id).await?;
        let notice = sound_notice(to, note)?;
        let view = self.view(&stored, self.console.clock.now()).await?;
        let page = "the page that opens without sign-in; its address is made when the mail is sent";
        let text = self.text(&view, &stored, &notice.note, page).await?;
        let attachments = attachments(&view)?.into_iter().map(|file| file.name).collect();
        Ok(LetterView { domain: view.domain.clone(), to: notice.to, subject: subject(&view), text, attachments })
    }

    /// Sends it, and says so in the timeline.
    ///
    /// # Errors
    /// Names the field that is wrong; `not_found`, `no_mail`, `too_many_letters`, `too_many_links`, `mail_failed`.
    pub async fn notify(&self, id: &str, to: &str, note: &str) -> Result<(), Refusal> {
        self.caller.must(Act::Manage)?;
        let stored = self.stored(id).await?;
        let sent = self.send_notice(&stored, to, note).await;
        sent.map_err(|refusal| refusal.with_typed(&[("to", to), ("note", note)]))
    }

    async fn send_notice(&self, stored: &Stored, to: &str, note: &str) -> Result<(), Refusal> {
        let notice = sound_notice(to, note)?;
        let mailer = self.console.mailer()?.clone();
        let now = self.console.clock.now();
        let view = self.view(stored, now).await?;
        let files = attachments(&view)?;
        let store = &self.console.store;
        let reserved = store.reserve_letters(stored, &self.caller.name, notice.to.len(), now).await;
        if !reserved.map_err(|e| broken(&e))? {
            let words = format!(
                "Too many mails were sent within a day: {LETTERS_OF_DOMAIN} about one web domain at most. Make a link without sign-in and hand it on yourself."
            );
            return Err(Refusal {
                retry_after_s: Some(3_600),
                ..Refusal::new(Kind::TooSoon, "too_many_letters", words)
            });
        }
        let link = self.make_link(stored.setup.id.as_str()).await?;
        let text = self.text(&view, stored, &notice.note, &page(&link)).await?;
        let letter = |to: String| Letter {
            to,
            reply_to: self.caller.user.as_ref().map(|_| self.caller.name.clone()),
            subject: subject(&view),
            text: text.clone(),
            attachments: files.clone(),
            ..Letter::default()
        };
        let sent = stream::iter(notice.to).map(|to| post(&mailer, letter(to))).buffered(ADDRESSES_MAX);
        let (sent, failed): (Vec<_>, Vec<_>) = sent.collect::<Vec<_>>().await.into_iter().partition(|(_, sent)| *sent);
        let names =
            |letters: &[(String, bool)]| letters.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>().join(", ");
        if sent.is_empty() {
            // Nobody has it.
            self.end_link(&link.id).await?;
        } else {
            let entry = self.entry("records.mailed", format!("DNS records mailed to {}", names(&sent)));
            store.tell_of(stored, &entry, None, now).await.map_err(|e| broken(&e))?;
        }
        if failed.is_empty() {
            return Ok(());
        }
        let words = format!("The mail to {} could not be sent. Check the address, or try again.", names(&failed));
        Err(Refusal::field("mail_failed", "to", words))
    }

    async fn text(&self, view: &DomainView, stored: &Stored, note: &str, page: &str) -> Result<String, Refusal> {
        let customer = self.console.customer(stored.setup.customer.as_str()).await?.name;
        let (domain, by, brand) = (&view.domain, &self.caller.name, &self.console.house.brand);
        let at = view.dns_provider.as_ref().map_or_else(String::new, |provider| format!(" ({})", provider.name));
        let note = if note.is_empty() { String::new() } else { format!("{note}\n\n") };
        let records: String =
            view.dns_records.iter().enumerate().map(|(at, record)| paragraph(at + 1, record)).collect();
        Ok(format!(
            "{customer} asks for these DNS records of {domain}. Nothing else is needed.\n\n{note}\
             Please add them at the DNS provider{at}:\n\n{records}\
             They are attached as a zone file and as a table. Whether each is in place shows here:\n{page}\n\n\
             {by} had this sent by {brand}. If you have nothing to do with DNS for {domain}, you can ignore it: nothing \
             happens.\n"
        ))
    }
}

impl Console {
    /// The way to the mail server.
    ///
    /// # Errors
    /// `no_mail` where none is configured.
    pub(super) fn mailer(&self) -> Result<&Mailer, Refusal> {
        self.mailer.as_ref().ok_or_else(|| {
            let words = "This installation sends no mail. Make a link without sign-in and hand it on yourself.";
            Refusal::new(Kind::Conflict, "no_mail", words)
        })
    }
}

async fn post(mailer: &Mailer, letter: Letter) -> (String, bool) {
    let to = letter.to.clone();
    let sent = mailer.send(letter).await;
    if let Err(problem) = &sent {
        tracing::warn!(error = %chain(problem), "records could not be mailed");
    }
    (to, sent.is_ok())
}

fn sound_notice(to: &str, note: &str) -> Result<Notice, Refusal> {
    let to = sound_addresses("to", &lines(to), ADDRESSES_MAX)?;
    if to.is_empty() {
        return Err(Refusal::field("address_needed", "to", "Enter the address of whoever manages DNS."));
    }
    let note = note.replace("\r\n", "\n").trim().to_owned();
    if note.chars().count() > NOTE_CHARS_MAX {
        return Err(Refusal::field("too_long", "note", format!("Shorten the note to {NOTE_CHARS_MAX} characters.")));
    }
    if note.contains(|c: char| c.is_control() && c != '\n' && c != '\t') {
        return Err(Refusal::field("bad_note", "note", "The note holds a character that is no text. Type it anew."));
    }
    Ok(Notice { to, note })
}

fn subject(view: &DomainView) -> String {
    format!("DNS records for {}", view.domain)
}

fn page(link: &NewLinkView) -> String {
    format!("{}\n(without sign-in, until {})", link.url, link.expires_at.date_time())
}

fn paragraph(number: usize, record: &RecordView) -> String {
    let RecordView { label, rtype, relative_host, host, value, .. } = record;
    format!(
        "{number}. {label}\n   Type:  {}\n   Host:  {relative_host}\n   Full:  {host}\n   Value: {value}\n\n",
        rtype.mnemonic()
    )
}

fn attachments(view: &DomainView) -> Result<Vec<Attachment>, Refusal> {
    let (records, stem) = (view.dns_records.as_slice(), file_stem(&view.domain));
    let sheet = placed(&view.domain, view.dns_provider.as_ref(), records, Tool::Zone)?;
    let csv = csv_file(records).ok_or_else(Refusal::broken)?;
    let file = |ending: &str, kind, text| Attachment { name: format!("{stem}.{ending}"), kind, text };
    Ok(vec![
        file("zone", "text/dns; charset=utf-8", Tool::Zone.write(&sheet)),
        file("csv", "text/csv; charset=utf-8", csv),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_has_an_address_and_a_note_is_plain_text() {
        let read =
            |to: &str, note: &str| sound_notice(to, note).map(|read| (read.to.len(), read.note)).map_err(|e| e.code);
        assert_eq!(read("a@b.gov", " Two\r\nlines. "), Ok((1, "Two\nlines.".to_owned())));
        assert_eq!(read("", ""), Err("address_needed".into()));
        assert_eq!(read("a@b.gov\nc@b.gov\nd@b.gov\ne@b.gov\nf@b.gov\ng@b.gov", ""), Err("too_many".into()));
        assert_eq!(read("a@b.gov", &"x".repeat(NOTE_CHARS_MAX + 1)), Err("too_long".into()));
        assert_eq!(read("a@b.gov", "a\u{1b}[31m"), Err("bad_note".into()));
        assert_eq!(read("a@b.gov%0aBcc: x@y.z", ""), Err("bad_email".into()));
    }
}
