//! What narrows the domain list: quick views with their counts, and a form that the list follows while it is filled in.

use crate::domain::status::{DomainStatus, SslStatus};
use crate::ui::parts::customers::{CUSTOMERS_MAX, CustomerField, id_of};
use crate::ui::parts::errors::field_id;
use crate::ui::parts::fields::SelectField;
use crate::ui::search::address;
use crate::wire::list::{Choices, Count, Search, View};
use crate::wire::people::{AgencyView, CustomerView};
use leptos::prelude::*;

/// A choice of more agencies than this helps nobody: their domains are found by the search.
const AGENCIES_MAX: usize = 200;

/// The quick views, as links with their counts. They keep the customer: it is whose domains somebody looks at.
#[component]
pub fn Views(
    /// What the list shows.
    search: Search,
    /// One for each view.
    counts: Vec<Count>,
) -> impl IntoView {
    let link = |(one, count): (View, Count)| {
        let here = (one.word() == search.view).then_some("page");
        let customer = search.customer.clone();
        let href = address(&Search { view: one.word().to_owned(), customer, ..Search::default() });
        view! {
            <li>
                <a class="usa-link" href=href aria-current=here>
                    {one.label()}
                    " "
                    <span class="views__count">{count.to_string()}</span>
                </a>
            </li>
        }
    };
    view! {
        <nav aria-label="Quick views">
            <ul class="views">{View::ALL.into_iter().zip(counts).map(link).collect_view()}</ul>
        </nav>
    }
    .into_any()
}

/// The form. The list follows it (`islands/live.rs`), or waits for its button.
#[component]
pub fn Filters(
    /// What the list shows.
    search: Search,
    /// Those that it can be narrowed to.
    agencies: Vec<AgencyView>,
    /// What else it can be narrowed to, and how many domains that leaves.
    choices: Choices,
) -> impl IntoView {
    let any =
        |all: Vec<(String, String)>| std::iter::once((String::new(), "Any".to_owned())).chain(all).collect::<Vec<_>>();
    let Choices { domain_statuses, ssl_statuses, causes, customers } = choices;
    let domain = counted(DomainStatus::ALL.iter().map(|s| (s.word(), s.label())), domain_statuses);
    let ssl = counted(SslStatus::ALL.iter().map(|s| (s.word(), s.label())), ssl_statuses);
    let orders = orders(&search);
    let agencies = agencies_of(agencies, id_of(&customers, &search.customer));
    let is_typed = customers.len() > CUSTOMERS_MAX;
    let typed = is_typed.then(|| view! { <TypedCustomer search=search.clone() customers=customers.clone() /> });
    let Search { q, view, domain_status, ssl_status, agency, code, cause, customer, sort, .. } = search;
    let choosable = (1..=AGENCIES_MAX).contains(&agencies.len());
    let kept_agency = if choosable { String::new() } else { agency.clone() };
    let agency =
        choosable.then(|| view! { <SelectField name="agency" label="Agency" choices=any(agencies) chosen=agency /> });
    let chosen = !is_typed && customers.len() > 1;
    let kept_customer = if chosen { String::new() } else { customer.clone() };
    let customer = chosen.then(|| view! { <CustomerField customers chosen=customer /> });
    let causes: Vec<_> =
        causes.into_iter().map(|one| (one.cause, format!("{} ({})", one.words, one.domains))).collect();
    let cause = (!causes.is_empty())
        .then(|| view! { <SelectField name="cause" label="Cause" choices=any(causes) chosen=cause /> });
    // Kept by the form, though it offers no choice of them.
    let kept = hidden([("view", view), ("code", code), ("customer", kept_customer), ("agency", kept_agency)]);
    let sort = if sort == "domain" { String::new() } else { sort };
    view! {
        <search class="filters">
            <form class="filters__row" method="get" action="/domains" data-follows="">
                <div class="usa-form-group filters__search">
                    <label class="usa-label" for=field_id("q")>
                        "Search a name or agency"
                    </label>
                    <input class="usa-input" id=field_id("q") type="search" name="q" autocomplete="off" value=q />
                </div>
                {customer}
                <SelectField name="domain_status" label="Domain Status" choices=any(domain) chosen=domain_status />
                <SelectField name="ssl_status" label="SSL Status" choices=any(ssl) chosen=ssl_status />
                {cause}
                {agency}
                <SelectField name="sort" label="Order" choices=orders chosen=sort />
                {kept}
                <button class="usa-button usa-button--outline" type="submit">
                    "Search"
                </button>
            </form>
        </search>
        {typed}
    }
    .into_any()
}

/// Whose domains the list shows, where there are too many customers to choose from. It is a form of its own, which waits for
/// its button: a list that followed half of a name would be refused.
#[component]
fn TypedCustomer(search: Search, customers: Vec<CustomerView>) -> impl IntoView {
    let kept = search.pairs().map(|(name, value)| (name, value.to_owned()));
    let kept = hidden(kept.into_iter().filter(|(name, _)| *name != "customer"));
    view! {
        <search class="filters" aria-label="Customer">
            <form class="filters__row" method="get" action="/domains">
                <CustomerField customers chosen=search.customer />
                {kept}
                <button class="usa-button usa-button--outline" type="submit">
                    "Show"
                </button>
            </form>
        </search>
    }
    .into_any()
}

/// Fields that nobody sees; what is empty has none.
fn hidden(pairs: impl IntoIterator<Item = (&'static str, String)>) -> AnyView {
    let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    pairs.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view().into_any()
}

/// Statuses with how many domains have each.
fn counted(statuses: impl Iterator<Item = (&'static str, &'static str)>, counts: Vec<Count>) -> Vec<(String, String)> {
    statuses.zip(counts).map(|((word, label), count)| (word.to_owned(), format!("{label} ({count})"))).collect()
}

/// The agencies of the customer that the list is narrowed to, if it is.
fn agencies_of(agencies: Vec<AgencyView>, customer: Option<String>) -> Vec<(String, String)> {
    let theirs = |agency: &AgencyView| customer.as_ref().is_none_or(|id| agency.customer == *id);
    agencies.into_iter().filter(theirs).map(|agency| (agency.id, agency.name)).collect()
}

/// The orders that there are: a search has its own, and what expires is in the order of expiry.
fn orders(search: &Search) -> Vec<(String, String)> {
    let orders: &[(&str, &str)] = match View::from_word(&search.view) {
        _ if !search.cause.is_empty() => return vec![(search.sort.clone(), "Longest waiting first".to_owned())],
        _ if !search.q.is_empty() => return vec![(search.sort.clone(), "Best match first".to_owned())],
        Some(View::Expiring) => &[("", "First to expire"), ("-expires", "Last to expire")],
        _ => &[
            ("", "A to Z"),
            ("-domain", "Z to A"),
            ("status", "Domain Status"),
            ("-status", "Domain Status, reversed"),
            ("expires", "First to expire"),
            ("-expires", "Last to expire"),
        ],
    };
    orders.iter().map(|(word, label)| ((*word).to_owned(), (*label).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::list::CauseChoice;

    fn html(search: &Search, choices: &Choices) -> String {
        let agency = |id: &str, customer: &str| AgencyView {
            id: id.to_owned(),
            name: format!("Agency {id}"),
            customer: customer.to_owned(),
        };
        let agencies = vec![agency("clerk", "c0"), agency("treasurer", "c1")];
        let (search, choices) = (search.clone(), choices.clone());
        Owner::new().with(|| view! { <Filters search agencies choices /> }.to_html())
    }

    fn customers(many: usize) -> Vec<CustomerView> {
        (0..many).map(|n| CustomerView { id: format!("c{n}"), name: format!("County {n}") }).collect()
    }

    /// Whether one tag says all of this.
    fn says(html: &str, parts: &[&str]) -> bool {
        html.split('<').any(|tag| {
            let tag = tag.split('>').next().unwrap_or_default();
            parts.iter().all(|part| tag.contains(part))
        })
    }

    #[test]
    fn choices_say_how_many_domains_they_have() {
        let few = |counted| Count { counted, more: false };
        let cause = CauseChoice { cause: "rec_missing.dns".into(), words: "Not there".into(), domains: few(4) };
        let choices = Choices {
            domain_statuses: DomainStatus::ALL.iter().map(|_| few(7)).collect(),
            ssl_statuses: SslStatus::ALL.iter().map(|_| Count { counted: 1_000, more: true }).collect(),
            causes: vec![cause],
            customers: Vec::new(),
        };
        let search = Search { cause: "rec_missing.dns".into(), customer: "c0".into(), ..Search::default() };
        let html = html(&search, &choices);
        for words in ["Blocked (7)", "Rate Limited (1,000+)", "Not there (4)", "Longest waiting first"] {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert!(says(&html, &["option", r#"value="rec_missing.dns""#, "selected"]), "{html}");
        assert!(!html.contains("Customer"), "whoever sees one customer chooses none: {html}");
        assert!(says(&html, &["hidden", r#"name="customer""#, r#"value="c0""#]), "{html}");
    }

    #[test]
    fn a_customer_is_chosen_and_leaves_its_own_agencies() {
        let choices = |many| Choices { customers: customers(many), ..Choices::default() };
        let any = html(&Search::default(), &choices(3));
        assert!(any.contains("Agency clerk") && any.contains("Agency treasurer") && any.contains("County 2"), "{any}");
        assert!(!any.contains(r#"name="cause""#), "nothing waits for anything: {any}");
        // By name, as an address may have it.
        let one = html(&Search { customer: "county 1".into(), ..Search::default() }, &choices(3));
        assert!(says(&one, &["option", r#"value="c1""#, "selected"]), "{one}");
        assert!(!one.contains("Agency clerk") && one.contains("Agency treasurer"), "{one}");
    }

    #[test]
    fn one_of_many_customers_is_typed_in_a_form_that_waits() {
        let search = Search { customer: "County 9".into(), q: "pay".into(), ..Search::default() };
        let html = html(&search, &Choices { customers: customers(CUSTOMERS_MAX + 1), ..Choices::default() });
        let (followed, typed) = html.split_once("Customer, as it is called").expect("a field");
        assert!(says(followed, &["hidden", r#"name="customer""#, r#"value="County 9""#]), "{followed}");
        assert!(says(typed, &[r#"name="customer""#, r#"value="County 9""#]), "{typed}");
        assert!(says(typed, &["hidden", r#"name="q""#, r#"value="pay""#]), "{typed}");
        assert_eq!(html.matches("data-follows").count(), 1, "{html}");
    }
}
