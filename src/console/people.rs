//! Use cases around people: users, passwords, customers and agencies.

use super::browse::sound_limit;
use super::desk::Desk;
use super::{Console, broken};
use crate::domain::id::CustomerId;
use crate::domain::role::{Act, Role};
use crate::store::{Agency, Customer, NewUser, Outcome, PeopleProblem, User};
use crate::wire::domain::Page;
use crate::wire::error::{Kind, Refusal};
use crate::wire::people::{AgencyView, CustomerView};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use aws_lc_rs::{digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::net::IpAddr;
use tokio::sync::Semaphore;

/// NIST SP 800-63B: a password that stands alone has at least 15 characters.
pub const PASSWORD_CHARS_MIN: usize = 15;
/// Longer input is refused rather than hashed.
const PASSWORD_CHARS_MAX: usize = 256;
/// Argon2id with 19 MiB, two passes, one lane (OWASP's first choice).
const ARGON2_KIB: u32 = 19 * 1024;
/// Passwords hashed side by side: each takes the memory above, and strangers may send as many as they like.
static HASHING: Semaphore = Semaphore::const_new(4);
const SECRET_BYTES: usize = 32;
/// Names of customers, agencies, tokens and domains end somewhere.
pub const NAME_CHARS_MAX: usize = 200;

impl Console {
    /// Signs a person in by password; takes as long for an unknown address as for a known one.
    ///
    /// # Errors
    /// `wrong_sign_in` for both, `too_many_tries` while guesses are slowed down.
    pub async fn check_password(
        &self,
        email: &str,
        password: String,
        address: Option<IpAddr>,
    ) -> Result<User, Refusal> {
        let (email, now) = (email.trim().to_lowercase(), self.clock.now());
        let wrong = || {
            let words = "The e-mail address or the password is wrong.";
            Refusal::field("wrong_sign_in", "password", words).with_typed(&[("email", &email)])
        };
        // Nobody has such an address, and it must not fill the memory of wrong tries.
        if email.len() > NAME_CHARS_MAX {
            return Err(wrong());
        }
        if let Err(until) = self.guesses.take(&email, now) {
            let seconds = until.since(now).max(0) as u64 / 1_000 + 1;
            let words = format!("Too many wrong passwords. Try again in {seconds} seconds.");
            return Err(Refusal {
                retry_after_s: Some(seconds),
                ..Refusal::new(Kind::TooSoon, "too_many_tries", words)
            });
        }
        let user = self.store.user_by_email(&email).await.map_err(|e| broken(&e))?;
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let _turn = HASHING.acquire().await.map_err(|_| Refusal::broken())?;
        let right = tokio::task::spawn_blocking(move || verify(hash.as_deref(), &password)).await.unwrap_or(false);
        match user {
            Some(user) if right => {
                self.guesses.right(&email);
                Ok(user)
            }
            Some(user) => {
                // Strangers' addresses are not written down: they are as many as somebody cares to make up.
                self.note_sign_in(&user, None, address, Outcome::Refused, "Sign-in refused: the password was wrong")
                    .await?;
                Err(wrong())
            }
            None => Err(wrong()),
        }
    }

    /// Adds a person.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn add_user(
        &self,
        email: &str,
        role: Role,
        customer: Option<&str>,
        password: String,
    ) -> Result<User, Refusal> {
        let email = sound_email(email)?;
        let customer = self.bound_customer(role, customer).await?;
        let password_hash = sound_password(password).await?;
        let new = NewUser { email, password_hash, role, customer };
        self.store.add_user(new, self.clock.now()).await.map_err(|problem| refuse(problem, "email"))
    }

    /// A role that is bound to one customer needs it, and the others must not have one.
    pub(super) async fn bound_customer(&self, role: Role, named: Option<&str>) -> Result<Option<CustomerId>, Refusal> {
        match (role.sees_all_customers(), named.map(str::trim).filter(|text| !text.is_empty())) {
            (true, None) => Ok(None),
            (false, None) => Err(Refusal::field(
                "customer_needed",
                "customer",
                format!("The role {} belongs to one customer: name it.", role.word()),
            )),
            (true, Some(_)) => {
                let words = format!("The role {} sees every customer: leave the customer out.", role.word());
                Err(Refusal::field("customer_refused", "customer", words))
            }
            (false, Some(named)) => Ok(Some(self.customer(named).await?.id)),
        }
    }

    /// A customer by id or name.
    ///
    /// # Errors
    /// Names the field when there is none.
    pub async fn customer(&self, named: &str) -> Result<Customer, Refusal> {
        let found = self.store.customer(named).await.map_err(|e| broken(&e))?;
        found.ok_or_else(|| Refusal::field("unknown_customer", "customer", format!("There is no customer {named:?}.")))
    }
}

impl Desk {
    /// Customers that this person may see.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn customers(&self) -> Result<Page<CustomerView>, Refusal> {
        self.caller.must(Act::See)?;
        let all = self.console.store.customers().await.map_err(|e| broken(&e))?;
        let mine = |customer: &Customer| self.caller.customer.as_ref().is_none_or(|own| *own == customer.id);
        let seen = self.caller.customer.is_some() || self.caller.role.sees_all_customers();
        let items = all.into_iter().filter(|customer| seen && mine(customer)).map(customer_view).collect();
        Ok(Page { items, next_cursor: None })
    }

    /// A page of them.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn paged_customers(&self, cursor: &str, limit: Option<u32>) -> Result<Page<CustomerView>, Refusal> {
        self.caller.must(Act::See)?;
        let (cursor, limit) = (Some(cursor).filter(|cursor| !cursor.is_empty()), sound_limit(limit)?);
        let page = self.console.store.paged_customers(&self.caller.scope(), cursor, limit).await;
        let page = page.map_err(|e| broken(&e))?;
        Ok(Page { items: page.items.into_iter().map(customer_view).collect(), next_cursor: page.next_cursor })
    }

    /// Adds a customer.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn add_customer(&self, name: &str) -> Result<CustomerView, Refusal> {
        self.caller.must(Act::ManageCustomers)?;
        let name = sound_name("name", name)?;
        let added = self.console.store.add_customer(&name, self.console.clock.now()).await;
        added.map(customer_view).map_err(|problem| refuse(problem, "name"))
    }

    /// Agencies that this person may see.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn agencies(&self) -> Result<Page<AgencyView>, Refusal> {
        self.caller.must(Act::See)?;
        let agencies = self.console.store.agencies(&self.caller.scope()).await.map_err(|e| broken(&e))?;
        Ok(Page { items: agencies.into_iter().map(agency_view).collect(), next_cursor: None })
    }

    /// A page of them.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn paged_agencies(&self, cursor: &str, limit: Option<u32>) -> Result<Page<AgencyView>, Refusal> {
        self.caller.must(Act::See)?;
        let (cursor, limit) = (Some(cursor).filter(|cursor| !cursor.is_empty()), sound_limit(limit)?);
        let page = self.console.store.paged_agencies(&self.caller.scope(), cursor, limit).await;
        let page = page.map_err(|e| broken(&e))?;
        Ok(Page { items: page.items.into_iter().map(agency_view).collect(), next_cursor: page.next_cursor })
    }

    /// Adds an agency.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub async fn add_agency(&self, name: &str, customer: Option<&str>) -> Result<AgencyView, Refusal> {
        self.caller.must(Act::ManageAgencies)?;
        let name = sound_name("name", name)?;
        let customer = self.customer_meant(customer).await?;
        let added = self.console.store.add_agency(&customer, &name, self.console.clock.now()).await;
        added.map(agency_view).map_err(|problem| refuse(problem, "name"))
    }

    /// The customer that is meant: the named one, the caller's own, or the only one there is.
    pub(super) async fn customer_meant(&self, named: Option<&str>) -> Result<CustomerId, Refusal> {
        let named = named.map(str::trim).filter(|text| !text.is_empty());
        match (named, &self.caller.customer) {
            (None, Some(own)) => Ok(own.clone()),
            (Some(named), own) => {
                let found = self.console.customer(named).await?;
                // Another customer's name is answered like one that does not exist.
                if own.as_ref().is_some_and(|own| *own != found.id) {
                    return Err(Refusal::field(
                        "unknown_customer",
                        "customer",
                        format!("There is no customer {named:?}."),
                    ));
                }
                Ok(found.id)
            }
            (None, None) => match self.console.store.customers().await.map_err(|e| broken(&e))?.as_slice() {
                [only] => Ok(only.id.clone()),
                [] => Err(Refusal::field("customer_needed", "customer", "There is no customer yet: add one first.")),
                _ => Err(Refusal::field("customer_needed", "customer", "Name the customer: there are several.")),
            },
        }
    }
}

/// A role by its word.
///
/// # Errors
/// Names the field when there is none of that word.
pub fn known_role(word: &str) -> Result<Role, Refusal> {
    let unknown = || format!("{word:?} is none of operator, support, manager, viewer.");
    Role::from_word(word).ok_or_else(|| Refusal::field("bad_role", "role", unknown()))
}

fn customer_view(customer: Customer) -> CustomerView {
    CustomerView { id: customer.id.to_string(), name: customer.name }
}

fn agency_view(agency: Agency) -> AgencyView {
    AgencyView { id: agency.id.to_string(), name: agency.name, customer: agency.customer.to_string() }
}

/// A name that people give: trimmed, not empty, not endless, in one line.
pub(super) fn sound_name(field: &str, typed: &str) -> Result<String, Refusal> {
    let name = typed.trim();
    let code = "bad_name";
    if name.is_empty() {
        return Err(Refusal::field(code, field, "Enter a name."));
    }
    if name.chars().count() > NAME_CHARS_MAX || name.contains(char::is_control) {
        return Err(Refusal::field(code, field, format!("A name is one line of at most {NAME_CHARS_MAX} characters.")));
    }
    Ok(name.to_owned())
}

pub(super) fn refuse(problem: PeopleProblem, field: &str) -> Refusal {
    match problem {
        PeopleProblem::Taken => Refusal::field("taken", field, "This one exists already. Choose another."),
        PeopleProblem::UnknownCustomer => Refusal::field("unknown_customer", "customer", "There is no such customer."),
        PeopleProblem::RoleAndCustomer => {
            let words = "Operator and support belong to no customer; manager and viewer belong to one.";
            Refusal::field("customer_refused", "customer", words)
        }
        PeopleProblem::Store(error) => broken(&error),
    }
}

/// An address that mail can be sent to, in lower case.
pub(super) fn sound_email(typed: &str) -> Result<String, Refusal> {
    let email = typed.trim().to_lowercase();
    let unsound = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';');
    if !email.contains('@') || email.len() > NAME_CHARS_MAX || email.contains(unsound) {
        return Err(Refusal::field("bad_email", "email", "Enter an e-mail address, such as ana@county.gov."));
    }
    Ok(email)
}

/// The hash of a password that is long enough, made in its turn.
pub(super) async fn sound_password(password: String) -> Result<String, Refusal> {
    let long = password.chars().count();
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&long) {
        let words =
            format!("A password has {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters; this one has {long}.");
        return Err(Refusal::field("bad_password", "password", words));
    }
    let _turn = HASHING.acquire().await.map_err(|_| Refusal::broken())?;
    let hash = tokio::task::spawn_blocking(move || hash(&password)).await.ok().flatten();
    hash.ok_or_else(Refusal::broken)
}

/// A secret of 256 random bits, as text to be given once, and its SHA-256 to be kept.
pub(super) fn secret() -> Result<(String, [u8; 32]), Refusal> {
    let mut secret = [0_u8; SECRET_BYTES];
    rand::fill(&mut secret).map_err(|_| Refusal::broken())?;
    Ok((URL_SAFE_NO_PAD.encode(secret), sha256(&secret)))
}

fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(ARGON2_KIB, 2, 1, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Option<String> {
    argon2()?.hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

/// Checks a password, or spends the same time on nobody's.
fn verify(stored: Option<&str>, password: &str) -> bool {
    let Some(argon2) = argon2() else { return false };
    match stored.and_then(|text| PasswordHash::new(text).ok()) {
        Some(hash) if password.len() <= 4 * PASSWORD_CHARS_MAX => {
            argon2.verify_password(password.as_bytes(), &hash).is_ok()
        }
        _ => {
            let _spent = hash("nobody has this password");
            false
        }
    }
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0_u8; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}
