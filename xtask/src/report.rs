//! `cargo xtask report`: a page of a run, which is made first where no record is given.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use clap::Args;
use parallax_provision::files;
use parallax_provision::process::{passed_code, status, tie};
use parallax_provision::progress::say;

use crate::build::harness_binary;
use crate::print::print_line;
use crate::workspace::Workspace;

/// What is shown, and where.
#[derive(Debug, Args)]
pub struct Report {
    /// The record of a run, which `verify --json` has written [default: run the corpus now]
    record: Option<PathBuf>,
    /// What cases cost, which `cost --json` has written
    #[arg(long, value_name = "FILE", requires = "record")]
    cost: Option<PathBuf>,
    /// Measure nothing
    #[arg(long, conflicts_with_all = ["record", "cost_of"])]
    no_cost: bool,
    /// Measure the cases that this filter expression means [default: a few of the own corpus; of another one, none]
    #[arg(long, value_name = "EXPR", conflicts_with = "record")]
    cost_of: Option<String>,
    /// The corpus that is run
    #[arg(long, value_name = "DIR", conflicts_with = "record")]
    corpus: Option<PathBuf>,
    /// Write the page to this file [default: report/index.html among the outputs of Parallax]
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write a summary in Markdown, too
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Open the page
    #[arg(long)]
    open: bool,
}

/// What is measured of the own corpus: small cases, a large one, and one with numpy, in a minute.
const MEASURED: &str = "text/* or large/count_words or numpy/peak";

/// Six rounds are the least that give an interval.
const ROUNDS: &str = "6";
const TURNS_MS: &str = "60";

impl Report {
    /// Whether cases are run first, which needs the executors.
    pub fn makes_a_run(&self) -> bool {
        self.record.is_none()
    }
}

/// Makes the page; what it needs is built by now. The exit code is 0 whether the run was red or not: the page says it.
///
/// # Errors
/// A program can't be started, or a file of an earlier report not be removed.
pub fn run(workspace: &Workspace, options: &Report) -> Result<u8> {
    let folder = workspace.output().join("report");
    files::create_dir(&folder)?;
    let mut cost = options.cost.clone();
    let mut code = 0;
    let record = match &options.record {
        Some(record) => record.clone(),
        None => {
            let record = folder.join("record.jsonl");
            // A run that ends early must not leave an earlier one's page.
            files::remove(&record)?;
            let verified = replay(workspace, options, &record)?;
            // 1 is a red run, and 3 may be a case in which Parallax failed: in both the record is there.
            if !matches!(verified, 0 | 1 | 3) || !record.is_file() {
                return Ok(verified);
            }
            if let Some(chosen) = options.measured() {
                let samples = folder.join("cost.jsonl");
                files::remove(&samples)?;
                match measure(workspace, options, chosen, &samples)? {
                    // 1 is a case that was not measured, because it is red.
                    0 | 1 => cost = Some(samples),
                    // The page says that nothing was measured, and the exit code that something should have been.
                    failed => code = failed,
                }
            }
            record
        }
    };
    let page = options
        .html
        .clone()
        .unwrap_or_else(|| folder.join("index.html"));
    let mut report = Command::new(harness_binary(workspace));
    report.arg("report").arg(&record).arg("--html").arg(&page);
    report.args(flag("--cost", cost.as_deref()));
    report.args(flag("--markdown", options.markdown.as_deref()));
    match pass_on(&mut report)? {
        0 => {}
        failed => return Ok(failed),
    }
    print_line(&page.display().to_string())?;
    if options.open {
        let opened = pass_on(Command::new("xdg-open").arg(&page))?;
        return Ok(code.max(opened));
    }
    Ok(code)
}

impl Report {
    /// What is to be measured.
    fn measured(&self) -> Option<&str> {
        match (&self.cost_of, &self.corpus) {
            _ if self.no_cost => None,
            (Some(chosen), _) => Some(chosen),
            (None, None) => Some(MEASURED),
            (None, Some(_)) => {
                say("nothing is measured of this corpus: `--cost-of EXPR` says what to measure");
                None
            }
        }
    }
}

fn replay(workspace: &Workspace, options: &Report, record: &Path) -> Result<u8> {
    pass_on(
        on_corpus(workspace, options, "verify")
            .arg("--json")
            .arg(record),
    )
}

fn measure(workspace: &Workspace, options: &Report, chosen: &str, samples: &Path) -> Result<u8> {
    let mut cost = on_corpus(workspace, options, "cost");
    cost.args(["--rounds", ROUNDS, "--turns-ms", TURNS_MS])
        .arg("--json")
        .arg(samples);
    // An expression may begin with anything.
    pass_on(cost.arg("--").arg(chosen))
}

fn on_corpus(workspace: &Workspace, options: &Report, verb: &str) -> Command {
    let corpus = options
        .corpus
        .clone()
        .unwrap_or_else(|| workspace.root.join("corpus"));
    let mut command = Command::new(harness_binary(workspace));
    command
        .arg(verb)
        .arg("--build")
        .arg(workspace.build_record());
    command.arg("--corpus").arg(corpus);
    command
}

/// Runs a program; what it prints is a log beside the page's path, and goes where logs go.
fn pass_on(command: &mut Command) -> Result<u8> {
    tie(command, rustix::process::Signal::TERM);
    command.stdout(std::io::stderr());
    Ok(passed_code(status(command)?))
}

fn flag(name: &str, value: Option<&Path>) -> Vec<OsString> {
    value.map_or_else(Vec::new, |value| vec![name.into(), value.into()])
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        report: Report,
    }

    fn parsed(arguments: &[&str]) -> Result<Report, clap::Error> {
        let line = [&["report"], arguments].concat();
        Line::try_parse_from(line).map(|line| line.report)
    }

    #[test]
    fn a_few_cases_of_the_own_corpus_are_measured() {
        for (arguments, expected) in [
            (&[][..], Some(MEASURED)),
            (&["--no-cost"], None),
            (&["--corpus", "x"], None),
            (&["--corpus", "x", "--cost-of", "a/*"], Some("a/*")),
        ] {
            let report = parsed(arguments).expect("is fine");
            assert_eq!(report.measured(), expected, "{arguments:?}");
            assert!(report.makes_a_run());
        }
        let given = parsed(&["r.jsonl", "--cost", "c.jsonl"]).expect("is fine");
        assert!(!given.makes_a_run());
    }

    #[test]
    fn what_would_mean_nothing_is_refused() {
        for arguments in [
            &["--cost", "c.jsonl"][..],
            &["r.jsonl", "--no-cost"],
            &["r.jsonl", "--corpus", "x"],
        ] {
            assert!(parsed(arguments).is_err(), "{arguments:?}");
        }
    }
}
