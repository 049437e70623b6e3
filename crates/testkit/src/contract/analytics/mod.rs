//! The contract of [`AnalyticsRepository`](adstead_domain::port::AnalyticsRepository).

mod inventory;
mod reports;
mod spend;

use adstead_domain::{AccountId, PerformanceEvent};
use inventory::{
    an_account_without_anything_holds_nothing, an_inventory_counts_what_one_user_made,
    an_inventory_counts_what_the_account_holds, an_inventory_follows_changes,
    an_inventory_sets_budgets_against_what_their_own_campaigns_spent,
    another_accounts_things_are_in_no_inventory,
};
use reports::{
    a_day_has_twenty_five_hours_when_clocks_go_back, a_day_has_twenty_three_hours_when_clocks_go_forward,
    a_range_has_its_beginning_and_not_its_end, a_report_has_a_bound_on_its_rows,
    a_report_says_when_it_was_read, a_report_sees_what_was_just_recorded, a_report_without_events_is_empty,
    another_accounts_events_are_in_no_report, hours_begin_where_the_zones_clocks_say,
    reports_equal_the_sum_of_their_events_in_autumn, reports_equal_the_sum_of_their_events_in_spring,
    rows_come_by_period_and_then_by_key,
};
use spend::{
    another_accounts_events_are_in_no_spend, figures_past_64_bits_are_rejected,
    nothing_is_spent_without_events, spend_by_campaign_equals_the_spend_of_each, spend_counts_its_scope_only,
    spend_sees_what_was_just_recorded, today_begins_at_the_given_instant,
};

use super::{Case, Repositories};
use crate::{build, cases};

/// What every `AnalyticsRepository` must do.
pub const CASES: &[Case<Repositories>] = cases![
    a_report_without_events_is_empty,
    reports_equal_the_sum_of_their_events_in_spring,
    reports_equal_the_sum_of_their_events_in_autumn,
    a_day_has_twenty_three_hours_when_clocks_go_forward,
    a_day_has_twenty_five_hours_when_clocks_go_back,
    hours_begin_where_the_zones_clocks_say,
    a_range_has_its_beginning_and_not_its_end,
    rows_come_by_period_and_then_by_key,
    a_report_has_a_bound_on_its_rows,
    a_report_sees_what_was_just_recorded,
    a_report_says_when_it_was_read,
    another_accounts_events_are_in_no_report,
    nothing_is_spent_without_events,
    spend_counts_its_scope_only,
    spend_by_campaign_equals_the_spend_of_each,
    today_begins_at_the_given_instant,
    spend_sees_what_was_just_recorded,
    another_accounts_events_are_in_no_spend,
    figures_past_64_bits_are_rejected,
    an_account_without_anything_holds_nothing,
    an_inventory_counts_what_the_account_holds,
    an_inventory_counts_what_one_user_made,
    an_inventory_follows_changes,
    an_inventory_sets_budgets_against_what_their_own_campaigns_spent,
    another_accounts_things_are_in_no_inventory,
];

async fn record(world: &Repositories, account: AccountId, events: impl Into<Vec<PerformanceEvent>>) {
    let events = events.into();
    let count = events.len();
    let recorded = world.performance.record(account, build::batch(events)).await;
    assert_eq!(recorded.expect("events can be recorded").counted, count);
}
