//! `parallax gate`: what has become slower against another build, or has grown.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use parallax_harness::case::{Case, CaseId};
use parallax_harness::error::Problem;
use parallax_harness::leg::build_info::BuildInfo;
use parallax_harness::measure::exact::paired;
use parallax_harness::measure::fuel::consumed;
use parallax_harness::measure::gate::{Compared, Gate as Sides, Row};
use parallax_harness::measure::rounds::{Rounds, Side};
use parallax_harness::outcome::Class;
use parallax_harness::record::measured::{Exact, ExactQuantity};
use parallax_harness::record::measurement::Measurement;
use parallax_harness::report::cost::false_alarms;
use parallax_harness::report::gate::Found;
use parallax_harness::report::text::counted;
use parallax_harness::source::corpus::Corpus;
use parallax_harness::source::filter::Filter;
use parallax_harness::source::gate_file::timed;

use super::output::print;
use super::{CorpusOptions, LegOptions, filters, measured, select};

/// Compare what cases cost with what they cost with another build: fuel and sizes, which have no noise, and times
///
/// A case counts as slower only where a second batch of measurements repeats it, and few of those that are named are so by chance.
/// Exit codes: 0 nothing is shown to be slower, 1 something is, or a case can't be measured any more, 2 usage or bad input, 3 environment.
#[derive(Debug, clap::Args)]
pub struct Gate {
    /// Only cases that these filter expressions mean [default: for fuel all, for times those of the corpus's gate.toml]
    #[arg(value_name = "EXPR")]
    cases: Vec<String>,
    #[command(flatten)]
    corpus: CorpusOptions,
    #[command(flatten)]
    legs: LegOptions,
    /// What the other build was made: its build.json
    #[arg(long, value_name = "FILE")]
    before: PathBuf,
    /// The corpus as it was then [default: the same]
    #[arg(long, value_name = "DIR")]
    before_corpus: Option<PathBuf>,
    /// Rounds of the first batch, each with executors of its own
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(6..=1000))]
    rounds: u16,
    /// Rounds of the second batch, of the cases that seem slower in the first
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u16).range(6..=1000))]
    confirm: u16,
    /// How long each round takes turns with one case, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    turns_ms: u64,
    /// How much slower is nobody's concern, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 2.0)]
    margin: f64,
    /// Compare fuel and sizes alone
    #[arg(long)]
    exact: bool,
    /// Write all samples and figures as JSON Lines
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// What a printed command is to say besides the case
    #[arg(long, value_name = "COMMAND", default_value = "", hide = true)]
    said_as: String,
}

/// Fuel that no case consumes.
const ENOUGH: u64 = 1 << 50;

/// What stands behind the names of the two sides' legs.
const LABELS: [&str; 2] = ["before", "now"];

/// What was found on a side, in the order of its cases.
type Lost = (CaseId, String, bool);

impl Gate {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        self.check()?;
        let corpora = [self.before_corpus()?, self.corpus.load()?];
        let chosen = filters("gate", &self.cases)?;
        let all = select(&corpora[1], &chosen)?;
        let (common, mut lost) = common(&corpora[0], &all);
        let options = [self.legs.with_build(&self.before), self.legs.clone()];
        let mut json = self.json.as_deref().map(super::sinks::create).transpose()?;
        let node_paths = corpora.each_ref().map(Corpus::node_path);

        let mut exact = [self.sizes(0)?, self.sizes(1)?];
        for (index, exact) in exact.iter_mut().enumerate() {
            let metered = options[index].with_fuel(ENOUGH);
            let make = || metered.legs(&node_paths[index]);
            // What can't be metered on one side isn't on the other.
            let lacks = |id: &&CaseId| lost.iter().all(|(known, _, _)| known != *id);
            let cases: Vec<CaseId> = common.iter().filter(lacks).cloned().collect();
            let cases = of(&corpora[index], &cases);
            let side = self.side(index, &corpora[index], &node_paths[index], &cases, &make);
            self.fuel(&side, exact, &mut lost)?;
        }
        let timed = match self.exact {
            true => Vec::new(),
            false => self.timed(&corpora[1], &chosen, &common)?,
        };
        let makes = [0, 1].map(|index| {
            let (options, node_path) = (&options[index], &node_paths[index]);
            move || options.legs(node_path)
        });
        let cases = [of(&corpora[0], &timed), of(&corpora[1], &timed)];
        let sides = [0, 1].map(|index| {
            let (corpus, node_path) = (&corpora[index], &node_paths[index]);
            self.side(index, corpus, node_path, &cases[index], &makes[index])
        });
        let compared = self.times(sides)?;

        let (rows, alone) = paired(&exact[0], &exact[1]);
        for (case, why, red) in self.untimed(&compared) {
            if !lost.iter().any(|(known, _, _)| *known == case) {
                lost.push((case, why, red));
            }
        }
        let known: Vec<CaseId> = lost.iter().map(|(case, _, _)| case.clone()).collect();
        for one in alone {
            let case = one.what.case().filter(|case| !known.contains(case));
            if let Some(case) = case {
                lost.push((
                    case.clone(),
                    "its fuel is known of one side alone".to_owned(),
                    true,
                ));
            }
        }
        if let (Some(file), Some(path)) = (&mut json, &self.json) {
            let legs = makes[1]()?;
            let turns = Duration::from_millis(self.turns_ms);
            let count = usize::from(self.rounds);
            let mut record = measured::begun(&all, &legs, self.legs.transport, count, turns);
            compared
                .batches
                .iter()
                .for_each(|batch| measured::take_in(&mut record, batch));
            record.exact = exact.concat();
            measured::save(file, path, &record)?;
        }
        self.report(&compared.rows, &rows, &lost, &compared)
    }

    fn report(
        &self,
        rows: &[Row],
        exact: &[parallax_harness::measure::exact::ExactRow],
        lost: &[Lost],
        compared: &Compared,
    ) -> Result<ExitCode, Problem> {
        let measured: Vec<&Measurement> = compared
            .batches
            .iter()
            .flatten()
            .filter_map(|(_, found)| found.as_ref().ok())
            .flatten()
            .collect();
        let before = self.before.to_string_lossy();
        let command = match self.said_as.as_str() {
            "" => format!("parallax gate --before {}", shell_words::quote(&before)),
            said => said.to_owned(),
        };
        let command = format!("{command} {}", self.corpus.flags());
        let found = Found {
            rows,
            exact,
            lost,
            command: command.trim(),
            alarms: false_alarms(&measured),
            margin: self.margin / 100.0,
        };
        print(&found.text())?;
        Ok(ExitCode::from(u8::from(found.is_red())))
    }

    fn check(&self) -> Result<(), Problem> {
        if self.legs.fuel().is_some() {
            return Err(Problem::usage(
                "--fuel: the gate meters in runs of its own, because clocks are then made up",
            )
            .hint("leave --fuel out"));
        }
        if !(0.0..100.0).contains(&self.margin) {
            return Err(
                Problem::usage(format!("--margin {}: not from 0 to 100", self.margin))
                    .hint("2 means that 2 % either way is nobody's concern"),
            );
        }
        Ok(())
    }

    fn before_corpus(&self) -> Result<Corpus, Problem> {
        match &self.before_corpus {
            Some(folder) => Corpus::load(folder),
            None => self.corpus.load(),
        }
    }

    fn side<'a>(
        &self,
        index: usize,
        corpus: &'a Corpus,
        node_path: &'a std::path::Path,
        cases: &'a [&'a Case],
        make: &'a dyn Fn() -> Result<Vec<parallax_harness::leg::Leg>, Problem>,
    ) -> Side<'a> {
        Side {
            label: LABELS[index],
            cases,
            ledger: &corpus.ledger,
            node_path,
            make,
        }
    }

    /// What is shipped, in bytes.
    fn sizes(&self, index: usize) -> Result<Vec<Exact>, Problem> {
        let file = [self.before.as_path(), self.legs.build()][index];
        let sizes = BuildInfo::load(file)?.sizes;
        let sizes = sizes.into_iter().map(|(part, value)| Exact {
            what: ExactQuantity::Size { part },
            leg: None,
            value,
        });
        Ok(sizes.collect())
    }

    fn fuel(
        &self,
        side: &Side<'_>,
        exact: &mut Vec<Exact>,
        lost: &mut Vec<Lost>,
    ) -> Result<(), Problem> {
        eprintln!(
            "metering {}, {}",
            counted(side.cases.len(), "case"),
            side.label
        );
        for (case, found) in consumed(side, self.legs.transport, &mut |_| ())? {
            match found {
                Ok(fuel) => {
                    if let Some(what) = &fuel.unlike {
                        eprintln!("{case}, {}: {what}; the larger one counts", side.label);
                    }
                    let whole = ExactQuantity::Fuel { case: case.clone() };
                    let items = ExactQuantity::Items { case };
                    for (what, legs) in [(whole, fuel.legs), (items, fuel.items)] {
                        exact.extend(legs.into_iter().map(|(leg, value)| Exact {
                            what: what.clone(),
                            leg: Some(leg),
                            value,
                        }));
                    }
                }
                Err(why) => {
                    if !lost.iter().any(|(known, _, _)| *known == case) {
                        lost.push((case, why, false));
                    }
                }
            }
        }
        Ok(())
    }

    /// The cases that are timed: those that were named, or those of the corpus's own list.
    fn timed(
        &self,
        corpus: &Corpus,
        chosen: &[Filter],
        common: &[CaseId],
    ) -> Result<Vec<CaseId>, Problem> {
        let listed = timed(&corpus.root)?;
        let wanted = match (chosen, listed) {
            ([], Some(listed)) => {
                super::check_means_some(corpus, "gate.toml", &listed)?;
                listed
            }
            _ => Vec::new(),
        };
        let returns = |id: &&CaseId| {
            let case = corpus.find(id);
            let returns = case.is_some_and(|case| case.expect == Class::Returned);
            returns && (wanted.is_empty() || wanted.iter().any(|filter| filter.matches(id)))
        };
        Ok(common.iter().filter(returns).cloned().collect())
    }

    fn times(&self, sides: [Side<'_>; 2]) -> Result<Compared, Problem> {
        if sides[1].cases.is_empty() {
            return Ok(Compared {
                rows: Vec::new(),
                batches: [Vec::new(), Vec::new()],
            });
        }
        let gate = Sides {
            sides,
            margin: self.margin / 100.0,
            confirming: usize::from(self.confirm),
        };
        let rounds = Rounds {
            sides: &sides,
            transport: self.legs.transport,
            timed: false,
            count: usize::from(self.rounds),
            turns: Duration::from_millis(self.turns_ms),
        };
        eprintln!("timing {}", counted(sides[1].cases.len(), "case"));
        let counts = [self.rounds, self.confirm];
        gate.compare(&rounds, &mut |batch, round| {
            let what = ["round", "repeated round"][batch];
            eprintln!("{what} {} of {}", round + 1, counts[batch]);
        })
    }

    /// What couldn't be timed; red where it is this side's fault.
    fn untimed(&self, compared: &Compared) -> Vec<Lost> {
        let mut lost: BTreeMap<CaseId, (String, bool)> = BTreeMap::new();
        for (case, found) in compared.batches.iter().flatten() {
            if let Err(one) = found {
                let label = one.side.and_then(|side| LABELS.get(side));
                let why = match label {
                    Some(label) => format!("{label}: {}", one.why),
                    None => one.why.clone(),
                };
                lost.insert(case.clone(), (why, one.side == Some(1)));
            }
        }
        lost.into_iter()
            .map(|(case, (why, red))| (case, why, red))
            .collect()
    }
}

/// The cases that both corpora have, and those that one alone has.
fn common(before: &Corpus, all: &[&Case]) -> (Vec<CaseId>, Vec<Lost>) {
    let (common, new): (Vec<&Case>, Vec<&Case>) =
        all.iter().partition(|case| before.find(&case.id).is_some());
    let new = new
        .iter()
        .map(|case| (case.id.clone(), "it is new".to_owned(), false));
    (
        common.iter().map(|case| case.id.clone()).collect(),
        new.collect(),
    )
}

/// The cases of these ids, in their order.
fn of<'a>(corpus: &'a Corpus, ids: &[CaseId]) -> Vec<&'a Case> {
    ids.iter().filter_map(|id| corpus.find(id)).collect()
}
