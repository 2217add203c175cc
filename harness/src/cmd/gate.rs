//! `parallax gate`: what has become slower against another build, or has grown.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use parallax_harness::case::{Case, CaseId};
use parallax_harness::error::Problem;
use parallax_harness::leg::Leg;
use parallax_harness::leg::build_info::BuildInfo;
use parallax_harness::measure::exact::{ExactRow, paired};
use parallax_harness::measure::fuel::{ENOUGH, Unmetered, consumed};
use parallax_harness::measure::gate::{Compared, Gate as Sides};
use parallax_harness::measure::rounds::{self, Rounds, Side};
use parallax_harness::measure::verified::verified;
use parallax_harness::outcome::Class;
use parallax_harness::record::measured::{Exact, ExactQuantity, Measured, Unmeasured};
use parallax_harness::record::measurement::Measurement;
use parallax_harness::report::cost::false_alarms;
use parallax_harness::report::gate::{Found, Lost};
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
    /// Rounds of the second batch, of the cases that seem slower in the first; fewer than 12 couldn't show it of many rows
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u16).range(12..=1000))]
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

/// What stands behind the names of the two sides' legs.
const LABELS: [&str; 2] = ["before", "now"];

impl Gate {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        self.check()?;
        let corpora = [self.before_corpus()?, self.corpus.load()?];
        let chosen = filters("gate", &self.cases)?;
        let all = select(&corpora[1], &chosen)?;
        let (common, mut lost) = common(&corpora[0], &all, &chosen);
        let options = [self.legs.with_build(&self.before), self.legs.clone()];
        let node_paths = corpora.each_ref().map(Corpus::node_path);

        let makes = [0, 1].map(|index| {
            let (options, node_path) = (&options[index], &node_paths[index]);
            move || options.legs(node_path)
        });
        // The file and what stands at its beginning first: a run of minutes must not end in a path that can't be written.
        let mut json = match &self.json {
            Some(path) => Some((
                path,
                super::sinks::create(path)?,
                self.begun(&all, &makes[1]()?),
            )),
            None => None,
        };
        eprintln!("verifying {} on both sides", counted(common.len(), "case"));
        let cases = [of(&corpora[0], &common), of(&corpora[1], &common)];
        let places = [0, 1].map(|index| (&corpora[index], node_paths[index].as_path()));
        let both = [
            side(0, places[0], &cases[0], &makes[0]),
            side(1, places[1], &cases[1], &makes[1]),
        ];
        for (case, found) in verified([&both[0], &both[1]], self.legs.transport)? {
            if let Some(found) = found {
                lose(&mut lost, told(case, &found));
            }
        }

        let passing = left(&common, &lost);
        let mut exact = [self.sizes(0)?, self.sizes(1)?];
        for (index, exact) in exact.iter_mut().enumerate() {
            let metered = options[index].with_fuel(ENOUGH);
            let make = || metered.legs(&node_paths[index]);
            // What can't be metered on one side isn't on the other.
            let cases = of(&corpora[index], &left(&passing, &lost));
            let side = side(index, places[index], &cases, &make);
            self.fuel(index, &side, exact, &mut lost)?;
        }
        // What can't be metered, because it waits, can be timed.
        let timed = match self.exact {
            true => Vec::new(),
            false => self.timed(&corpora[1], &chosen, &passing)?,
        };
        let cases = [of(&corpora[0], &timed), of(&corpora[1], &timed)];
        let compared = self.times([
            side(0, places[0], &cases[0], &makes[0]),
            side(1, places[1], &cases[1], &makes[1]),
        ])?;
        for (case, found) in compared.batches.iter().flatten() {
            if let Err(found) = found {
                lose(&mut lost, told(case.clone(), found));
            }
        }

        let (rows, alone) = paired(&exact[0], &exact[1]);
        for one in alone.iter().map(one_sided) {
            // What is lost has no figure for just that.
            if lost.iter().all(|known| known.what != one.what) {
                lost.push(one);
            }
        }
        let none = rows.iter().all(|row| row.what.case().is_none());
        if compared.rows.is_empty() && none && !lost.iter().any(|one| one.red) {
            let lost = lost.iter().map(|one| format!("{}: {}", one.what, one.why));
            return Err(Problem::usage("gate: no case is left to compare")
                .hint(lost.take(3).collect::<Vec<String>>().join("; ")));
        }
        let code = self.report(&rows, &lost, &compared)?;
        if let Some((path, file, record)) = &mut json {
            fill(record, &compared, &exact, lost);
            measured::save(file, path, record)?;
        }
        Ok(code)
    }

    /// A record of nothing yet.
    fn begun(&self, cases: &[&Case], legs: &[Leg]) -> Measured {
        let turns = Duration::from_millis(self.turns_ms);
        let count = usize::from(self.rounds);
        measured::begun(cases, legs, self.legs.transport, count, turns)
    }

    fn report(
        &self,
        exact: &[ExactRow],
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
        let found = Found {
            rows: &compared.rows,
            exact,
            lost,
            command: &self.command(),
            alarms: false_alarms(&measured),
            margin: self.margin / 100.0,
        };
        print(&found.text())?;
        Ok(ExitCode::from(u8::from(found.is_red())))
    }

    /// The command that measures the same again, but for the case.
    fn command(&self) -> String {
        let mut command = match self.said_as.as_str() {
            "" => {
                let before = self.before.to_string_lossy();
                let mut own = format!("parallax gate --before {}", shell_words::quote(&before));
                if let Some(corpus) = &self.before_corpus {
                    let corpus = corpus.to_string_lossy();
                    own += &format!(" --before-corpus {}", shell_words::quote(&corpus));
                }
                own
            }
            said => said.to_owned(),
        };
        let flags = self.corpus.flags();
        if !flags.is_empty() {
            command += &format!(" {flags}");
        }
        command
    }

    fn check(&self) -> Result<(), Problem> {
        if self.legs.fuel().is_some() {
            return Err(Problem::usage(
                "--fuel: the gate meters in runs of its own, because clocks are then made up",
            )
            .hint("leave --fuel out"));
        }
        if self.legs.native.is_some() || self.legs.wasm.is_some() {
            return Err(
                Problem::usage("--native, --wasm: both sides would run the same executor")
                    .hint("name two builds, with --build and --before"),
            );
        }
        let kinds = [&self.before, &self.legs.build].map(|file| BuildInfo::load(file));
        let [was, is] = kinds;
        if was?.default != is?.default {
            return Err(Problem::usage(format!(
                "{} and {}: one is the default build, and the other isn't",
                self.before.display(),
                self.legs.build.display()
            ))
            .hint("build both with the same flags"));
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
        index: usize,
        side: &Side<'_>,
        exact: &mut Vec<Exact>,
        lost: &mut Vec<Lost>,
    ) -> Result<(), Problem> {
        eprintln!(
            "metering {}, {}",
            counted(side.cases.len(), "case"),
            side.label
        );
        for (case, found) in consumed(side, self.legs.transport)? {
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
                // What could be metered before, and has no end now, may have become that slow.
                Err(Unmetered { why, ends_late }) => {
                    let why = format!("its fuel {}: {why}", side.label);
                    let red = ends_late && index == 1;
                    lose(
                        lost,
                        Lost {
                            what: case,
                            why,
                            red,
                        },
                    );
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
        let wanted = match chosen {
            [] => timed(&corpus.root)?,
            _ => None,
        };
        if let Some(wanted) = &wanted {
            super::check_means_some(corpus, "gate.toml", wanted)?;
        }
        let is_wanted = |id: &CaseId| match &wanted {
            Some(wanted) => wanted.iter().any(|filter| filter.matches(id)),
            None => true,
        };
        let returns = |id: &&CaseId| {
            let case = corpus.find(id);
            case.is_some_and(|case| case.expect == Class::Returned) && is_wanted(id)
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
}

/// What is measured of one side.
fn side<'a>(
    index: usize,
    (corpus, node_path): (&'a Corpus, &'a Path),
    cases: &'a [&'a Case],
    make: &'a dyn Fn() -> Result<Vec<Leg>, Problem>,
) -> Side<'a> {
    Side {
        label: LABELS[index],
        cases,
        ledger: &corpus.ledger,
        node_path,
        make,
    }
}

/// What keeps a case from being measured, for people; red where it is this side's fault.
fn told(case: CaseId, found: &rounds::Lost) -> Lost {
    let label = found.side.and_then(|side| LABELS.get(side));
    let why = match label {
        Some(label) => format!("{label}: {}", found.why),
        None => found.why.clone(),
    };
    let red = found.side == Some(1);
    Lost {
        what: case,
        why,
        red,
    }
}

/// A figure that one side lacks. Of sizes there is one of all parts, too, which grows with them.
fn one_sided(one: &Exact) -> Lost {
    let case = one.what.case();
    Lost {
        what: case
            .cloned()
            .unwrap_or_else(|| CaseId(one.what.to_string())),
        why: "its figure is known of one side alone".to_owned(),
        red: case.is_some(),
    }
}

/// Notes it; of what is known already, only what is red counts.
fn lose(lost: &mut Vec<Lost>, one: Lost) {
    match lost.iter_mut().find(|known| known.what == one.what) {
        Some(known) if one.red => *known = one,
        Some(_) => {}
        None => lost.push(one),
    }
}

/// The cases that aren't lost.
fn left(cases: &[CaseId], lost: &[Lost]) -> Vec<CaseId> {
    let is_left = |id: &&CaseId| lost.iter().all(|known| known.what != **id);
    cases.iter().filter(is_left).cloned().collect()
}

/// Takes in what both sides have shown.
fn fill(record: &mut Measured, compared: &Compared, exact: &[Vec<Exact>; 2], lost: Vec<Lost>) {
    let found = compared.batches.iter().flatten();
    let times = found.filter_map(|(_, found)| found.as_ref().ok());
    record.times.extend(times.flatten().cloned());
    for (exact, label) in exact.iter().zip(LABELS) {
        record.exact.extend(exact.iter().map(|one| Exact {
            leg: Some(match &one.leg {
                Some(leg) => format!("{leg}, {label}"),
                None => label.to_owned(),
            }),
            ..one.clone()
        }));
    }
    let lost = lost.into_iter().map(|one| Unmeasured {
        case: one.what,
        why: one.why,
    });
    record.unmeasured.extend(lost);
}

/// The cases that both corpora have, and those that one alone has.
fn common(before: &Corpus, all: &[&Case], chosen: &[Filter]) -> (Vec<CaseId>, Vec<Lost>) {
    let (common, new): (Vec<&Case>, Vec<&Case>) =
        all.iter().partition(|case| before.find(&case.id).is_some());
    let is_meant = |id: &CaseId| chosen.is_empty() || chosen.iter().any(|it| it.matches(id));
    let is_there = |id: &CaseId| all.iter().any(|case| case.id == *id);
    let gone = before.cases.iter().map(|case| &case.id);
    let gone = gone.filter(|id| is_meant(id) && !is_there(id));
    let named = |id: &CaseId, why: &str| Lost {
        what: id.clone(),
        why: why.to_owned(),
        red: false,
    };
    let gone = gone.map(|id| named(id, "it is gone"));
    let new = new.iter().map(|case| named(&case.id, "it is new"));
    (
        common.iter().map(|case| case.id.clone()).collect(),
        new.chain(gone).collect(),
    )
}

/// The cases of these ids, in their order.
fn of<'a>(corpus: &'a Corpus, ids: &[CaseId]) -> Vec<&'a Case> {
    ids.iter().filter_map(|id| corpus.find(id)).collect()
}
