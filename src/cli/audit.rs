//! `padlock audit`.

use super::args::AuditCommand;
use super::print::Out;
use super::{Ended, Stop};
use crate::console::audit::AuditSearch;
use crate::console::desk::Desk;
use crate::wire::audit::AuditView;

/// `padlock audit …`
///
/// # Errors
/// What was refused.
pub async fn run(desk: &Desk, command: AuditCommand, out: &Out) -> Result<Ended, Stop> {
    match command {
        AuditCommand::List { actor, act, domain, limit, cursor } => {
            let search = AuditSearch { actor, act, domain, cursor, limit: Some(limit), ..AuditSearch::default() };
            let page = desk.audit(&search).await?;
            out.answer(&page, |page| page.items.iter().map(line).collect());
            Ok(Ended::Fine)
        }
        AuditCommand::Verify => {
            let verified = desk.console().verify_audit().await?;
            out.answer(&verified, |verified| verified.summary.clone());
            Ok(if verified.whole { Ended::Fine } else { Ended::Failed })
        }
    }
}

fn line(entry: &AuditView) -> String {
    let AuditView { seq, actor, act, summary, .. } = entry;
    let (at, domain) = (entry.at.rfc3339(), entry.domain.as_deref().unwrap_or("-"));
    let from = entry.address.as_deref().unwrap_or("-");
    format!("{seq}  {at}  {actor}  {from}  {act}  {domain}  {summary}\n")
}
