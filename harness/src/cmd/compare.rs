//! `parallax compare`: two outcome documents from files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use parallax_harness::case::Ignored;
use parallax_harness::error::Problem;
use parallax_harness::outcome::Outcome;
use parallax_harness::source::text_file;
use parallax_harness::verdict::policy::{Policy, Worst};
use parallax_harness::verdict::{Verdict, compare};
use parallax_runtime::marshal::json::{self, JsonError};

use super::output::print;

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
        let (reference, candidate) = (read(&self.reference)?, read(&self.candidate)?);
        let verdict = compare(&reference, &candidate, &policies, Ignored::default());
        let (text, code) = match verdict {
            Verdict::Equal => ("equal\n".to_owned(), 0),
            Verdict::WithinPolicy(allowed) => {
                let mut worst = Worst::default();
                allowed.values().for_each(|seen| worst.merge(seen));
                (format!("equal within {worst}\n"), 0)
            }
            Verdict::Diverged(divergences) => {
                let lines: Vec<String> = divergences
                    .iter()
                    .map(|divergence| format!("{divergence}\n"))
                    .collect();
                (lines.concat(), 1)
            }
        };
        print(&text)?;
        Ok(ExitCode::from(code))
    }
}

fn read(path: &Path) -> Result<Outcome, Problem> {
    let refuse = |reason: String| {
        Problem::usage(format!("{} is not an outcome: {reason}", path.display()))
            .hint("docs/PROTOCOL.md describes result documents")
    };
    let json = json::read(&text_file::read(path)?, "document").map_err(|error| match error {
        JsonError::Repeated(_) => refuse(error.to_string()),
        _ => refuse(format!("not JSON: {error}")),
    })?;
    Outcome::from_json(json).map_err(refuse)
}
