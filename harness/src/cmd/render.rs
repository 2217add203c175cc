//! `parallax render`: the report of a run that is over.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::ExitCode;

use parallax_harness::error::Problem;
use parallax_harness::event::RunEvent;
use parallax_harness::record::{Record, lines};

use super::sinks::{Sinks, exit_code};

/// Show the report of a run again, from the record that `verify --json` has written
///
/// Ends with the exit code that the run had. A record has no times.
#[derive(Debug, clap::Args)]
pub struct Render {
    /// The record
    record: PathBuf,
    /// Write the results as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

impl Render {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        let path = self.record.display();
        let file = File::open(&self.record)
            .map_err(|error| Problem::usage(format!("failed to read {path}: {error}")))?;
        let Record {
            info,
            cases,
            summary,
        } = lines::read(BufReader::new(file)).map_err(|error| {
            Problem::usage(format!("{path} is no record: {error}"))
                .hint("`parallax verify --json FILE` makes one; one that was edited, or whose run was killed, is none")
        })?;
        let mut sinks = Sinks::new();
        if let Some(path) = &self.junit {
            sinks.add_junit(path)?;
        }
        sinks.add_terminal(false, String::new());
        sinks.event(&RunEvent::Started(info))?;
        for report in cases {
            sinks.event(&RunEvent::CaseFinished(Box::new(report)))?;
        }
        let code = exit_code(&summary);
        sinks.event(&RunEvent::Finished(summary))?;
        Ok(code)
    }
}
