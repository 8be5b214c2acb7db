//! Enabled Agencies and Monitoring Reports, as somebody typed them.

use super::broken;
use super::desk::Desk;
use super::domains::ChangedSettings;
use crate::domain::id::{AgencyId, CustomerId};
use crate::domain::report::{Every, Reports};
use crate::mail;
use crate::store::{ENABLED_MAX, REPORTED_MAX, Scope};
use crate::wire::error::Refusal;

/// Monitoring Reports, as somebody typed them.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedReports {
    /// Mail addresses.
    pub addresses: Vec<String>,
    /// `daily`, `weekly` or `never`.
    pub every: String,
}

impl Desk {
    /// Changes who shares a domain, as a form sends it; what was typed comes back with a refusal.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn share_from_form(
        &self,
        id: &str,
        enabled_agencies: Vec<String>,
        report_addresses: &str,
        every: String,
    ) -> Result<(), Refusal> {
        let chosen = enabled_agencies.join(",");
        let frequency = every.clone();
        let typed = ChangedSettings {
            enabled_agencies: Some(enabled_agencies),
            monitoring_reports: Some(ChangedReports { addresses: lines(report_addresses), every }),
            ..ChangedSettings::default()
        };
        let shared = self.change(id, &typed).await;
        shared.map(drop).map_err(|refusal| {
            refusal.with_typed(&[
                ("monitoring_reports", report_addresses),
                ("enabled_agencies", &chosen),
                ("every", &frequency),
            ])
        })
    }

    /// Agencies of this customer, each once.
    pub(super) async fn enabled(&self, named: &[String], customer: &CustomerId) -> Result<Vec<AgencyId>, Refusal> {
        const FIELD: &str = "enabled_agencies";
        let mut found = Vec::new();
        for named in named.iter().map(|named| named.trim()).filter(|named| !named.is_empty()) {
            if found.len() == ENABLED_MAX {
                let words = format!("A domain can be enabled for {ENABLED_MAX} agencies at most.");
                return Err(Refusal::field("too_many", FIELD, words));
            }
            let scope = Scope::Customer(customer.clone());
            let agency = self.console.store.agency(&scope, named).await.map_err(|e| broken(&e))?;
            let unknown = || Refusal::field("unknown_agency", FIELD, format!("There is no agency {named:?}."));
            let agency = agency.ok_or_else(unknown)?.id;
            if !found.contains(&agency) {
                found.push(agency);
            }
        }
        Ok(found)
    }
}

/// Reads them; the field is named as the door calls it.
pub(super) fn sound_reports(typed: &ChangedReports) -> Result<Reports, Refusal> {
    const FIELD: &str = "monitoring_reports";
    let words = "Monitoring Reports are mailed \"daily\", \"weekly\" or \"never\".";
    let every = Every::from_word(&typed.every).ok_or_else(|| Refusal::field("bad_value", FIELD, words))?;
    let addresses = sound_addresses(FIELD, &typed.addresses, REPORTED_MAX)?;
    if addresses.is_empty() && every != Every::Never {
        let words = "Enter the address that Monitoring Reports go to, or choose Never.";
        return Err(Refusal::field("address_needed", FIELD, words));
    }
    Ok(Reports { addresses, every })
}

/// Addresses that mail can be sent to, each once; so many may be typed at most.
pub(super) fn sound_addresses(field: &str, typed: &[String], most: usize) -> Result<Vec<String>, Refusal> {
    if typed.len() > most {
        return Err(Refusal::field("too_many", field, format!("Enter {most} addresses at most.")));
    }
    let mut found: Vec<String> = Vec::new();
    for typed in typed.iter().map(|typed| typed.trim()).filter(|typed| !typed.is_empty()) {
        let unsound = || {
            let words = format!("{typed:?} is no e-mail address. Write one on each line, such as ana@county.gov.");
            Refusal::field("bad_email", field, words)
        };
        let address = mail::address(typed).ok_or_else(unsound)?;
        if !found.iter().any(|known| known.eq_ignore_ascii_case(&address)) {
            found.push(address);
        }
    }
    Ok(found)
}

/// The lines of a form's field, or what stands between its commas.
pub(super) fn lines(text: &str) -> Vec<String> {
    text.split(['\n', ',', ';']).map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Result<Vec<String>, String> {
        sound_addresses("to", &lines(typed), 3).map_err(|refusal| refusal.code)
    }

    #[test]
    fn addresses_are_read_from_lines_and_nothing_else_passes() {
        assert_eq!(
            read("ana@county.gov\r\n bo@court.gov, ANA@county.gov\n"),
            Ok(vec!["ana@county.gov".into(), "bo@court.gov".into()])
        );
        assert_eq!(read(""), Ok(Vec::new()));
        for too_many in ["a@b.gov\nc@b.gov\nd@b.gov\ne@b.gov", "a@b.gov\na@b.gov\na@b.gov\na@b.gov"] {
            assert_eq!(read(too_many), Err("too_many".into()));
        }
        for hostile in [
            "ana",
            "ana@county.gov\0",
            "Ana <ana@county.gov>",
            "ana@county.gov\rBcc: x@y.z",
            "a b@c.gov",
            "ana@",
            "@c.gov",
        ] {
            assert_eq!(read(hostile), Err("bad_email".into()), "{hostile:?}");
        }
    }

    #[test]
    fn reports_without_an_address_are_never_mailed() {
        let typed = |addresses: &[&str], every: &str| ChangedReports {
            addresses: addresses.iter().map(|&one| one.to_owned()).collect(),
            every: every.to_owned(),
        };
        assert!(sound_reports(&typed(&["a@b.gov"], "weekly")).is_ok());
        assert!(sound_reports(&typed(&[], "never")).is_ok());
        assert_eq!(sound_reports(&typed(&[], "daily")).map_err(|refusal| refusal.code), Err("address_needed".into()));
        assert_eq!(sound_reports(&typed(&[], "hourly")).map_err(|refusal| refusal.code), Err("bad_value".into()));
    }
}
