//! Doors for customers and agencies.

use super::asker::{Asked, Asker, PageAsked, Sent};
use super::problem::Problem;
use crate::wire::domain::Page;
use crate::wire::people::{AgencyView, CustomerView};
use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;

/// A customer to be added.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCustomer {
    name: String,
}

/// An agency to be added.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAgency {
    name: String,
    customer: Option<String>,
}

/// `GET /customers`
pub async fn customers(Asker(desk): Asker, Asked(page): Asked<PageAsked>) -> Result<Json<Page<CustomerView>>, Problem> {
    Ok(Json(desk.paged_customers(&page.cursor, page.limit).await?))
}

/// `POST /customers`
pub async fn add_customer(
    Asker(desk): Asker,
    Sent(new): Sent<NewCustomer>,
) -> Result<(StatusCode, Json<CustomerView>), Problem> {
    Ok((StatusCode::CREATED, Json(desk.add_customer(&new.name).await?)))
}

/// `GET /agencies`
pub async fn agencies(Asker(desk): Asker, Asked(page): Asked<PageAsked>) -> Result<Json<Page<AgencyView>>, Problem> {
    Ok(Json(desk.paged_agencies(&page.cursor, page.limit).await?))
}

/// `POST /agencies`
pub async fn add_agency(
    Asker(desk): Asker,
    Sent(new): Sent<NewAgency>,
) -> Result<(StatusCode, Json<AgencyView>), Problem> {
    Ok((StatusCode::CREATED, Json(desk.add_agency(&new.name, new.customer.as_deref()).await?)))
}
