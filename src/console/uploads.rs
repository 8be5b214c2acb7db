//! Use cases of certificates that people bring along: checked, shown for a yes, served, and taken back.
//!
//! Files are opened on threads of their own, two at a time and three seconds each, so that nobody's file keeps pages waiting.
//! An upload is served for its own domain in one transaction; the others that its scope covers follow one by one
//! (`worker::sharing`), and a domain that is added later takes it along.

use super::desk::Desk;
use super::people::sound_name;
use super::{broken, views};
use crate::acme::chain;
use crate::bundle::{self, Flaw, Handed, Judged, World};
use crate::domain::certificate::{Certificate, Reach, Source};
use crate::domain::hostname::Hostname;
use crate::domain::id::{CertificateId, DomainId, KeyId};
use crate::domain::role::{Act, Role};
use crate::domain::time::Millis;
use crate::probe::roots::roots;
use crate::store::{NewUpload, Scope, Stored, StoredUpload, new_id};
use crate::wire::domain::CertificateView;
use crate::wire::error::{Kind, Refusal};
use crate::wire::upload::UploadView;
use crate::worker::sharing;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Files opened at the same time.
static PLACES: Semaphore = Semaphore::const_new(2);
/// One upload's files are opened and judged within this.
const PATIENCE: Duration = Duration::from_secs(3);

/// What somebody uploads.
#[derive(Default)]
pub struct Brought {
    /// The files.
    pub handed: Handed,
    /// Certificate Name; its first DNS name when left out.
    pub name: String,
    /// Scope, by its word; this domain when left out.
    pub scope: String,
}

impl Desk {
    /// Whether an upload for this domain would be looked at.
    ///
    /// # Errors
    /// `forbidden`, `not_found`.
    pub async fn may_upload(&self, id: &str) -> Result<(), Refusal> {
        self.caller.must(Act::Manage)?;
        self.stored(id).await.map(drop)
    }

    /// Checks what was uploaded and keeps it, for an hour, until somebody says yes to it.
    ///
    /// # Errors
    /// The catalogue's code of what is wrong with it; `not_found`.
    pub async fn hold_upload(&self, id: &str, brought: Brought) -> Result<UploadView, Refusal> {
        self.caller.must(Act::Manage)?;
        let (stored, now) = (self.stored(id).await?, self.console.clock.now());
        let reach = self.reach(&brought.scope, &stored)?;
        let by_pfx = !brought.handed.pfx.is_empty();
        let judged = self.judged(brought.handed, stored.setup.hostname.clone(), now).await;
        let judged = judged.map_err(|refusal| if by_pfx { about_pfx(refusal) } else { refusal })?;
        let name = match brought.name.trim() {
            "" => judged.leaf.names.first().cloned().unwrap_or_default(),
            typed => sound_name("name", typed)?,
        };
        let new = NewUpload {
            name,
            reach,
            chain_pem: judged.chain_pem,
            pkcs8: judged.pkcs8,
            warnings: judged.warnings.iter().map(ToString::to_string).collect(),
            made_by: self.caller.name.clone(),
        };
        self.console.store.hold_upload(&stored, new, now).await.map_err(|e| broken(&e))?;
        self.waiting_upload(id).await
    }

    /// The upload that waits for a domain, for people to check.
    ///
    /// # Errors
    /// `not_found`, also once its hour is over.
    pub async fn waiting_upload(&self, id: &str) -> Result<UploadView, Refusal> {
        self.caller.must(Act::Manage)?;
        let upload = self.waiting(id).await?;
        let stored = self.stored(upload.domain.as_str()).await?;
        views::upload(&upload, &stored).ok_or_else(Refusal::broken)
    }

    /// Serves the upload that waits for a domain, if it is still the one that was checked.
    ///
    /// # Errors
    /// `not_found`, also once its hour is over.
    pub async fn serve_upload(&self, id: &str, checked: &str) -> Result<CertificateView, Refusal> {
        self.caller.must(Act::Manage)?;
        let upload = self.waiting(id).await?;
        if upload.id.as_str() != checked {
            let words = "Somebody has uploaded another certificate meanwhile. Check that one.";
            return Err(Refusal::new(Kind::Conflict, "upload_replaced", words));
        }
        // A person may have lost a role since.
        if upload.reach == Reach::Everyone && self.caller.role != Role::Operator {
            return Err(Refusal::forbidden());
        }
        let now = self.console.clock.now();
        let leaf = chain::read(&upload.chain_pem).map_err(|_| Refusal::broken())?;
        let (id, key) = (CertificateId::new(new_id(now)), KeyId::new(new_id(now)));
        let certificate = leaf.into_certificate(id, key, Source::Upload);
        let words = format!("Certificate {} ({}) uploaded and put in use", certificate.serial, upload.name);
        let entry = self.entry("certificate.uploaded", words);
        let served = self.console.store.serve_upload(&upload, &certificate, &entry, now).await;
        if !served.map_err(|e| broken(&e))? {
            return Err(Refusal::not_found());
        }
        sharing::share(&self.console.store, &upload, &certificate, now).await.map_err(|e| broken(&e))?;
        Ok(self.certificate_details(certificate.id.as_str()).await?.certificate)
    }

    /// Forgets the upload that waits for a domain.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn discard_upload(&self, id: &str) -> Result<(), Refusal> {
        self.caller.must(Act::Manage)?;
        let upload = self.waiting(id).await?;
        self.console.store.discard_upload(&upload.id).await.map_err(|e| broken(&e))
    }

    /// Checks what was uploaded and serves it, for those who know what they do.
    ///
    /// # Errors
    /// As [`Self::hold_upload`].
    pub async fn upload(&self, id: &str, brought: Brought) -> Result<CertificateView, Refusal> {
        let held = self.hold_upload(id, brought).await?;
        self.serve_upload(id, &held.id).await
    }

    /// Takes an uploaded certificate back: ours is served again, or obtained. Where it was uploaded it ends for every domain.
    ///
    /// # Errors
    /// `no_upload` when none is served.
    pub async fn remove_upload(&self, id: &str) -> Result<(), Refusal> {
        self.caller.must(Act::Manage)?;
        let stored = self.stored(id).await?;
        let Some(certificate) = &stored.facts.uploaded else {
            return Err(Refusal::new(Kind::Conflict, "no_upload", "This domain serves no uploaded certificate."));
        };
        self.end_upload(&stored, certificate).await
    }

    pub(super) async fn end_upload(&self, stored: &Stored, certificate: &Certificate) -> Result<(), Refusal> {
        let (store, now) = (&self.console.store, self.console.clock.now());
        let upload = store.served_upload(&certificate.id).await.map_err(|e| broken(&e))?;
        let upload = upload.filter(|upload| upload.domain == stored.setup.id);
        let entry =
            self.entry("certificate.upload_removed", format!("Uploaded certificate {} removed", certificate.serial));
        if let Some(upload) = upload.as_ref().filter(|upload| upload.reach != Reach::Domain) {
            for other in sharing::serving(store, upload, certificate).await.map_err(|e| broken(&e))? {
                let ended = store.end_upload(&other.setup.id, &certificate.id, false, &entry, now).await;
                ended.map_err(|e| broken(&e))?;
            }
        }
        let ended = store.end_upload(&stored.setup.id, &certificate.id, upload.is_some(), &entry, now).await;
        ended.map(drop).map_err(|e| broken(&e))
    }

    /// Serves what was uploaded for more than one domain, for one that was just added.
    pub(super) async fn take_along(&self, stored: &Stored, now: Millis) -> Result<(), Refusal> {
        let store = &self.console.store;
        for upload in store.wide_uploads().await.map_err(|e| broken(&e))? {
            let Some(certificate) = self.certificate_of(&upload).await? else { continue };
            if certificate.not_after > now
                && sharing::covers(store, &upload, &certificate, stored).await.map_err(|e| broken(&e))?
            {
                let shared = store.share_upload(&stored.setup.id, &certificate, &sharing::told(&upload), now).await;
                return shared.map(drop).map_err(|e| broken(&e));
            }
        }
        Ok(())
    }

    async fn certificate_of(&self, upload: &StoredUpload) -> Result<Option<Certificate>, Refusal> {
        let Some(id) = &upload.certificate else { return Ok(None) };
        let found = self.console.store.certificate(&Scope::All, id).await.map_err(|e| broken(&e))?;
        Ok(found.map(|found| found.certificate))
    }

    async fn waiting(&self, id: &str) -> Result<StoredUpload, Refusal> {
        let (scope, now) = (self.caller.scope(), self.console.clock.now());
        let found = self.console.store.waiting_upload(&scope, &DomainId::new(id), now).await;
        found.map_err(|e| broken(&e))?.ok_or_else(Refusal::not_found)
    }

    fn reach(&self, word: &str, stored: &Stored) -> Result<Reach, Refusal> {
        let reach = if word.is_empty() { Some(Reach::Domain) } else { Reach::from_word(word) };
        match reach {
            None => {
                let words = "The Scope is \"domain\", \"agency\", \"customer\" or \"everyone\".";
                Err(Refusal::field("bad_value", "scope", words))
            }
            Some(Reach::Everyone) if self.caller.role != Role::Operator => {
                Err(Refusal::field("forbidden", "scope", "Only an operator serves a certificate for every customer."))
            }
            Some(Reach::Agency) if stored.setup.agency.is_none() => {
                let words = "This domain has no Default Agency. Choose one in its settings, or another scope.";
                Err(Refusal::field("unknown_agency", "scope", words))
            }
            Some(reach) => Ok(reach),
        }
    }

    /// Opens and judges the files, off the threads that answer people.
    async fn judged(&self, handed: Handed, hostname: Hostname, now: Millis) -> Result<Judged, Refusal> {
        let work = async {
            let material = off_thread(move || bundle::read(&handed)).await?.map_err(|flaw| refuse(&flaw))?;
            let mut known = Vec::new();
            for issuer in material.issuers() {
                let chains = self.console.store.chains_of_issuer(&issuer).await.map_err(|e| broken(&e))?;
                let read =
                    |chain: &String| CertificateDer::pem_slice_iter(chain.as_bytes()).flatten().collect::<Vec<_>>();
                known.extend(chains.iter().flat_map(read));
            }
            let judge = move || bundle::judge(&material, &hostname, &World { known: &known, roots: roots(), now });
            off_thread(judge).await?.map_err(|flaw| refuse(&flaw))
        };
        tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(busy()))
    }
}

/// Runs what takes time on a thread of its own, in one of the places. The place is given back when the work ends, not when
/// its caller goes away.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
    let place = PLACES.acquire().await.map_err(|_| Refusal::broken())?;
    let done = tokio::task::spawn_blocking(move || {
        let _place = place;
        work()
    });
    // A reader that gives up on a file in an unforeseen way has found that it can't be read.
    done.await.map_err(|_| refuse(&Flaw::Unreadable("file")))
}

/// The same about the one file that was chosen.
fn about_pfx(mut refusal: Refusal) -> Refusal {
    for field in refusal.fields.iter_mut().filter(|field| field.field != "password") {
        field.field = "pfx".into();
    }
    refusal
}

fn refuse(flaw: &Flaw) -> Refusal {
    Refusal::field(flaw.code().word(), flaw.field(), flaw.to_string())
}

fn busy() -> Refusal {
    let words = "The files could not be opened in time. Try again in a moment; if it stays so, export them with the usual settings.";
    Refusal { retry_after_s: Some(10), ..Refusal::new(Kind::TooSoon, "up_too_slow", words) }
}
