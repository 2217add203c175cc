//! `parallax list`: what a corpus holds.

use std::io::Write as _;
use std::process::ExitCode;

use parallax_harness::error::Problem;

use super::{CorpusOptions, write_failed};

/// List the cases of a corpus: id, expected outcome, description
#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    corpus: CorpusOptions,
}

impl List {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        let corpus = self.corpus.load()?;
        let widest = corpus.cases.iter().map(|case| case.id.0.len()).max();
        let width = widest.unwrap_or_default();
        let mut stdout = std::io::stdout().lock();
        for case in &corpus.cases {
            writeln!(
                stdout,
                "{:<width$}  {:<13}  {}",
                case.id, case.expect, case.description
            )
            .map_err(|error| write_failed("standard output", &error))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
