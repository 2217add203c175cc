//! The command line of the harness: parse, one match, one exit code.

// Tests prepare files and look at them; what ships does so only at the edge.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod cmd;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Does the WebAssembly build of a Python pipeline compute what the native one computes?
///
/// Exit codes: 0 fine, 1 a divergence, 2 usage or bad input, 3 environment or a case in which Parallax itself failed.
#[derive(Parser)]
#[command(name = "parallax", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Verify(cmd::verify::Verify),
    Accept(cmd::accept::Accept),
    Replay(cmd::replay::Replay),
    Render(cmd::render::Render),
    Report(cmd::report::Report),
    Compare(cmd::compare::Compare),
    List(cmd::list::List),
    Cost(cmd::cost::Cost),
    Gate(cmd::gate::Gate),
    Warm(cmd::warm::Warm),
    Figures(cmd::figures::Figures),
    Selftest(cmd::selftest::Selftest),
    #[command(hide = true)]
    Lie(cmd::lie::Lie),
}

fn main() -> ExitCode {
    let result = match Cli::parse().verb {
        Verb::Verify(verify) => verify.run(),
        Verb::Accept(accept) => accept.run(),
        Verb::Replay(replay) => replay.run(),
        Verb::Render(render) => render.run(),
        Verb::Report(report) => report.run(),
        Verb::Compare(compare) => compare.run(),
        Verb::List(list) => list.run(),
        Verb::Cost(cost) => cost.run(),
        Verb::Gate(gate) => gate.run(),
        Verb::Warm(warm) => warm.run(),
        Verb::Figures(figures) => figures.run(),
        Verb::Selftest(selftest) => selftest.run(),
        Verb::Lie(lie) => lie.run(),
    };
    result.unwrap_or_else(|problem| {
        eprintln!("error: {}", problem.report());
        ExitCode::from(problem.class.exit_code())
    })
}
