//! `padlock completions` and `padlock man`: what the commands say of themselves, for shells and for readers.

use super::args::Args;
use super::print::Out;
use super::{Ended, Failed, Stop};
use crate::wire::error::{Kind, Refusal};
use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;

/// `padlock completions SHELL`
///
/// # Errors
/// Never in practice: it writes into memory.
pub fn completions(shell: Shell, out: &Out) -> Result<Ended, Failed> {
    let (mut command, mut text) = (Args::command(), Vec::new());
    clap_complete::generate(shell, &mut command, "padlock", &mut text);
    out.text(&String::from_utf8(text)?);
    Ok(Ended::Fine)
}

/// `padlock man [COMMAND…]`
///
/// # Errors
/// When there is no such command.
pub fn page(of: &[String], out: &Out) -> Result<Ended, Stop> {
    let mut root = Args::command();
    root.build();
    let found = of.iter().try_fold(&root, |command, word| command.find_subcommand(word));
    let command: Command = found.cloned().ok_or_else(|| {
        let words = format!("There is no command \"{}\"; \"padlock help\" lists them.", of.join(" "));
        Refusal::new(Kind::Invalid, "unknown_command", words)
    })?;
    let mut text = Vec::new();
    Man::new(command).render(&mut text).map_err(Failed::from)?;
    out.text(&String::from_utf8(text).map_err(Failed::from)?);
    Ok(Ended::Fine)
}
