//! `parallax verify`: the main job.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use parallax_harness::case::{Case, CaseId};
use parallax_harness::error::Problem;
use parallax_harness::record::last_run::{Failed, LastRun};
use parallax_harness::report::text::counted;
use parallax_harness::run::{Plan, run};
use parallax_harness::source::corpus::Corpus;
use parallax_harness::source::filter::Filter;
use parallax_harness::trial::Setting;

use super::sinks::{Sinks, exit_code};
use super::{CorpusOptions, LegOptions, check_means_some, filters, select};

/// Replay a corpus through both legs and compare every outcome
#[derive(Debug, clap::Args)]
pub struct Verify {
    #[command(flatten)]
    corpus: CorpusOptions,
    #[command(flatten)]
    legs: LegOptions,
    /// Only cases that EXPR means, such as 'numpy/* and not *large*'; may be repeated
    ///
    /// A word with * ? [ or { is a pattern for a whole id, any other is a part of one; and, or, not and parentheses combine them.
    #[arg(long, value_name = "EXPR")]
    filter: Vec<String>,
    /// Only cases that failed in the last run on this corpus, or that it has not come to
    #[arg(long)]
    only_failed: bool,
    /// End the run with the first case that is red
    #[arg(long)]
    fail_fast: bool,
    /// Run each case N times; one that differs from itself is red
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    repeat: u16,
    /// Cases that may be skipped, as an expression like that of --filter; may be repeated
    #[arg(long, value_name = "EXPR")]
    allow_skip: Vec<String>,
    /// End red where a committed file would have to be written [default: where CI is set]
    #[arg(long, overrides_with = "no_locked")]
    locked: bool,
    /// Only say which committed files would have to be written
    #[arg(long)]
    no_locked: bool,
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
        let chosen = filters("--filter", &self.filter)?;
        let allowed = filters("--allow-skip", &self.allow_skip)?;
        let corpus = self.corpus.load()?;
        let mut cases = select(&corpus, &chosen)?;
        check_means_some(&corpus, "--allow-skip", &allowed)?;
        let last_run = LastRun::of(&corpus.root);
        if self.only_failed {
            let failed = match &last_run {
                Ok(last_run) => last_run.failed()?,
                Err(problem) => return Err(problem.clone()),
            };
            match only_failed(&corpus, cases, &chosen, &failed)? {
                Some(failed) => cases = failed,
                None => return Ok(ExitCode::SUCCESS),
            }
        }
        let mut sinks = Sinks::new();
        if let Some(path) = &self.json {
            sinks.add_json(path)?;
        }
        if let Some(path) = &self.junit {
            sinks.add_junit(path)?;
        }
        // Without a cache there is nothing to keep the run in, which the caches themselves say.
        if let Ok(last_run) = last_run {
            let running: BTreeSet<&CaseId> = cases.iter().map(|case| &case.id).collect();
            // What can't be read is what nobody knows of.
            let mut earlier = last_run
                .failed()
                .map_or_else(|_| BTreeSet::new(), |failed| failed.cases);
            // A case that isn't there may be there again, as on another branch.
            earlier.retain(|id| !running.contains(id));
            sinks.add_recording(last_run.record(earlier));
        }
        sinks.add_terminal(true, self.corpus.flags());
        let node_path = corpus.node_path();
        let legs = self.legs.legs(&node_path)?;
        // Only the default build is known to have everything.
        let complete = legs.iter().all(|leg| leg.provenance.complete);
        let witnesses = self.legs.witnesses(&node_path)?;
        let plan = Plan {
            cases,
            witnesses: Some(&witnesses),
            setting: Setting {
                ledger: &corpus.ledger,
                snapshots: corpus.snapshots.as_ref(),
                node_path: &node_path,
                legs: &legs,
                transport: self.legs.transport,
            },
            jobs: self.jobs.map_or_else(default_jobs, usize::from),
            repeat: usize::from(self.repeat),
            fail_fast: self.fail_fast,
            skip_allowed: &|case| {
                !complete || allowed.iter().any(|filter| filter.matches(&case.id))
            },
            locked: self.locked || (!self.no_locked && in_ci()),
        };
        let summary = run(&plan, |event| sinks.event(event))?;
        Ok(exit_code(&summary))
    }
}

/// Those of the chosen cases that have failed; none, where nothing has.
fn only_failed<'a>(
    corpus: &Corpus,
    mut cases: Vec<&'a Case>,
    filters: &[Filter],
    failed: &Failed,
) -> Result<Option<Vec<&'a Case>>, Problem> {
    let Failed {
        cases: ids,
        planned,
        earlier,
        finished,
    } = failed;
    let planned = counted(*planned, "case");
    if ids.is_empty() {
        eprintln!("nothing failed in the last run, which had {planned}");
        return Ok(None);
    }
    let killed = if *finished { "" } else { ", which was killed" };
    let before = match earlier {
        0 => String::new(),
        earlier => format!("; and {earlier} before, which it left out"),
    };
    eprintln!(
        "{} of {planned} failed in the last run{killed}{before}",
        ids.len() - earlier
    );
    for gone in ids.iter().filter(|id| corpus.find(id).is_none()) {
        eprintln!("{gone} has failed, and is no case any more");
    }
    cases.retain(|case| ids.contains(&case.id));
    if cases.is_empty() {
        let texts: Vec<&str> = filters.iter().map(Filter::as_str).collect();
        let why = match texts.as_slice() {
            [] => "is a case any more".to_owned(),
            texts => format!("matches --filter {}", texts.join(" --filter ")),
        };
        return Err(
            Problem::usage(format!("none of the cases that failed {why}"))
                .hint("run once without --only-failed"),
        );
    }
    Ok(Some(cases))
}

/// Whether this is a machine that builds and tests for others, as such machines say in `CI`.
fn in_ci() -> bool {
    let value = std::env::var("CI").unwrap_or_default();
    !matches!(value.to_ascii_lowercase().as_str(), "" | "0" | "false")
}

pub fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
