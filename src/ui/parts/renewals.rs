//! The coming renewals, week by week: a table whose cells are bars, so that the chart is its own text alternative.

use super::time::Time;
use crate::islands::times::Shape;
use crate::wire::certificate::Week;
use leptos::prelude::*;

/// The section.
#[component]
pub fn Renewals(
    /// In order.
    weeks: Vec<Week>,
) -> impl IntoView {
    let most = weeks.iter().map(|week| week.renewals).max().unwrap_or_default();
    let rows = weeks.into_iter().map(|week| view! { <Row week most /> }).collect_view();
    view! {
        <section class="panel" aria-labelledby="coming-renewals">
            <div class="panel__head">
                <h2 id="coming-renewals">"Coming renewals"</h2>
            </div>
            <p class="panel__note">
                "Automatic certificates are renewed by themselves, long before they expire. Nobody has to do anything."
            </p>
            <table class="renewals" aria-labelledby="coming-renewals">
                <thead>
                    <tr>
                        <th scope="col">"Week from"</th>
                        <th scope="col">"Renewals"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

#[component]
fn Row(week: Week, most: u32) -> impl IntoView {
    let share = share(week.renewals, most);
    view! {
        <tr>
            <th scope="row">
                <Time at=week.begins_at shape=Shape::Date />
            </th>
            <td>
                <span class="renewals__count">{week.renewals.to_string()}</span>
                <svg class="renewals__bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                    <rect width=share height="1"></rect>
                </svg>
            </td>
        </tr>
    }
    .into_any()
}

/// A bar's length in hundredths of the longest; what is not nothing can be seen.
fn share(renewals: u32, most: u32) -> u64 {
    match renewals {
        0 => 0,
        some => (u64::from(some) * 100 / u64::from(most.max(some))).max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Millis;

    #[test]
    fn bars_are_shares_of_the_longest() {
        assert_eq!([share(0, 0), share(0, 9), share(3, 3), share(1, 1_000), share(5, 10)], [0, 0, 100, 1, 50]);
    }

    #[test]
    fn every_week_is_a_row_with_its_number() {
        let week = |n: u32| Week { begins_at: Millis(i64::from(n) * 604_800_000).into(), renewals: n };
        let html = view! { <Renewals weeks=(0..3).map(week).collect() /> }.to_html();
        assert_eq!(html.matches("<tr").count(), 4, "{html}");
        assert!(html.contains("1 January 1970") && html.contains(">2</span>"), "{html}");
        assert!(!html.contains("style="), "{html}");
    }
}
