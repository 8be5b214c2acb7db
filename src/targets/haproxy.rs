//! HAProxy's runtime API: a certificate is changed in its memory, without a reload, by what stands in the file that it would
//! read at its next start.
//!
//! The folder is the `crt` of a `bind` line. A connection takes one command, and ends with its answer. HAProxy hangs up at
//! the command's end, so nothing is written after that.

use super::TargetProblem;
use aws_lc_rs::digest;
use data_encoding::HEXUPPER;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// It answers from memory.
const PATIENCE: Duration = Duration::from_secs(5);
/// What it says of one certificate is short.
const ANSWER_BYTES: u64 = 64 << 10;

/// Has HAProxy serve what stands in a file, or forget it when there is none.
pub(super) async fn serve(socket: &Path, folder: &Path, file: &Path) -> Result<(), TargetProblem> {
    let (name, list) = (file.display(), folder.display());
    let shown = ask(socket, &format!("show ssl cert {name}")).await?;
    let (is_known, is_used) = (shown.contains("Filename:"), shown.contains("Status: Used"));
    let text = match tokio::fs::read_to_string(file).await {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if is_used {
                told(socket, &format!("del ssl crt-list {list} {name}"), "deleted").await?;
            }
            if is_known {
                told(socket, &format!("del ssl cert {name}"), "deleted").await?;
            }
            return Ok(());
        }
        Err(error) => return Err(TargetProblem::File(file.to_owned(), error)),
    };
    if is_used && fingerprint(&text).is_some_and(|ours| shown.contains(&ours)) {
        return Ok(());
    }
    if !is_known {
        told(socket, &format!("new ssl cert {name}"), "New empty certificate store").await?;
    }
    // The file ends its last line; the empty one after it ends the command.
    let set = Zeroizing::new(format!("set ssl cert {name} <<\n{}", text.as_str()));
    let answer = ask(socket, &set).await?;
    if !answer.contains("Transaction") {
        // Whatever was begun is taken back, so that the next try can begin.
        ask(socket, &format!("abort ssl cert {name}")).await?;
        return Err(refused("set ssl cert", &answer));
    }
    told(socket, &format!("commit ssl cert {name}"), "Success").await?;
    if !is_used {
        told(socket, &format!("add ssl crt-list {list} {name}"), "Success").await?;
    }
    Ok(())
}

/// The leaf's fingerprint as HAProxy shows it.
fn fingerprint(pem: &str) -> Option<String> {
    let leaf = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &leaf);
    Some(HEXUPPER.encode(sum.as_ref()))
}

async fn told(socket: &Path, command: &str, wanted: &str) -> Result<(), TargetProblem> {
    let answer = ask(socket, command).await?;
    if answer.contains(wanted) { Ok(()) } else { Err(refused(command, &answer)) }
}

fn refused(command: &str, answer: &str) -> TargetProblem {
    TargetProblem::Refused { command: command.to_owned(), words: answer.trim().to_owned() }
}

async fn ask(socket: &Path, command: &str) -> Result<String, TargetProblem> {
    let line = Zeroizing::new([command.as_bytes(), b"\n"].concat());
    let talk = async {
        let mut stream = UnixStream::connect(socket).await?;
        stream.write_all(&line).await?;
        let mut answer = String::new();
        stream.take(ANSWER_BYTES).read_to_string(&mut answer).await?;
        Ok(answer)
    };
    let outcome = timeout(PATIENCE, talk).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    outcome.map_err(|error| TargetProblem::Socket(socket.to_owned(), error))
}
