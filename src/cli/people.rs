//! `padlock user`, `padlock token`, `padlock customer` and `padlock agency`.

use super::args::{AgencyCommand, CustomerCommand, TokenCommand, UserCommand};
use super::print::Out;
use super::{Ended, Failed, Stop};
use crate::console::desk::Desk;
use crate::console::people::known_role;
use crate::console::tokens::NewApiToken;
use crate::wire::people::{AgencyView, MemberView, TokenView};
use crate::wire::when::When;
use serde_json::json;
use std::io::Read as _;
use std::path::Path;

/// A password file is at most this long.
const PASSWORD_BYTES: u64 = 4_096;

/// `padlock user …`
///
/// # Errors
/// What was refused, or failed.
pub async fn user(desk: &Desk, command: UserCommand, out: &Out) -> Result<Ended, Stop> {
    match command {
        UserCommand::Add { email, role, customer, password_file } => {
            let (role, password) = (known_role(&role)?, read_secret(&password_file).map_err(Failed::from)?);
            let added = desk.console().add_user(&email, role, customer.as_deref(), password).await?;
            out.answer(&json!({ "id": added.id.as_str(), "email": added.email, "role": role }), |_| {
                format!("{} may sign in as {}", added.email, role.word())
            });
        }
        UserCommand::Invite { email, role, customer } => {
            let invited = desk.invite(&email, &customer, &role).await?;
            out.answer(&invited, |invited| format!("{} was sent an invitation", invited.email));
        }
        UserCommand::List => {
            let everybody = desk.everybody().await?;
            out.answer(&everybody, |everybody| everybody.iter().map(line).collect());
        }
        UserCommand::Grant { email, role, customer } => {
            desk.grant(&email, customer.as_deref(), known_role(&role)?).await?;
            out.done(&json!({ "email": email, "role": role }), &format!("{email} is {role} now"));
        }
        UserCommand::Disable { email } => {
            desk.set_disabled(&email, true).await?;
            out.done(&json!({ "email": email, "disabled": true }), &format!("{email} is disabled"));
        }
        UserCommand::Enable { email } => {
            desk.set_disabled(&email, false).await?;
            out.done(&json!({ "email": email, "disabled": false }), &format!("{email} may sign in again"));
        }
        UserCommand::Remove { email, customer } => {
            desk.remove_by_email(&email, customer.as_deref()).await?;
            let told = json!({ "email": email, "removed": true });
            out.done(&told, &format!("{email} has no access there any more"));
        }
    }
    Ok(Ended::Fine)
}

fn line(member: &MemberView) -> String {
    let MemberView { email, membership, .. } = member;
    format!("{email}  {}  {}\n", membership.role.word(), membership.customer_name())
}

/// `padlock token …`
///
/// # Errors
/// What was refused.
pub async fn token(desk: &Desk, command: TokenCommand, out: &Out) -> Result<Ended, Stop> {
    match command {
        TokenCommand::Create { name, role, customer, expires_in, read_only } => {
            let (read_only, expires_in_days) = (Some(read_only), expires_in);
            let made = desk.make_token(&NewApiToken { name, role, customer, read_only, expires_in_days }).await?;
            out.answer(&made, |made| made.token.clone());
        }
        TokenCommand::List => {
            let tokens = desk.tokens().await?;
            out.answer(&tokens, |tokens| tokens.iter().map(token_line).collect());
        }
        TokenCommand::Revoke { id } => {
            desk.revoke_token(&id).await?;
            out.done(&json!({ "id": id, "revoked": true }), &format!("token {id} is revoked"));
        }
    }
    Ok(Ended::Fine)
}

fn token_line(token: &TokenView) -> String {
    let when = |at: Option<When>, otherwise: &str| at.map_or_else(|| otherwise.to_owned(), |at| at.rfc3339());
    let (used, ends) = (when(token.last_used_at, "never used"), when(token.expires_at, "does not expire"));
    let reads = if token.read_only { " (reads only)" } else { "" };
    format!("{}  {}{reads}  {}  {used}  {ends}\n", token.id, token.role.word(), token.name)
}

/// `padlock customer …`
///
/// # Errors
/// What was refused.
pub async fn customer(desk: &Desk, command: CustomerCommand, out: &Out) -> Result<Ended, Stop> {
    match command {
        CustomerCommand::Add { name } => {
            let added = desk.add_customer(&name).await?;
            out.answer(&added, |added| added.id.clone());
        }
        CustomerCommand::List => {
            let page = desk.customers().await?;
            out.answer(&page, |page| page.items.iter().map(|one| format!("{}  {}\n", one.id, one.name)).collect());
        }
    }
    Ok(Ended::Fine)
}

/// `padlock agency …`
///
/// # Errors
/// What was refused.
pub async fn agency(desk: &Desk, command: AgencyCommand, out: &Out) -> Result<Ended, Stop> {
    match command {
        AgencyCommand::Add { name, customer } => {
            let added = desk.add_agency(&name, customer.as_deref()).await?;
            out.answer(&added, |added| added.id.clone());
        }
        AgencyCommand::List => {
            let (page, customers) = (desk.agencies().await?, desk.customers().await?.items);
            let line = |agency: &AgencyView| {
                let whose = customers.iter().find(|customer| customer.id == agency.customer);
                format!("{}  {}  {}\n", agency.id, agency.name, whose.map_or("", |customer| customer.name.as_str()))
            };
            out.answer(&page, |page| page.items.iter().map(line).collect());
        }
    }
    Ok(Ended::Fine)
}

fn read_secret(path: &Path) -> Result<String, std::io::Error> {
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().take(PASSWORD_BYTES).read_to_string(&mut text)?;
    } else {
        std::fs::File::open(path)?.take(PASSWORD_BYTES).read_to_string(&mut text)?;
    }
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
