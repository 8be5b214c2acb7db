//! The contract of the store, kept by both engines: every case runs on SQLite and on PostgreSQL, each in a database of
//! its own.

mod agency_names;
mod allowances;
mod approvals;
mod audits;
mod backups;
mod beside;
mod given;
mod handed_on;
mod identities;
mod imports;
mod kit;
mod leases;
mod links;
mod listing;
mod nodes;
mod people;
mod plans;
mod postgres;
mod prunes;
mod replays;
mod report_mails;
mod rotation;
mod scopes;
mod secrets;
mod sharings;
mod transactions;
mod triage;
mod uploads;
mod writes;

use kit::Kit;
use std::future::Future;
use std::pin::Pin;

type Case = fn(Kit) -> Pin<Box<dyn Future<Output = ()> + Send>>;

macro_rules! contract {
    ($($room:ident: $($case:ident),* $(,)?;)*) => {
        mod sqlite {
            $(mod $room {$(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let kit = super::super::Kit::sqlite().await;
                    super::super::$room::$case(kit).await;
                }
            )*})*
        }

        const CASES: &[(&str, Case)] = &[$($((stringify!($case), |kit| Box::pin($room::$case(kit)))),*),*];
    };
}

contract! {
    leases: each_domain_goes_to_one_claimer, a_lapsed_lease_is_taken_over,
        a_fresh_start_inherits_on_one_node_only, a_removed_domain_is_not_claimed,
        an_idle_worker_knows_when_to_wake, a_refresh_during_work_is_not_lost, an_open_page_is_not_forgotten,
        a_lease_can_be_kept_and_given_back, people_wait_for_a_walk_and_not_it_for_them;
    writes: facts_read_back_as_written, a_stale_revision_changes_nothing, a_certificate_from_order_to_edge,
        a_page_whose_columns_are_not_its_rows_is_none, every_name_is_in_one_range,
        removal_ends_everything, a_refused_write_leaves_nothing, settings_reach_the_worker,
        listeners_hear_of_every_commit, other_processes_are_heard_once, postgres_calls_other_processes;
    scopes: nobody_sees_another_customers_rows, tokens_last_and_labels_do_not, one_verified_claim_holds_a_name;
    listing: a_list_is_whole_while_rows_come, filters_find_their_rows,
        a_search_shows_first_what_begins_with_it, a_bad_row_harms_only_itself,
        the_timeline_is_paged, a_census_counts_every_domain,
        pages_lead_back_as_they_led_on, views_are_counted_and_listed_alike, statuses_are_counted_and_listed_alike;
    beside: what_stands_beside_a_page_is_read_at_once;
    agency_names: a_search_finds_the_domains_of_an_agency, an_older_database_finds_them_too;
    people: names_are_unique_whatever_the_case, a_person_belongs_to_several_customers, an_invitation_is_used_once, tokens_expire_and_are_revoked, sessions_end,
        customers_agencies_and_tokens_are_listed_page_by_page,
        a_disabled_person_is_out_at_once_and_may_come_back;
    allowances: a_full_ca_has_no_place_until_one_is_free, nodes_together_never_take_a_place_twice,
        names_and_their_failures_are_counted_apart, a_ca_that_asked_for_a_pause_has_it;
    audits: acts_are_chained_and_what_is_meddled_with_is_named, acts_side_by_side_make_one_chain;
    backups: a_copy_is_whole_and_private, a_missing_database_has_no_copy;
    links: links_end_in_time_and_by_hand, a_domain_has_so_many_links_and_takes_them_along,
        links_are_listed_page_by_page;
    nodes: nodes_are_listed_while_they_are_heard;
    transactions: what_is_not_committed_is_not_there, what_waits_goes_first_and_counts_for_nobody,
        what_waits_keeps_its_order, what_a_guard_does_not_find_has_not_happened, a_connection_that_was_closed_is_opened_anew;
    plans: no_hot_statement_reads_a_whole_table;
    prunes: a_removed_domain_is_purged_after_thirty_days, many_notices_go_in_batches;
    replays: a_request_is_acted_on_once, an_act_is_known_after_a_crash, answers_are_kept_sealed_for_a_day;
    identities: a_person_is_known_once_by_address_and_then_by_name,
        who_was_invited_comes_in_with_every_role_that_was_offered;
    imports: what_comes_from_elsewhere_is_kept_as_it_was;
    triage: heaps_hold_what_is_not_ready_and_lists_agree;
    report_mails: a_report_is_taken_once_in_its_period, a_report_is_owed_until_it_arrives;
    rotation: a_new_master_key_replaces_the_old_one;
    sharings: an_enabled_agency_finds_the_domain, renewals_are_counted_by_week;
    uploads: an_upload_waits_an_hour_for_a_yes, an_upload_is_served_once_and_ends_for_all;
    handed_on: letters_are_counted_by_domain_and_by_sender, a_key_opens_one_customers_zone,
        what_a_removed_domain_left_is_looked_at_daily, people_hear_once_of_what_a_removed_domain_left;
    approvals: a_request_is_answered_once;
    secrets: keys_lie_sealed_and_bound, accounts_lie_sealed, migrating_again_does_nothing;
}

/// One server for all cases: starting one takes longer than any of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let Some(server) = postgres::Server::found_or_started() else {
        eprintln!("SKIPPED: no PostgreSQL: neither PADLOCK_TEST_POSTGRES_URL nor /usr/lib/postgresql/*/bin");
        return;
    };
    let server = std::sync::Arc::new(server);
    for (name, case) in CASES {
        eprintln!("on PostgreSQL: {name}");
        case(Kit::postgres(&server).await).await;
    }
}
