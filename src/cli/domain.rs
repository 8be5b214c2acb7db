//! `padlock domain …` and `padlock diagnose`.

use super::args::DomainCommand;
use super::print::Out;
use super::{Ended, Failed, Stop};
use crate::console::browse::ROWS_MAX;
use crate::console::desk::Desk;
use crate::console::domains::NewWebDomain;
use crate::console::examine::Diagnosed;
use crate::console::import::ImportTable;
use crate::console::record_files::{RecordFormat, csv_file, placed};
use crate::domain::finding::{Owner, Severity};
use crate::domain::status::SslStatus;
use crate::resolve::Lookup;
use crate::wire::domain::{DomainView, FindingView, Page, RecordView};
use crate::wire::error::Refusal;
use crate::wire::list::Search;
use serde_json::json;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Pages that a listing reads at most.
const PAGES_MAX: usize = 10_000;

/// `padlock domain …`
///
/// # Errors
/// What was refused.
pub async fn run(desk: &Desk, command: DomainCommand, out: &Out) -> Result<Ended, Stop> {
    match command {
        DomainCommand::Add { domain, customer, agency, name, alias, verification_method, ssl_validation } => {
            let wildcard = None;
            let typed =
                NewWebDomain { domain, name, customer, agency, alias, verification_method, ssl_validation, wildcard };
            out.answer(&desk.add_domain(&typed).await?, lines);
            Ok(Ended::Fine)
        }
        DomainCommand::Import { file, customer, dry_run } => import(desk, &file, customer, dry_run, out).await,
        DomainCommand::List { q, customer, status, ssl_status, code } => {
            let search = Search { q, customer, domain_status: status, ssl_status, code, ..Search::default() };
            list(desk, search, out).await
        }
        DomainCommand::Show { domain } => {
            let view = find(desk, &domain).await?;
            out.answer(&view, lines);
            Ok(ended(&view))
        }
        DomainCommand::Records { domain, format } => records(&find(desk, &domain).await?, format.as_deref(), out),
        DomainCommand::Refresh { domain } => {
            let view = find(desk, &domain).await?;
            desk.refresh(&view.id).await?;
            let words = format!("{} is checked at once by the node that works on it", view.domain);
            out.done(&json!({ "id": view.id, "domain": view.domain, "refreshed": true }), &words);
            Ok(Ended::Fine)
        }
        DomainCommand::Renew { domain } => {
            let view = find(desk, &domain).await?;
            desk.renew(&view.id).await?;
            let words = format!("{} is renewed at once by the node that works on it", view.domain);
            out.done(&json!({ "id": view.id, "domain": view.domain, "renewal_asked": true }), &words);
            Ok(Ended::Fine)
        }
        DomainCommand::Remove { domain } => {
            let view = find(desk, &domain).await?;
            desk.remove(&view.id).await?;
            let told = json!({ "id": view.id, "domain": view.domain, "removed": true });
            out.done(&told, &format!("{} is removed", view.domain));
            Ok(Ended::Fine)
        }
    }
}

/// A table of a thousand rows has a tenth of this.
const TABLE_BYTES: u64 = 2 * 1024 * 1024;

async fn import(desk: &Desk, file: &Path, customer: Option<String>, dry_run: bool, out: &Out) -> Result<Ended, Stop> {
    let csv = read_table(file).map_err(Failed::from)?;
    let view = desk.import(&ImportTable { csv, customer, dry_run: Some(dry_run) }).await?;
    out.answer(&view, |view| {
        let mut text = format!("{}\n", view.summary());
        for row in &view.rows {
            text.push_str(&format!("{:>5}  {:<40} {}\n", row.line, row.domain, row.outcome.label(dry_run)));
            for error in &row.errors {
                text.push_str(&format!("       {}: {}\n", error.field, error.message));
            }
        }
        text
    });
    Ok(if view.wrong == 0 { Ended::Fine } else { Ended::Failed })
}

fn read_table(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().take(TABLE_BYTES).read_to_string(&mut text)?;
    } else {
        File::open(file)?.take(TABLE_BYTES).read_to_string(&mut text)?;
    }
    Ok(text)
}

async fn list(desk: &Desk, search: Search, out: &Out) -> Result<Ended, Stop> {
    let mut search = Search { limit: Some(ROWS_MAX), ..search };
    let mut all = Page { items: Vec::new(), next_cursor: None };
    for _ in 0..PAGES_MAX {
        let page = desk.list(&search).await?;
        all.items.extend(page.items);
        let Some(next) = page.next_cursor else { break };
        search.cursor = next;
    }
    let line = |view: &DomainView| {
        format!(
            "{:<40} {:<22} {:<20} {}\n",
            view.domain,
            view.domain_status.label(),
            view.ssl_status.label(),
            view.headline
        )
    };
    out.answer(&all, |all| all.items.iter().map(line).collect());
    Ok(Ended::Fine)
}

/// The records as lines for people, or in the format that a tool reads.
fn records(view: &DomainView, format: Option<&str>, out: &Out) -> Result<Ended, Stop> {
    let records = view.dns_records.as_slice();
    let text = match format.map(RecordFormat::from_word).transpose()? {
        None | Some(RecordFormat::Json) => {
            let asked = Out { json: out.json || format.is_some() };
            asked.answer(&records, |records| record_lines(records));
            return Ok(Ended::Fine);
        }
        Some(RecordFormat::Csv) => csv_file(records).ok_or_else(Refusal::broken)?,
        Some(RecordFormat::Tool(tool)) => tool.write(&placed(&view.domain, view.dns_provider.as_ref(), records, tool)?),
    };
    out.answer(&json!({ "domain": view.domain, "format": format, "text": text }), |_| text.clone());
    Ok(Ended::Fine)
}

/// Who waits longer than this is told what for.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(700);

/// `padlock diagnose NAME`: looks at its DNS now, whether a domain of that name is in the Console or not.
///
/// # Errors
/// What was refused.
pub async fn diagnose(desk: &Desk, lookup: &dyn Lookup, name: &str, out: &Out) -> Result<Ended, Stop> {
    let asking = desk.diagnose_now(lookup, name);
    tokio::pin!(asking);
    let Diagnosed { diagnosis, domain } = tokio::select! {
        done = &mut asking => done?,
        () = tokio::time::sleep(PATIENCE) => {
            out.say("asking every name server of the zone, the resolvers and the site itself; this takes twelve seconds at most");
            asking.await?
        }
    };
    out.answer(&diagnosis, |told| {
        let mut text = format!("{}: {}\n", told.domain, told.headline);
        for finding in &told.findings {
            text.push_str(&finding_lines(finding));
        }
        text
    });
    Ok(domain.map_or_else(|| told(&diagnosis.findings, false), |view| ended(&view)))
}

/// A domain by id or name.
async fn find(desk: &Desk, named: &str) -> Result<DomainView, Refusal> {
    match desk.by_name(named).await? {
        Some(view) => Ok(view),
        None => desk.domain(named).await,
    }
}

fn ended(view: &DomainView) -> Ended {
    match view.ready {
        true => Ended::Fine,
        // Nothing is wrong, and it is not Active yet: the next look or the CA has its turn.
        false if view.findings.is_empty() => Ended::Waiting,
        false => match told(&view.findings, view.ssl_status == SslStatus::RateLimited) {
            Ended::Fine => Ended::Waiting,
            other => other,
        },
    }
}

/// What findings alone come to: fine when none of them blocks.
fn told(findings: &[FindingView], limited: bool) -> Ended {
    let Some(cause) = findings.iter().find(|finding| finding.severity == Severity::Blocking) else {
        return if limited { Ended::Limited } else { Ended::Fine };
    };
    match cause.owner {
        _ if limited => Ended::Limited,
        Owner::Dns | Owner::Agency => Ended::Waiting,
        Owner::Network | Owner::Padlock | Owner::Ca | Owner::Nobody => Ended::Problem,
    }
}

fn lines(view: &DomainView) -> String {
    let mut text = format!(
        "{}\n  Domain Status  {}\n  SSL Status     {}\n  {}\n",
        view.domain,
        view.domain_status.label(),
        view.ssl_status.label(),
        view.headline
    );
    text.push_str(&record_lines(&view.dns_records));
    if let Some(file) = &view.token_file {
        let (label, state, content) = (&file.label, file.state.label(), file.content.trim_end());
        text.push_str(&format!("  {label}: {state}\n    {}\n    {content}\n", file.url));
    }
    for finding in &view.findings {
        text.push_str(&finding_lines(finding));
    }
    text
}

fn record_lines(records: &[RecordView]) -> String {
    let line = |record: &RecordView| {
        let (label, kind, state) = (&record.label, record.rtype.mnemonic(), record.state.label());
        format!("  {label}: {state}\n    {} {kind} {}\n", record.host, record.value)
    };
    records.iter().map(line).collect()
}

fn finding_lines(finding: &FindingView) -> String {
    let mut text = format!("  [{}] {}\n    {}\n", finding.code, finding.title, finding.explanation);
    if !finding.fix.is_empty() {
        text.push_str(&format!("    Who can fix it: {}\n    Fix: {}\n", finding.owner.label(), finding.fix));
    }
    for line in &finding.evidence {
        text.push_str(&format!("    - {line}\n"));
    }
    text
}
