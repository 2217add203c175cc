//! The binary: parses, runs one verb, and turns its error into an exit code.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = xtask::cli::Cli::parse();
    match xtask::verbs::run(arguments) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{}", xtask::error::render(&error));
            ExitCode::from(xtask::error::exit_code(&error))
        }
    }
}
