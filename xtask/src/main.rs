//! The program: parses the command line, runs one verb, and turns its error into an exit code.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = xtask::cli::Cli::parse();
    match xtask::verbs::run(arguments) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{}", parallax_failure::render(&error));
            ExitCode::from(parallax_failure::exit_code(&error))
        }
    }
}
