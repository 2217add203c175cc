//! The command line of the harness: parse, one match, one exit code.

mod cmd;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Does the WebAssembly build of a Python pipeline compute what the native one computes?
///
/// Exit codes: 0 fine, 1 a divergence, 2 usage or bad input, 3 environment.
#[derive(Parser)]
#[command(name = "parallax", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Verify(cmd::verify::Verify),
    Replay(cmd::replay::Replay),
    Compare(cmd::compare::Compare),
    List(cmd::list::List),
    Warm(cmd::warm::Warm),
    Figures(cmd::figures::Figures),
}

fn main() -> ExitCode {
    let result = match Cli::parse().verb {
        Verb::Verify(verify) => verify.run(),
        Verb::Replay(replay) => replay.run(),
        Verb::Compare(compare) => compare.run(),
        Verb::List(list) => list.run(),
        Verb::Warm(warm) => warm.run(),
        Verb::Figures(figures) => figures.run(),
    };
    result.unwrap_or_else(|problem| {
        eprintln!("error: {problem}");
        ExitCode::from(problem.class.exit_code())
    })
}
