//! PLACEHOLDER while the floor is built; replaced before it lands.
#![expect(missing_docs, reason = "under construction")]
use crate::wire::domain::*;
use crate::wire::error::Refusal;
use crate::wire::people::*;
pub struct Desk;
pub async fn viewer() -> Result<Option<Viewer>, Refusal> {
    Ok(None)
}
pub async fn sign_in(_e: &str, _p: String, _n: &str) -> Result<(), Refusal> {
    Err(Refusal::broken())
}
pub async fn sign_out() -> Result<(), Refusal> {
    Err(Refusal::broken())
}
pub async fn open() -> Result<Desk, Refusal> {
    Err(Refusal::signed_out())
}
impl Desk {
    pub async fn list_rows(&self, _q: &str, _d: &str, _s: &str, _c: &str) -> Result<Page<DomainRow>, Refusal> {
        Err(Refusal::broken())
    }
    pub async fn domain(&self, _id: &str) -> Result<DomainView, Refusal> {
        Err(Refusal::broken())
    }
    pub async fn timeline(&self, _id: &str, _c: &str, _l: Option<u32>) -> Result<Page<EventView>, Refusal> {
        Err(Refusal::broken())
    }
    pub async fn add_choices(&self) -> Result<AddChoices, Refusal> {
        Err(Refusal::broken())
    }
    pub async fn add_from_form(
        &self,
        _d: &str,
        _n: &str,
        _c: &str,
        _a: &str,
        _al: &str,
    ) -> Result<DomainView, Refusal> {
        Err(Refusal::broken())
    }
    pub async fn refresh(&self, _id: &str) -> Result<(), Refusal> {
        Err(Refusal::broken())
    }
    pub async fn renew(&self, _id: &str) -> Result<(), Refusal> {
        Err(Refusal::broken())
    }
    pub async fn remove_from_form(&self, _id: &str, _t: &str) -> Result<(), Refusal> {
        Err(Refusal::broken())
    }
}
