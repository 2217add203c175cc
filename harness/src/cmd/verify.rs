//! `parallax verify`: the main job.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use parallax_harness::case::Case;
use parallax_harness::error::Problem;
use parallax_harness::load::Corpus;
use parallax_harness::report::Reporter;
use parallax_harness::report::json::JsonLines;
use parallax_harness::report::junit::Junit;
use parallax_harness::report::progress::Progress;
use parallax_harness::report::terminal::Terminal;
use parallax_harness::run::{Plan, run};

use super::{CorpusOptions, LegOptions, write_failed};

/// Replay a corpus through both legs and compare every outcome
#[derive(Debug, clap::Args)]
pub struct Verify {
    #[command(flatten)]
    corpus: CorpusOptions,
    #[command(flatten)]
    legs: LegOptions,
    /// Only cases whose id contains TEXT; may be repeated
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// How many cases run at once [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Write the results as JSON Lines, case by case
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the results as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

impl Verify {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        let corpus = self.corpus.load()?;
        let cases = select(&corpus, &self.filter)?;
        // Files are opened first: a run of minutes must not end in a path that can't be written.
        let mut reporters: Vec<(String, Box<dyn Reporter>)> = Vec::new();
        if let Some(path) = &self.json {
            reporters.push((name(path), Box::new(JsonLines(create(path)?))));
        }
        if let Some(path) = &self.junit {
            reporters.push((name(path), Box::new(Junit::new(create(path)?))));
        }
        let stdout = io::stdout();
        let colors = stdout.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let terminal = Terminal::new(stdout.lock(), colors);
        let terminal = Progress::new(terminal);
        reporters.push(("standard output".to_owned(), Box::new(terminal)));
        let node_path = corpus.node_path();
        let legs = self.legs.legs(&node_path)?;
        let plan = Plan {
            cases,
            ledger: &corpus.ledger,
            node_path: &node_path,
            legs: &legs,
            transport: self.legs.transport,
            jobs: self.jobs.map_or_else(default_jobs, usize::from),
            toolchain: self.legs.toolchain(),
        };
        let summary = run(&plan, |event| {
            for (place, reporter) in &mut reporters {
                reporter
                    .event(event)
                    .map_err(|error| write_failed(place, &error))?;
            }
            Ok(())
        })?;
        Ok(ExitCode::from(u8::from(summary.is_red())))
    }
}

fn select<'a>(corpus: &'a Corpus, filters: &[String]) -> Result<Vec<&'a Case>, Problem> {
    let cases: Vec<&Case> = corpus
        .cases
        .iter()
        .filter(|case| {
            filters.is_empty() || filters.iter().any(|text| case.id.0.contains(text.as_str()))
        })
        .collect();
    if cases.is_empty() {
        let why = if filters.is_empty() {
            format!("{} holds no case", corpus.root.display())
        } else {
            format!("no case matches --filter {}", filters.join(" --filter "))
        };
        return Err(Problem::usage(why).hint("`parallax list` shows the ids of all cases"));
    }
    Ok(cases)
}

pub fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

fn create(path: &Path) -> Result<BufWriter<File>, Problem> {
    File::create(path)
        .map(BufWriter::new)
        .map_err(|error| Problem::usage(format!("failed to create {}: {error}", path.display())))
}
