//! Form fields: a label, one line of help, the error beside the control, and what was typed kept.

use super::errors::field_id;
use crate::wire::error::Refusal;
use leptos::prelude::*;

/// A line of text.
#[component]
pub fn TextField(
    /// The field's name in the form.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// One line of help.
    #[prop(optional)]
    hint: &'static str,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// What a browser or password manager may fill in (WCAG 1.3.5).
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Whether it must be filled in.
    #[prop(default = true)]
    required: bool,
    /// What stands in it at first.
    #[prop(optional, into)]
    filled: String,
    /// Why the form came back.
    refusal: Signal<Option<Refusal>>,
) -> impl IntoView {
    let id = field_id(name);
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let wrong = move || refusal.with(|refusal| Some(refusal.as_ref()?.of_field(name)?.to_owned()));
    let filled = Some(filled).filter(|filled| !filled.is_empty());
    let typed = move || {
        let typed = refusal.with(|refusal| Some(refusal.as_ref()?.typed(name)?.to_owned()));
        typed.or_else(|| filled.clone())
    };
    let described_by = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || described_by((!hint.is_empty()).then_some(&hint_id), wrong().is_some().then_some(&error_id))
    };
    view! {
        <div class="usa-form-group" class:usa-form-group--error=move || wrong().is_some()>
            <label class="usa-label" for=id.clone()>
                {label}
                {(!required).then_some(view! { <span class="optional">" (optional)"</span> })}
            </label>
            {(!hint.is_empty()).then(|| view! { <p class="usa-hint" id=hint_id>{hint}</p> })}
            <FieldError id=error_id wrong=Signal::derive(wrong) />
            <input
                class="usa-input"
                id=id
                name=name
                type=kind
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                required=required
                value=typed
                aria-describedby=described_by
                aria-invalid=move || wrong().map(|_| "true")
            />
        </div>
    }
    .into_any()
}

/// Several lines of text.
#[component]
pub fn LinesField(
    /// The field's name in the form.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// One line of help.
    hint: &'static str,
    /// What stands in it at first.
    #[prop(optional, into)]
    filled: String,
    /// Lines that are shown.
    #[prop(default = 4)]
    rows: u32,
    /// Characters at most.
    #[prop(default = 2_000)]
    most: u32,
    /// Why the form came back.
    refusal: Signal<Option<Refusal>>,
) -> impl IntoView {
    let id = field_id(name);
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let wrong = move || refusal.with(|refusal| Some(refusal.as_ref()?.of_field(name)?.to_owned()));
    // Plain text: what marks a place that may change would be read as part of it.
    let typed = refusal.with_untracked(|refusal| Some(refusal.as_ref()?.typed(name)?.to_owned())).unwrap_or(filled);
    let describes = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || described_by(Some(&hint_id), wrong().is_some().then_some(&error_id))
    };
    view! {
        <div class="usa-form-group" class:usa-form-group--error=move || wrong().is_some()>
            <label class="usa-label" for=id.clone()>
                {label}
            </label>
            <p class="usa-hint" id=hint_id>
                {hint}
            </p>
            <FieldError id=error_id wrong=Signal::derive(wrong) />
            <textarea
                class="usa-input lines"
                id=id
                name=name
                rows=rows
                maxlength=most
                autocapitalize="none"
                spellcheck="false"
                aria-describedby=describes
                aria-invalid=move || wrong().map(|_| "true")
            >
                {typed}
            </textarea>
        </div>
    }
    .into_any()
}

/// Any of several values.
#[component]
pub fn CheckField(
    /// The field's name in the form; each value is sent as `name[]`.
    name: &'static str,
    /// Its legend.
    label: &'static str,
    /// One line of help.
    hint: &'static str,
    /// Value and words of each choice.
    choices: Vec<(String, String)>,
    /// The values that are chosen at first.
    chosen: Vec<String>,
    /// Why the form came back.
    refusal: Signal<Option<Refusal>>,
) -> impl IntoView {
    let id = field_id(name);
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let wrong = move || refusal.with(|refusal| Some(refusal.as_ref()?.of_field(name)?.to_owned()));
    let described = hint_id.clone();
    let boxes = choices.into_iter().enumerate().map(|(at, (value, words))| {
        let id = if at == 0 { id.clone() } else { format!("{id}-{at}") };
        let checked = chosen.contains(&value);
        view! {
            <div class="check">
                <input id=id.clone() type="checkbox" name=format!("{name}[]") value=value checked=checked />
                <label for=id>{words}</label>
            </div>
        }
    });
    view! {
        <fieldset class="usa-form-group checks" aria-describedby=described>
            <legend class="usa-label">{label}</legend>
            <p class="usa-hint" id=hint_id>
                {hint}
            </p>
            <FieldError id=error_id wrong=Signal::derive(wrong) />
            {boxes.collect_view()}
        </fieldset>
    }
    .into_any()
}

/// A file.
#[component]
pub fn FileField(
    /// The field's name in the form.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// One line of help.
    hint: &'static str,
    /// Endings that the chooser offers first.
    accept: &'static str,
    /// Why the form came back.
    refusal: Signal<Option<Refusal>>,
) -> impl IntoView {
    let id = field_id(name);
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let wrong = move || refusal.with(|refusal| Some(refusal.as_ref()?.of_field(name)?.to_owned()));
    let described_by = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || described_by(Some(&hint_id), wrong().is_some().then_some(&error_id))
    };
    view! {
        <div class="usa-form-group" class:usa-form-group--error=move || wrong().is_some()>
            <label class="usa-label" for=id.clone()>
                {label}
            </label>
            <p class="usa-hint" id=hint_id>
                {hint}
            </p>
            <FieldError id=error_id wrong=Signal::derive(wrong) />
            <input
                class="file"
                id=id
                name=name
                type="file"
                accept=accept
                aria-describedby=described_by
                aria-invalid=move || wrong().map(|_| "true")
            />
        </div>
    }
    .into_any()
}

/// What is wrong with a field, beside it.
#[component]
pub fn FieldError(
    /// Its id, for `aria-describedby`.
    id: String,
    /// What is wrong.
    wrong: Signal<Option<String>>,
) -> impl IntoView {
    move || wrong.get().map(|words| view! { <p class="usa-error-message" id=id.clone()>{words}</p> })
}

/// One of several values.
#[component]
pub fn SelectField(
    /// The field's name in the form.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// One line of help.
    #[prop(optional)]
    hint: &'static str,
    /// Value and words of each choice.
    choices: Vec<(String, String)>,
    /// The value that is chosen at first.
    #[prop(optional, into)]
    chosen: String,
    /// Why the form came back.
    #[prop(optional)]
    refusal: Signal<Option<Refusal>>,
) -> impl IntoView {
    let id = field_id(name);
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let wrong = refusal.with(|refusal| Some(refusal.as_ref()?.of_field(name)?.to_owned()));
    let described_by = described_by((!hint.is_empty()).then_some(&hint_id), wrong.as_ref().map(|_| &error_id));
    let is_wrong = wrong.is_some();
    let options = choices.into_iter().map(|(value, words)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{words}</option> }
    });
    view! {
        <div class="usa-form-group" class:usa-form-group--error=is_wrong>
            <label class="usa-label" for=id.clone()>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="usa-hint" id=hint_id>{hint}</p> })}
            {wrong.map(|words| view! { <p class="usa-error-message" id=error_id>{words}</p> })}
            <select
                class="select"
                id=id
                name=name
                aria-describedby=described_by
                aria-invalid=is_wrong.then_some("true")
            >
                {options.collect_view()}
            </select>
        </div>
    }
    .into_any()
}

fn described_by(hint: Option<&String>, error: Option<&String>) -> Option<String> {
    let ids: Vec<&str> = hint.into_iter().chain(error).map(String::as_str).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_keeps_what_was_typed_and_names_its_error() {
        let refusal = Refusal::field("name_invalid", "domain", "Not a name.").with_typed(&[("domain", "a b")]);
        let field =
            || view! { <TextField name="domain" label="Domain" hint="So." refusal=Signal::stored(Some(refusal)) /> };
        let html = Owner::new().with(|| field().to_html());
        assert!(html.contains(r#"value="a b""#), "{html}");
        assert!(html.contains(r#"aria-describedby="field-domain-hint field-domain-error""#), "{html}");
        assert!(html.contains(r#"aria-invalid="true""#), "{html}");
        assert!(html.contains("Not a name."), "{html}");
    }
}
