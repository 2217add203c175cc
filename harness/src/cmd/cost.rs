//! `parallax cost`: what cases of a corpus cost, on every leg.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use parallax_harness::case::Case;
use parallax_harness::error::Problem;
use parallax_harness::measure::rounds::{Rounds, Side};
use parallax_harness::record::measurement::Measurement;
use parallax_harness::report::cost::{Measured, false_alarms, table};
use parallax_harness::report::text::counted;

use super::output::print;
use super::{CorpusOptions, LegOptions, filters, measured, select};

/// Measure what cases cost: each leg, phase and node, as a ratio with its interval
///
/// Only cases that pass are measured, and every answer is checked.
/// Exit codes: 0 everything was measured, 1 a case wasn't, 2 usage or bad input, 3 environment.
#[derive(Debug, clap::Args)]
pub struct Cost {
    /// Only cases that these filter expressions mean
    #[arg(value_name = "EXPR")]
    cases: Vec<String>,
    #[command(flatten)]
    corpus: CorpusOptions,
    #[command(flatten)]
    legs: LegOptions,
    /// How many rounds there are, each with executors of its own; 6 are the least that give an interval
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    /// How long each round takes turns with one case, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    turns_ms: u64,
    /// Write all samples as JSON Lines
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Cost {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        if self.legs.fuel.is_some() {
            return Err(Problem::usage(
                "--fuel: the guest's clocks are then made up, so that nothing can be measured",
            )
            .hint("leave --fuel out; `verify --fuel N --json FILE` tells what cases consume"));
        }
        let corpus = self.corpus.load()?;
        let chosen = filters("cost", &self.cases)?;
        let cases: Vec<&Case> = select(&corpus, &chosen)?;
        let node_path = corpus.node_path();
        let make = || self.legs.legs(&node_path);
        let (count, turns) = (
            usize::from(self.rounds),
            Duration::from_millis(self.turns_ms),
        );
        let mut json = match &self.json {
            Some(path) => {
                let file = super::sinks::create(path)?;
                let record = measured::begun(&cases, &make()?, self.legs.transport, count, turns);
                Some((path, file, record))
            }
            None => None,
        };
        let side = Side {
            label: "",
            cases: &cases,
            ledger: &corpus.ledger,
            node_path: &node_path,
            make: &make,
        };
        let rounds = Rounds {
            sides: &[side],
            timed: true,
            transport: self.legs.transport,
            count,
            turns,
        };
        eprintln!("measuring {}", counted(cases.len(), "case"));
        let tell = &mut |round: usize| eprintln!("round {} of {}", round + 1, self.rounds);
        let found = rounds.take(tell)?;
        if let Some((path, file, record)) = &mut json {
            measured::take_in(record, &found);
            measured::save(file, path, record)?;
        }
        let shown: Vec<Measured<'_>> = found
            .iter()
            .map(|(id, found)| {
                let found = found.as_ref();
                (
                    id,
                    found.map(Vec::as_slice).map_err(|lost| lost.why.as_str()),
                )
            })
            .collect();
        let mut text = table(&shown);
        let taken: Vec<&Measurement> = found
            .iter()
            .flat_map(|(_, found)| found)
            .flatten()
            .collect();
        let (alarms, all) = false_alarms(&taken);
        if all > 0 {
            text += &format!(
                "a leg against itself: {alarms} of {all} told to differ, where about 1 in 20 is by chance\n"
            );
        }
        print(&text)?;
        let missing = found.iter().any(|(_, found)| found.is_err());
        Ok(ExitCode::from(u8::from(missing)))
    }
}
