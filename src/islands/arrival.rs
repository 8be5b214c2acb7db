//! Where the focus goes when a page opens: to what is wrong, or to the heading of a page that somebody was led to.

use super::browser;

/// The id of a page's heading.
pub const HEADING_ID: &str = "page-heading";
/// The id of the error summary.
pub const SUMMARY_ID: &str = "error-summary";

/// Leads the focus. A page that was reloaded, gone back to, or opened by its address begins where pages begin; so does one that
/// somebody has begun to use meanwhile.
pub fn lead() {
    if browser::is_focused() {
        return;
    }
    if !browser::focus(SUMMARY_ID) && browser::was_led_here() {
        browser::focus(HEADING_ID);
    }
}
