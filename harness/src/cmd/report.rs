//! `parallax report`: a run for people who have not seen it, as a page or as Markdown.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use parallax_harness::error::Problem;
use parallax_harness::record::lines::RecordError;
use parallax_harness::record::{lines, measured};
use parallax_harness::report::{markdown, page};

use super::output::stdout;
use super::sinks::create;
use super::write_failed;

/// Make a page or a summary of a run, from the record that `verify --json` has written
///
/// With neither --html nor --markdown, the summary goes to standard output. Whether the run was red stands in what is made: the exit code is 0 in either case.
#[derive(Debug, clap::Args)]
pub struct Report {
    /// The record
    record: PathBuf,
    /// What cases cost: the samples that `cost --json` has written
    #[arg(long, value_name = "FILE")]
    cost: Option<PathBuf>,
    /// Write one page of HTML, which needs no network and no other file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write a summary of at most 60 lines of Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

impl Report {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        let record = read(
            &self.record,
            "record",
            "`parallax verify --json FILE` makes one; one that was edited, or whose run was killed, is none",
            lines::read,
        )?;
        let measured = match &self.cost {
            Some(path) => read(
                path,
                "file of measurements",
                "`parallax cost --json FILE` makes one",
                |reader| measured::read(reader).map(|record| record.times),
            )?,
            None => Vec::new(),
        };
        if let Some(path) = &self.html {
            let view = page::View::of(&record, &measured);
            page::write(create(path)?, &view).map_err(|error| failed(path, &error))?;
        }
        if let Some(path) = &self.markdown {
            markdown::write(create(path)?, &record, &measured)
                .map_err(|error| failed(path, &error))?;
        }
        if self.html.is_none() && self.markdown.is_none() {
            markdown::write(stdout(), &record, &measured)
                .map_err(|error| write_failed("standard output", &error))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn read<T>(
    path: &Path,
    what: &str,
    hint: &str,
    read: impl FnOnce(BufReader<File>) -> Result<T, RecordError>,
) -> Result<T, Problem> {
    let shown = path.display();
    let file = File::open(path)
        .map_err(|error| Problem::usage(format!("failed to read {shown}: {error}")).hint(hint))?;
    read(BufReader::new(file))
        .map_err(|error| Problem::usage(format!("{shown} is no {what}: {error}")).hint(hint))
}

fn failed(path: &Path, error: &std::io::Error) -> Problem {
    write_failed(&path.display().to_string(), error)
}
