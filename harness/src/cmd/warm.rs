//! `parallax warm`: what a run would wait for, done ahead of it.

use std::process::ExitCode;

use parallax_harness::error::Problem;

use super::{CorpusOptions, LegOptions};

/// Set the legs up as a run would, so that the next one starts at once
///
/// Warms an interpreter with the corpus's modules, and keeps it compiled.
#[derive(Debug, clap::Args)]
pub struct Warm {
    #[command(flatten)]
    corpus: CorpusOptions,
    #[command(flatten)]
    legs: LegOptions,
}

impl Warm {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        let corpus = self.corpus.load()?;
        self.legs.legs(&corpus.node_path())?;
        Ok(ExitCode::SUCCESS)
    }
}
