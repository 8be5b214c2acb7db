//! A server's own command, such as `nginx -s reload`: run without a shell, and with nothing of ours in its environment.

use super::TargetProblem;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;

/// A reload that takes longer has failed; a walk waits for it.
const PATIENCE: Duration = Duration::from_secs(10);
/// So much of what it complains of is told.
const WORDS_BYTES: u64 = 1_000;
/// Where programs are looked for: our own environment may hold secrets.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Runs it to its end.
pub(super) async fn run(words: &[String]) -> Result<(), TargetProblem> {
    let Some((program, arguments)) = words.split_first() else { return Ok(()) };
    let failed = |words: String| TargetProblem::Command { program: program.clone(), words };
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", PATH)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let said = child.stderr.take();
    let ends = async {
        let mut words = Vec::new();
        if let Some(said) = said {
            let mut begins = said.take(WORDS_BYTES);
            begins.read_to_end(&mut words).await?;
            // The rest is let go, so that it never waits for a reader.
            tokio::io::copy(&mut begins.into_inner(), &mut tokio::io::sink()).await?;
        }
        Ok::<_, std::io::Error>((child.wait().await?, words))
    };
    match timeout(PATIENCE, ends).await {
        Err(_) => Err(failed(format!("it did not end within {} seconds", PATIENCE.as_secs()))),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Ok(Ok((status, _))) if status.success() => Ok(()),
        Ok(Ok((status, words))) => Err(failed(format!("{status}; {}", String::from_utf8_lossy(&words).trim()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ran(words: &[&str]) -> Result<(), String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        run(&words).await.map_err(|problem| problem.to_string())
    }

    #[tokio::test]
    async fn a_command_is_run_as_it_is_written_and_its_end_is_told() {
        assert_eq!(ran(&["true"]).await, Ok(()));
        assert!(ran(&["false"]).await.is_err_and(|words| words.contains("exit status: 1")));
        assert!(ran(&["no-such-program"]).await.is_err());
        // No shell: what it would expand is a file's name.
        assert!(ran(&["ls", "$(echo /)"]).await.is_err_and(|words| words.contains("$(echo /)")));
        assert_eq!(ran(&["sh", "-c", "test -z \"$CARGO_MANIFEST_DIR\""]).await, Ok(()), "our environment stays here");
        assert_eq!(ran(&["sh", "-c", "head -c 1000000 /dev/zero >&2"]).await, Ok(()));
    }
}
