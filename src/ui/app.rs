//! The document around every page, and which page stands at which address.

use super::pages::account::AccountPage;
use super::pages::activity::ActivityPage;
use super::pages::add_domain::AddDomainPage;
use super::pages::approve::{AnsweredPage, ApprovePage};
use super::pages::approvers::ApproversPage;
use super::pages::certificate::CertificatePage;
use super::pages::certificates::CertificatesPage;
use super::pages::diagnosis::DiagnosisPage;
use super::pages::domain::DomainPage;
use super::pages::domains::DomainsPage;
use super::pages::export::ExportPage;
use super::pages::help::HelpPage;
use super::pages::import::ImportPage;
use super::pages::invitation::InvitationPage;
use super::pages::mails::{MailsPage, UnsubscribePage, UnsubscribedPage};
use super::pages::missing::MissingPage;
use super::pages::notify::NotifyPage;
use super::pages::people::PeoplePage;
use super::pages::publish::PublishPage;
use super::pages::remove_domain::RemoveDomainPage;
use super::pages::remove_person::RemovePersonPage;
use super::pages::removed::RemovedPage;
use super::pages::report::ReportPage;
use super::pages::revoke::RevokePage;
use super::pages::revoke_token::RevokeTokenPage;
use super::pages::settings::SettingsPage;
use super::pages::shared::SharedPage;
use super::pages::sign_in::SignInPage;
use super::pages::tenants::{AgenciesPage, CustomersPage};
use super::pages::tokens::TokensPage;
use super::pages::triage::TriagePage;
use super::pages::upload::UploadPage;
use super::pages::upload_check::UploadCheckPage;
use super::pages::webhook::WebhookPage;
use super::pages::webhooks::WebhooksPage;
use super::parts::layout::{Footer, Header, House, Session};
use crate::islands::awake::Awake;
use crate::wire::people::HouseView;
use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Redirect, Route, Router};
use leptos_router::{SsrMode, path};

/// The HTML document; Leptos gives its own scripts the response's nonce, and there are no others.
#[must_use]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="robots" content="noindex" />
                <meta name="color-scheme" content="light" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="alternate icon" href="/favicon.ico" sizes="32x32" />
                <link rel="stylesheet" href="/pkg/padlock.css" />
                <AutoReload options=options.clone() />
                <HydrationScripts options islands=true />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The Console.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Frame />
        </Router>
    }
}

#[component]
fn Frame() -> impl IntoView {
    Session::provide();
    House::provide();
    view! {
        <Brand />
        <a class="usa-skipnav" href="#main">
            "Skip to main content"
        </a>
        <Header />
        <main class="main wide" id="main" tabindex="-1">
            <Pages />
        </main>
        <Footer />
        <div class="usa-sr-only" role="status" id="said"></div>
        <Awake />
    }
}

/// Every page's title ends in the provider's name.
#[component]
fn Brand() -> impl IntoView {
    let house = expect_context::<House>();
    let title = move || {
        Suspend::new(async move {
            let HouseView { brand, .. } = house.view().await;
            view! { <Title formatter=move |text: String| format!("{text} - {brand}") /> }
        })
    };
    view! { <Suspense>{title}</Suspense> }
}

/// Pages wait for what they show, so that they are complete without a client.
const WHOLE: SsrMode = SsrMode::Async;

#[component]
fn Pages() -> impl IntoView {
    view! {
        <FlatRoutes fallback=|| view! { <MissingPage /> }.into_any()>
            <Route path=path!("/") view=|| view! { <Redirect path="/domains" /> }.into_any() ssr=WHOLE />
            <Route path=path!("/sign-in") view=|| view! { <SignInPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/domains") view=|| view! { <DomainsPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/domains/new") view=|| view! { <AddDomainPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/domains/removed") view=|| view! { <RemovedPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/domains/import") view=|| view! { <ImportPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/domains/:id/publish") view=|| view! { <PublishPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/domains/:id/notify") view=|| view! { <NotifyPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/domains/:id") view=|| view! { <DomainPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/domains/:id/remove") view=|| view! { <RemoveDomainPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/certificates") view=|| view! { <CertificatesPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/certificates/:id") view=|| view! { <CertificatePage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/certificates/:id/revoke") view=|| view! { <RevokePage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/certificates/:id/export") view=|| view! { <ExportPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/invitation/:token") view=|| view! { <InvitationPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/account") view=|| view! { <AccountPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/triage") view=|| view! { <TriagePage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/account/mails") view=|| view! { <MailsPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/unsubscribe/:token") view=|| view! { <UnsubscribePage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/unsubscribed") view=|| view! { <UnsubscribedPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/activity") view=|| view! { <ActivityPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/people/:id/remove") view=|| view! { <RemovePersonPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/webhooks") view=|| view! { <WebhooksPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/webhooks/:id") view=|| view! { <WebhookPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/tokens") view=|| view! { <TokensPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/tokens/:id/revoke") view=|| view! { <RevokeTokenPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/people") view=|| view! { <PeoplePage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/agencies") view=|| view! { <AgenciesPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/customers") view=|| view! { <CustomersPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/domains/:id/settings") view=|| view! { <SettingsPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/domains/:id/upload") view=|| view! { <UploadPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/domains/:id/upload/check") view=|| view! { <UploadCheckPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/domains/:id/diagnosis") view=|| view! { <DiagnosisPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/domains/:id/report") view=|| view! { <ReportPage /> }.into_any() ssr=SsrMode::InOrder />
            <Route path=path!("/domains/:id/approval") view=|| view! { <ApproversPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/approve/:token") view=|| view! { <ApprovePage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/answered") view=|| view! { <AnsweredPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/records/:secret") view=|| view! { <SharedPage /> }.into_any() ssr=WHOLE />
            <Route path=path!("/help") view=|| view! { <HelpPage /> }.into_any() ssr=WHOLE />
        </FlatRoutes>
    }
}
