//! The row of the DNS Records panel for who proves ownership by a file: what file, where, and what was found there.

use super::copy::CopyButton;
use super::records::Different;
use super::tag::RecordTag;
use super::time::Time;
use crate::domain::observed::RecordState;
use crate::islands::times::Shape;
use crate::wire::domain::FileView;
use leptos::prelude::*;

/// The row.
#[component]
pub fn FileRow(
    /// The file.
    file: FileView,
) -> impl IntoView {
    let class = match file.state {
        RecordState::Detected => "record record--detected",
        RecordState::Wrong => "record record--wrong",
        RecordState::Missing | RecordState::Unknown => "record",
    };
    let seen = file.seen.clone().zip(file.checked_at);
    view! {
        <li class=class data-record="file">
            <div class="record__head">
                <h3>{file.label.clone()}</h3>
                <RecordTag state=file.state />
            </div>
            <p class="record__purpose">
                "Proves that your office controls this domain and agrees to a certificate for it: a text file on the site that the domain leads to now. Once it leads to our servers, they answer with it."
            </p>
            <Parts file />
            {seen
                .map(|(words, at)| {
                    view! {
                        <p class="record__seen keeps-room">{words} " Looked at " <Time at shape=Shape::Clock /></p>
                    }
                })}
        </li>
    }
    .into_any()
}

#[component]
fn Parts(file: FileView) -> impl IntoView {
    let name = file.path.rsplit('/').next().unwrap_or_default().to_owned();
    // What is saved is on this page already: nobody has to be asked for it. As text it would be given an extension.
    let download = format!("data:application/octet-stream,{}", file.content.replace('=', "%3D"));
    let different = file.found.filter(|_| file.state == RecordState::Wrong).map(|found| {
        view! { <Different found=vec![found] expected=file.content.clone() /> }
    });
    view! {
        <dl class="record__parts">
            <div class="part part--type">
                <dt>"Type"</dt>
                <dd>"Text file"</dd>
            </div>
            <div class="part">
                <dt>"Path"</dt>
                <dd>
                    <code id="file-path">{file.path}</code>
                    <CopyButton what="path of the token file".to_owned() shown_in="file-path".to_owned() />
                    <span class="part__full">"in full: " <code>{file.url}</code></span>
                </dd>
            </div>
            <div class="part">
                <dt>"Content"</dt>
                <dd>
                    <code id="file-content">{file.content}</code>
                    <CopyButton what="content of the token file".to_owned() shown_in="file-content".to_owned() />
                    <a class="usa-link" href=download download=name>
                        "Download the file"
                    </a>
                </dd>
            </div>
            {different}
        </dl>
    }
    .into_any()
}
