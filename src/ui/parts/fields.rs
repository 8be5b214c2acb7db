//! Form fields: a label, one line of help, the error beside the control, and what was typed kept.

use super::errors::field_id;
use crate::wire::error::Refusal;
use leptos::prelude::*;

/// What stands around a control, and describes it: its label, its help, and what is wrong with it.
struct Frame {
    id: String,
    label: String,
    optional: bool,
    hint: &'static str,
    wrong: Signal<Option<String>>,
}

impl Frame {
    fn new(name: &'static str, label: impl Into<String>, hint: &'static str, refusal: Signal<Option<Refusal>>) -> Self {
        let wrong = Signal::derive(move || refusal.with(|refusal| Some(refusal.as_ref()?.of_field(name)?.to_owned())));
        Self { id: field_id(name), label: label.into(), optional: false, hint, wrong }
    }

    fn id(&self) -> String {
        self.id.clone()
    }

    fn hint_id(&self) -> String {
        format!("{}-hint", self.id)
    }

    fn error_id(&self) -> String {
        format!("{}-error", self.id)
    }

    /// For the control's `aria-describedby`.
    fn described_by(&self) -> impl Fn() -> Option<String> + Send + Sync + use<> {
        let (hint, error, wrong) = (self.hint_id(), self.error_id(), self.wrong);
        let hint = (!self.hint.is_empty()).then_some(hint);
        move || {
            let error = wrong.with(Option::is_some).then_some(&error);
            let ids: Vec<&str> = hint.iter().chain(error).map(String::as_str).collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    }

    /// For the control's `aria-invalid`.
    fn invalid(&self) -> impl Fn() -> Option<&'static str> + Send + Sync + use<> {
        let wrong = self.wrong;
        move || wrong.with(Option::is_some).then_some("true")
    }

    /// The help and the error, above the control.
    fn words(&self) -> impl IntoView + use<> {
        let (hint, hint_id, error_id, wrong) = (self.hint, self.hint_id(), self.error_id(), self.wrong);
        view! {
            {(!hint.is_empty()).then(|| view! { <p class="usa-hint" id=hint_id>{hint}</p> })}
            {move || wrong.get().map(|words| view! { <p class="usa-error-message" id=error_id.clone()>{words}</p> })}
        }
    }

    fn around(self, control: impl IntoView) -> AnyView {
        let wrong = self.wrong;
        let words = self.words();
        view! {
            <div class="usa-form-group" class:usa-form-group--error=move || wrong.with(Option::is_some)>
                <label class="usa-label" for=self.id>
                    {self.label}
                    {self.optional.then_some(view! { <span class="optional">" (optional)"</span> })}
                </label>
                {words}
                {control}
            </div>
        }
        .into_any()
    }
}

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
    let frame = Frame { optional: !required, ..Frame::new(name, label, hint, refusal) };
    let filled = Some(filled).filter(|filled| !filled.is_empty());
    let typed = move || {
        let typed = refusal.with(|refusal| Some(refusal.as_ref()?.typed(name)?.to_owned()));
        typed.or_else(|| filled.clone())
    };
    let control = view! {
        <input
            class="usa-input"
            id=frame.id()
            name=name
            type=kind
            autocomplete=autocomplete
            autocapitalize="none"
            spellcheck="false"
            required=required
            value=typed
            aria-describedby=frame.described_by()
            aria-invalid=frame.invalid()
        />
    };
    frame.around(control)
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
    let frame = Frame::new(name, label, hint, refusal);
    // Plain text: what marks a place that may change would be read as part of it.
    let typed = refusal.with_untracked(|refusal| Some(refusal.as_ref()?.typed(name)?.to_owned())).unwrap_or(filled);
    let control = view! {
        <textarea
            class="usa-input lines"
            id=frame.id()
            name=name
            rows=rows
            maxlength=most
            autocapitalize="none"
            spellcheck="false"
            aria-describedby=frame.described_by()
            aria-invalid=frame.invalid()
        >
            {typed}
        </textarea>
    };
    frame.around(control)
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
    let frame = Frame::new(name, label, hint, refusal);
    let boxes = choices.into_iter().enumerate().map(|(at, (value, words))| {
        let id = if at == 0 { frame.id() } else { format!("{}-{at}", frame.id) };
        let checked = chosen.contains(&value);
        view! {
            <div class="check">
                <input id=id.clone() type="checkbox" name=format!("{name}[]") value=value checked=checked />
                <label for=id>{words}</label>
            </div>
        }
    });
    let boxes = boxes.collect_view();
    view! {
        <fieldset class="usa-form-group checks" aria-describedby=frame.described_by()>
            <legend class="usa-label">{label}</legend>
            {frame.words()}
            {boxes}
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
    let frame = Frame::new(name, label, hint, refusal);
    let control = view! {
        <input
            class="file"
            id=frame.id()
            name=name
            type="file"
            accept=accept
            aria-describedby=frame.described_by()
            aria-invalid=frame.invalid()
        />
    };
    frame.around(control)
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
    let frame = Frame::new(name, label, hint, refusal);
    let options = choices.into_iter().map(|(value, words)| {
        // By its id an open page knows it again when others come and go (`islands/follow.rs`), so that it stays chosen.
        let id = format!("{}:{value}", field_id(name));
        let selected = value == chosen;
        view! { <option id=id value=value selected=selected>{words}</option> }
    });
    let control = view! {
        <select
            class="select"
            id=frame.id()
            name=name
            aria-describedby=frame.described_by()
            aria-invalid=frame.invalid()
        >
            {options.collect_view()}
        </select>
    };
    frame.around(control)
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
