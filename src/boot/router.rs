//! What the Console's listener answers: pages, their doors, the REST API, live updates, files and health.

use super::doors;
use super::guard;
use super::health::{self, Health};
use super::settings::Settings;
use super::uploads;
use crate::console::Console;
use crate::console::session::{IDLE_MS, Sessions};
use crate::rest;
use crate::ui::app::{App, shell};
use crate::ui::asked_site::AskedSite;
use crate::ui::status::PageStatus;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list, render_app_async_with_context};
use std::pin::Pin;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::services::{ServeDir, ServeFile};
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time;
use tower_sessions::{Expiry, SessionManagerLayer};

/// A request's body is at most this long on every path: an upload's, the longest.
const BODY_BYTES: usize = rest::uploads::BODY_BYTES;
/// Files of the site are asked for again after this; their names don't change with their contents.
const FILES_KEPT: &str = "public, max-age=300, must-revalidate";

/// Everything that the Console's listener answers.
pub fn router(settings: &Settings, console: Console, health: Health) -> Router {
    let options = LeptosOptions::builder()
        .output_name("padlock")
        .site_root(settings.site_root.display().to_string())
        .site_pkg_dir("pkg")
        .site_addr(settings.console_addr)
        .build();
    let context = {
        let console = console.clone();
        move || {
            provide_context(console.clone());
            announce_policy();
            take_status();
        }
    };
    let page = {
        let options = options.clone();
        move || shell(options.clone())
    };
    let nowhere = get(render_app_async_with_context(context.clone(), page.clone()));
    let table = post(checked_table(context.clone(), page.clone()));
    let pages = Router::new()
        .route("/domains/import", table)
        .leptos_routes_with_context(&options, generate_route_list(App), context, page)
        .fallback(nowhere)
        .layer(axum::middleware::from_fn(doors::answers))
        .layer(from_fn_with_state(console.clone(), rest::rate::paced_forms))
        .with_state(options);
    let files = Router::new()
        .nest_service("/pkg", ServeDir::new(settings.site_root.join("pkg")).precompressed_br().precompressed_gzip())
        .route_service("/favicon.ico", ServeFile::new(settings.site_root.join("favicon.ico")))
        .route_service("/favicon.svg", ServeFile::new(settings.site_root.join("favicon.svg")))
        .route_service("/robots.txt", ServeFile::new(settings.site_root.join("robots.txt")))
        .layer(guard::header(header::CACHE_CONTROL, HeaderValue::from_static(FILES_KEPT)));
    let router = Router::new()
        .merge(pages)
        .merge(rest::router(&console))
        .layer(sessions(settings, &console))
        .merge(files)
        .merge(health::router(health))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES))
        .layer(axum::middleware::from_fn(guard::refuse_bare_cookies))
        .layer(CsrfLayer::new().with_insecure_bypass(guard::is_one_click))
        .layer(CatchPanicLayer::new())
        .layer(axum::middleware::from_fn(guard::answer_in_time))
        .layer(axum::middleware::from_fn(rest::problem::always))
        .layer(axum::middleware::from_fn(guard::headers))
        .layer(from_fn_with_state(settings.trusted_proxies.clone(), guard::know_client));
    // The outermost: whatever is answered says so.
    if settings.is_secure() { router.layer(guard::https_only()) } else { router }
}

/// The page that shows what would come of a table that was sent to it.
fn checked_table<Page, View>(
    context: impl Fn() + Clone + Send + Sync + 'static,
    page: Page,
) -> impl Fn(Request) -> Pin<Box<dyn Future<Output = Response> + Send>> + Clone
where
    Page: Fn() -> View + Clone + Send + Sync + 'static,
    View: IntoView + 'static,
{
    move |request| {
        let (context, page) = (context.clone(), page.clone());
        Box::pin(async move {
            let (sent, request) = match uploads::table(request).await {
                Ok(read) => read,
                Err(refused) => return refused,
            };
            let context = move || {
                context();
                provide_context(sent.clone());
            };
            render_app_async_with_context(context, page)(request).await.into_response()
        })
    }
}

fn sessions(settings: &Settings, console: &Console) -> SessionManagerLayer<Sessions> {
    let secure = settings.is_secure();
    // Browsers take the prefix only over HTTPS; a sandbox on loopback does without it.
    let name = if secure { "__Host-padlock" } else { "padlock" };
    let idle =
        time::Duration::try_from(Duration::from_millis(IDLE_MS.unsigned_abs())).unwrap_or(time::Duration::MINUTE);
    SessionManagerLayer::new(Sessions(console.store.clone()))
        .with_name(name)
        .with_secure(secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(idle))
}

/// A page that could not be shown says so in its HTTP status too.
fn take_status() {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    provide_context(PageStatus::new(move |status| {
        if let Ok(status) = StatusCode::from_u16(status) {
            response.set_status(status);
        }
    }));
}

/// Each page names the one nonce that its scripts carry, and nothing else runs; a page whose reader's browser asks a domain's
/// site may ask that one.
fn announce_policy() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    let announce = move |site: &str| {
        let policy = format!(
            "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' \
             data:; font-src 'self'; connect-src 'self'{site}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        if let Ok(value) = HeaderValue::from_str(&policy) {
            response.insert_header(header::CONTENT_SECURITY_POLICY, value);
        }
    };
    announce("");
    provide_context(AskedSite::new(move |site| announce(&format!(" {site}"))));
}
