//! `parallax compare`: two outcome documents from files.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use parallax_harness::compare::{Verdict, compare};
use parallax_harness::error::Problem;
use parallax_harness::load;
use parallax_harness::outcome::Outcome;
use parallax_harness::policy::{Policy, Worst};

use super::write_failed;

/// Compare two outcomes from files: result documents, or what `replay --json` prints
#[derive(Debug, clap::Args)]
pub struct Compare {
    /// The outcome that counts as right
    reference: PathBuf,
    /// The outcome that is compared with it
    candidate: PathBuf,
    /// Floats may differ by this many units in the last place
    #[arg(long, value_name = "N", default_value_t = 0)]
    ulp: u64,
}

impl Compare {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        let policies = Policy::ulp("command line", self.ulp).into();
        let verdict = compare(&read(&self.reference)?, &read(&self.candidate)?, &policies);
        let (text, code) = match verdict {
            Verdict::Equal => ("equal\n".to_owned(), 0),
            Verdict::WithinPolicy(allowed) => {
                let mut worst = Worst::default();
                allowed.values().for_each(|seen| worst.merge(seen));
                (format!("equal within {worst}\n"), 0)
            }
            Verdict::Undecided(reason) => (format!("undecided: {reason}\n"), 1),
            Verdict::Diverged(divergences) => {
                let lines: Vec<String> = divergences
                    .iter()
                    .map(|divergence| format!("{divergence}\n"))
                    .collect();
                (lines.concat(), 1)
            }
        };
        std::io::stdout()
            .write_all(text.as_bytes())
            .map_err(|error| write_failed("standard output", &error))?;
        Ok(ExitCode::from(code))
    }
}

fn read(path: &Path) -> Result<Outcome, Problem> {
    let refuse = |reason: String| {
        Problem::usage(format!("{} is not an outcome: {reason}", path.display()))
            .hint("docs/PROTOCOL.md describes result documents")
    };
    let json = serde_json::from_slice(&load::read(path)?)
        .map_err(|error| refuse(format!("not JSON: {error}")))?;
    Outcome::from_json(json).map_err(refuse)
}
