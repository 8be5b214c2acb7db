//! The `padlock` command: what an operator does at the machine itself, over the same use cases as every other door.
//!
//! What was asked for goes to standard output, everything else to standard error. Secrets come from files or standard
//! input, never from flags. Exit codes: 0 fine, 1 failed, 2 usage, 3 waiting for the customer, 4 a problem that needs
//! somebody, 5 rate limited.

pub mod args;
pub mod audit;
pub mod backup;
pub mod config;
pub mod domain;
pub mod keys;
pub mod manual;
pub mod node;
pub mod people;
pub mod print;

use crate::boot::config::Layers;
use crate::boot::cores;
use crate::boot::serve::{self, Trouble};
use crate::boot::settings::Settings;
use crate::boot::telemetry;
use crate::console::Console;
use crate::console::caller::Caller;
use crate::console::desk::Desk;
use crate::domain::errors::chain;
use crate::wire::error::{Kind, Refusal};
use crate::worker::clock::Clock;
use crate::worker::relay::agree;
use args::{Args, Command, KeysCommand};
use clap::Parser as _;
use print::Out;
use serde_json::json;
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Fine, or Active.
    Fine = 0,
    /// It failed.
    Failed = 1,
    /// It was asked in a way that does not exist.
    Usage = 2,
    /// Waiting for the customer.
    Waiting = 3,
    /// A problem that needs somebody.
    Problem = 4,
    /// Rate limited.
    Limited = 5,
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum Stop {
    /// Refused, in words for people.
    Refused(Refusal),
    /// It failed.
    Failed(Trouble),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl<E: Into<Trouble>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// Something that failed, on its way to [`Stop`].
#[derive(Debug)]
pub struct Failed(pub Trouble);

impl From<Failed> for Stop {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed.0)
    }
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    if let Err(error) = cores::switch_off() {
        print::complain(&format!("core dumps could not be switched off: {error}"));
    }
    let args = Args::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            print::complain(&format!("no runtime could be started: {error}"));
            return ExitCode::from(Ended::Failed as u8);
        }
    };
    let ended = match runtime.block_on(run(args)) {
        Ok(ended) => ended,
        Err(Stop::Refused(refusal)) => {
            print::complain(&refusal.detail);
            match refusal.kind {
                Kind::Invalid => Ended::Usage,
                Kind::TooSoon => Ended::Limited,
                _ => Ended::Failed,
            }
        }
        Err(Stop::Failed(trouble)) => {
            print::complain(&chain(&*trouble));
            Ended::Failed
        }
    };
    ExitCode::from(ended as u8)
}

async fn run(args: Args) -> Result<Ended, Stop> {
    let out = Out { json: args.json };
    match &args.command {
        Command::Completions { shell } => return manual::completions(*shell, &out).map_err(Stop::from),
        Command::Man { of } => return manual::page(of, &out),
        _ => {}
    }
    let flags: Vec<(&'static str, String)> = args.database_url.map(|url| ("database_url", url)).into_iter().collect();
    let layers = Layers::read(args.config.as_deref(), &flags).map_err(Failed::from)?;
    if let Command::Config(command) = args.command {
        return Ok(config::run(&command, &layers, &out));
    }
    let settings = Settings::typed(&layers).map_err(Failed::from)?;
    telemetry::log(&settings);
    match args.command {
        Command::Config(_) | Command::Completions { .. } | Command::Man { .. } => Ok(Ended::Fine),
        Command::Serve => {
            serve::serve(settings).await.map_err(Stop::Failed)?;
            Ok(Ended::Fine)
        }
        Command::Migrate => {
            serve::open_store(&settings).await.map_err(Stop::Failed)?;
            out.done(&json!({ "migrated": true }), "the database is up to date");
            Ok(Ended::Fine)
        }
        Command::User(command) => people::user(&desk(&settings).await?, command, &out).await,
        Command::Token(command) => people::token(&desk(&settings).await?, command, &out).await,
        Command::Customer(command) => people::customer(&desk(&settings).await?, command, &out).await,
        Command::Agency(command) => people::agency(&desk(&settings).await?, command, &out).await,
        Command::Audit(command) => audit::run(&desk(&settings).await?, command, &out).await,
        Command::Domain(command) => domain::run(&desk(&settings).await?, command, &out).await,
        Command::Node(command) => node::run(&open(&settings).await?, command, &out).await,
        Command::Keys(KeysCommand::Rotate) => {
            keys::rotate(&serve::open_store(&settings).await.map_err(Stop::Failed)?, &out).await
        }
        Command::Backup { file } => backup::run(&settings, &file, &out).await,
        Command::Diagnose { name } => {
            let mut console = open(&settings).await?;
            console.examiner = Some(serve::examiner(&settings, &console.store).map_err(Stop::Failed)?);
            let desk = Desk::new(console, Caller::command_line());
            let lookup = serve::lookup(&settings).map_err(Stop::Failed)?;
            domain::diagnose(&desk, &lookup, &name, &out).await
        }
    }
}

async fn open(settings: &Settings) -> Result<Console, Stop> {
    let store = serve::open_store(settings).await.map_err(Stop::Failed)?;
    let clock = Clock::system();
    agree(&store, &clock).await.map_err(|error| Stop::Failed(error.into()))?;
    Ok(serve::console(settings, store, clock, None))
}

async fn desk(settings: &Settings) -> Result<Desk, Stop> {
    Ok(Desk::new(open(settings).await?, Caller::command_line()))
}
