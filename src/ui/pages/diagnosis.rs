//! What a certificate authority sees of a domain: each question with everybody's answer, and the climb to the CAA rule.

use crate::api::domains::diagnosis;
use crate::domain::finding::printable;
use crate::ui::pages::Loading;
use crate::ui::parts::heading::Heading;
use crate::ui::parts::refused::Refused;
use crate::ui::parts::time::Time;
use crate::wire::diagnosis::{CaaView, CellView, DiagnosisView, QuestionView};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// The page.
#[component]
pub fn DiagnosisPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let shown = Resource::new_blocking(move || id.get(), diagnosis);
    view! {
        <Suspense fallback=Loading>
            {move || {
                let id = id.get();
                Suspend::new(async move {
                    match shown.await {
                        Ok(view) => view! { <Body view id /> }.into_any(),
                        Err(refusal) => view! { <Refused refusal /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Body(view: DiagnosisView, id: String) -> impl IntoView {
    let title = format!("What the certificate authority sees of {}", view.domain);
    let when = view.examined_at.map_or_else(
        || view! { "Nothing was examined closely yet: that happens while a domain is not Ready." }.into_any(),
        |at| {
            view! {
                "Seen " <Time at />
                ", by each name server and by our resolvers. The number before a record is how many seconds it may be remembered."
            }
            .into_any()
        },
    );
    let questions = view.grid.into_iter().map(|question| view! { <Question question /> }).collect_view();
    view! {
        <Title text=title.clone() />
        <p>
            <a class="usa-link" href=format!("/domains/{id}")>
                {format!("Back to {}", view.domain)}
            </a>
        </p>
        <Heading text=title />
        <p class="lead">{view.headline}</p>
        <p class="panel__note">{when}</p>
        <CaaTree levels=view.caa />
        {questions}
    }
    .into_any()
}

/// One question: a line for each server, the ones that disagree marked by a word.
#[component]
fn Question(question: QuestionView) -> impl IntoView {
    let caption = format!("{} {}", question.rtype, question.name);
    let label = caption.clone();
    let rows = question.answers.into_iter().map(|cell| view! { <Cell cell /> }).collect_view();
    view! {
        <div class="answers" role="region" aria-label=label tabindex="0">
            <table>
                <caption>{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Who was asked"</th>
                        <th scope="col">"Answer"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Cell(cell: CellView) -> impl IntoView {
    let differs = cell.differs.then(|| view! { <strong>"Differs: "</strong> });
    view! {
        <tr>
            <th scope="row">{format!("{} ({})", printable(&cell.server), cell.address)}</th>
            <td>{differs} {printable(&cell.words)}</td>
        </tr>
    }
}

/// From the name up to the top: who may issue, and where it says so.
#[component]
fn CaaTree(levels: Vec<CaaView>) -> impl IntoView {
    let any = !levels.is_empty();
    let nobody = !levels.iter().any(|level| level.in_force);
    let listed = levels.into_iter().map(|level| view! { <li>{level_words(&level)}</li> }).collect_view();
    any.then(|| {
        view! {
            <section class="answer" aria-labelledby="caa-title">
                <h2 class="answer__title" id="caa-title">
                    "Which certificate authorities may issue (CAA)"
                </h2>
                <ol class="evidence">{listed}</ol>
                {nobody.then(|| view! { <p>"No rule is in force: any certificate authority may issue."</p> })}
            </section>
        }
    })
}

fn level_words(level: &CaaView) -> String {
    let lines: Vec<String> = level.lines.iter().map(|line| printable(line)).collect();
    let place =
        level.at.as_ref().map_or_else(|| level.name.clone(), |at| format!("{} (by its alias, at {at})", level.name));
    match (level.failed, level.in_force) {
        (true, _) => format!("{place}: the question fails"),
        (_, true) => format!("{place}: {}. This is the rule in force.", lines.join("; ")),
        (_, false) if lines.is_empty() => format!("{place}: no rule"),
        (_, false) => format!("{place}: {}. Not looked at: a rule nearer to the name counts.", lines.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_in_force_is_named_and_strangers_words_stay_words() {
        let level = |name: &str, lines: &[&str], in_force| CaaView {
            name: name.into(),
            at: None,
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            failed: false,
            in_force,
        };
        let levels = vec![level("x.court.gov", &[], false), level("court.gov", &["0 issue \"<b>\u{202e}\""], true)];
        let html = view! { <CaaTree levels /> }.to_html();
        assert!(html.contains("x.court.gov: no rule") && html.contains("This is the rule in force"), "{html}");
        assert!(!html.contains("<b>") && html.contains("\\u{202e}"), "{html}");
    }
}
