//! The `padlock` command.

fn main() -> std::process::ExitCode {
    padlock::cli::main()
}
