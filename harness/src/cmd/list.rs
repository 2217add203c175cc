//! `parallax list`: what a corpus holds.

use std::process::ExitCode;

use parallax_harness::error::Problem;
use parallax_harness::report::text::in_a_line;

use super::output::print;
use super::{CorpusOptions, filters, select};

/// List the cases of a corpus: id, expected outcome, description
#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    corpus: CorpusOptions,
    /// Only cases that EXPR means, as for `verify`; may be repeated
    #[arg(long, value_name = "EXPR")]
    filter: Vec<String>,
}

impl List {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        let filters = filters("--filter", &self.filter)?;
        let corpus = self.corpus.load()?;
        let cases = select(&corpus, &filters)?;
        let width = cases.iter().map(|case| case.id.0.chars().count()).max();
        let width = width.unwrap_or_default();
        let lines = cases.iter().map(|case| {
            let line = format!(
                "{:<width$}  {:<13}  {}",
                case.id, case.expect, case.description
            );
            in_a_line(&line) + "\n"
        });
        print(&lines.collect::<String>())?;
        Ok(ExitCode::SUCCESS)
    }
}
