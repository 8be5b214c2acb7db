//! The records in an administrator's own tool: texts to copy, or to take along as files.

use super::copy::CopyButton;
use crate::domain::recipe::{Sheet, Tool};
use leptos::prelude::*;

/// One text for each tool; only one is open at a time.
#[component]
pub fn Tools(
    /// The records.
    sheet: Sheet,
    /// Where they are downloaded: an address that takes `?format=`.
    files: String,
) -> impl IntoView {
    let texts = Tool::ALL.iter().map(|tool| view! { <Text tool=*tool text=tool.write(&sheet) files=files.clone() /> });
    view! {
        <section class="tools" aria-labelledby="in-your-tool">
            <h3 id="in-your-tool">"In your tool"</h3>
            <p class="panel__note">
                "The same records as text to copy or to save. Read it before you run it, and first remove what else stands at these names."
            </p>
            {texts.collect_view()}
        </section>
    }
    .into_any()
}

#[component]
fn Text(tool: Tool, text: String, files: String) -> impl IntoView {
    let id = format!("tool-{}", tool.word());
    let href = format!("{files}?format={}", tool.word());
    let label = format!("Text for {}", tool.label());
    view! {
        <details class="tool" name="tool">
            <summary>{tool.label()}</summary>
            <p class="tool__advice">{tool.advice()}</p>
            // It may be wider than the window: who has no mouse scrolls it by keys.
            <pre class="tool__text" id=id.clone() tabindex="0" role="region" aria-label=label>
                {text}
            </pre>
            <p class="tool__actions">
                <CopyButton what=format!("text for {}", tool.label()) shown_in=id />
                <a class="usa-link" href=href download="">
                    {format!("Download for {}", tool.label())}
                </a>
            </p>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::parts::examples::waiting;
    use crate::wire::domain::sheet;

    #[test]
    fn every_tool_has_its_text_and_its_file_and_texts_stay_texts() {
        let mut view = waiting();
        view.dns_records[0].value = "<script>alert(1)</script>".into();
        let sheet = sheet(&view.domain, None, &view.dns_records).expect("a zone");
        let html = view! { <Tools sheet files="/files".into() /> }.to_html();
        for tool in Tool::ALL {
            assert!(html.contains(tool.label()), "{}", tool.word());
            assert!(html.contains(&format!("/files?format={}", tool.word())), "{}", tool.word());
        }
        assert!(!html.contains("<script>"), "{html}");
        assert_eq!(html.matches(r#"name="tool""#).count(), Tool::ALL.len(), "{html}");
    }
}
