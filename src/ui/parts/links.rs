//! Links without sign-in, on a domain's page: made, listed and ended.

use super::time::Time;
use crate::api::links::{EndLink, MakeLink};
use crate::islands::times::Shape;
use crate::wire::link::LinkView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The links that work, and the button that makes one.
#[component]
pub fn Links(
    /// The domain's id.
    id: String,
    /// Newest first.
    links: Vec<LinkView>,
) -> impl IntoView {
    let open = !links.is_empty();
    let listed = links.into_iter().map(|link| view! { <Row link /> }).collect_view();
    view! {
        <details class="more" open=open>
            <summary>"Send to your DNS administrator"</summary>
            <p>
                "A link shows this domain's records, and whether each is there, to whoever opens it: without sign-in, for 14 days. Nothing else can be seen or done with it."
            </p>
            {open.then(|| view! { <ul class="links" role="list">{listed}</ul> })}
            <p>
                <a class="usa-button usa-button--outline" href=format!("/domains/{id}/notify")>
                    "Notify: mail the records"
                </a>
            </p>
            <p>
                <a class="usa-link" href=format!("/domains/{id}/publish")>
                    "Publish for me, with a key of your name server"
                </a>
            </p>
            <form action=MakeLink::url() method="post">
                <input type="hidden" name="id" value=id />
                <button class="usa-button usa-button--outline" type="submit">
                    "Make a link without sign-in"
                </button>
            </form>
        </details>
    }
    .into_any()
}

#[component]
fn Row(link: LinkView) -> impl IntoView {
    let label = format!("End the link made by {} on {}", link.created_by, link.created_at.date_time());
    view! {
        <li class="links__row">
            <span class="keeps-room">
                "Made by " {link.created_by} ", works until " <Time at=link.expires_at shape=Shape::DateTime />
            </span>
            <form action=EndLink::url() method="post" data-in-place="">
                <input type="hidden" name="id" value=link.id />
                <button class="usa-button usa-button--unstyled" type="submit" aria-label=label>
                    "End this link"
                </button>
            </form>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Millis;
    use crate::wire::when::When;

    #[test]
    fn each_link_says_until_when_it_works_and_can_be_ended() {
        let link = LinkView {
            id: "l1".into(),
            created_by: "<b>ana</b>".into(),
            created_at: When(Millis(1_795_254_067_250)),
            expires_at: When(Millis(1_795_254_067_250)),
        };
        let html = view! { <Links id="d1".into() links=vec![link] /> }.to_html();
        assert!(html.contains("works until") && html.contains("21 November 2026"), "{html}");
        assert!(html.contains("End this link") && html.contains("&lt;b&gt;ana"), "{html}");
    }
}
