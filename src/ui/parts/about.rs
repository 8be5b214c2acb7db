//! A link from a word to what the help page says of it.

use leptos::prelude::*;

/// "What is this?" beside the thing itself; who meets the link alone, as in a list of links, hears what "this" is.
#[component]
pub fn About(
    /// Where it is explained.
    #[prop(into)]
    href: String,
    /// What it is.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! {
        <a class="usa-link about" href=href>
            "What is this?"
            <span class="usa-sr-only">{format!(" About {what}")}</span>
        </a>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_says_what_it_is_about() {
        let html = view! { <About href="/help#records" what="Domain Routing" /> }.to_html();
        assert!(html.contains(r#"href="/help#records""#) && html.contains("What is this?"), "{html}");
        assert!(html.contains("About Domain Routing"), "{html}");
    }
}
