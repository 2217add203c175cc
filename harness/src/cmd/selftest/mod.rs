//! `parallax selftest`: the harness tested by lying to it.

mod legs;
mod lies;
mod plants;
mod work;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use parallax_harness::error::Problem;
use parallax_harness::selftest::oracle::{self, Tally};
use parallax_harness::selftest::real;
use parallax_harness::source::corpus::Corpus;

use self::legs::Recorded;
use self::work::{in_parallel, workers};

use super::{CorpusOptions, built, write_failed};

/// Tell the harness lies, and see whether it finds each of them
///
/// Mutates outcomes and holds the comparison to what it promises, has an executor lie about cases of the corpus, and plants what a run must not pass over.
/// Red unless everything was caught.
#[derive(Debug, clap::Args)]
pub struct Selftest {
    #[command(flatten)]
    corpus: CorpusOptions,
    /// Where `cargo xtask build` has written what it built [default: target/parallax/build.json of the checkout]
    #[arg(long, value_name = "FILE", default_value_os_t = built(), hide_default_value = true)]
    build: PathBuf,
    /// At least this many mutations of outcomes
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    mutations: u64,
    /// What the random numbers begin with
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Only lies whose name or group contains TEXT, and nothing else
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

impl Selftest {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        let corpus = self.corpus.load()?;
        let mut mutations = Tally::default();
        let mut told = Tally::default();
        if self.only.is_none() {
            mutations.merge(stage("mutating generated outcomes", || self.mutate()));
            let recorded = stage("running every case on all four legs", || {
                Recorded::new(&corpus, &self.build)
            })?;
            recorded.compare(&corpus, &mut told);
            stage("running the corpus with 1, 2 and 8 jobs", || {
                recorded.run(&corpus, &mut told)
            })?;
            mutations.merge(stage("mutating what the cases did", || {
                self.mutate_real(&corpus, &recorded)
            }));
            print_groups("mutations", &mutations)?;
        }
        let only = self.only.as_deref();
        told.merge(stage("telling lies", || {
            lies::tell(&corpus, &self.build, only)
        })?);
        told.merge(stage("planting harm and faults", || {
            plants::plant(&self.build, only)
        })?);
        print_groups("lies", &told)?;
        for escape in mutations.escaped.iter().chain(&told.escaped) {
            print(&format!("got through: {escape}"))?;
        }
        let (lies, changes) = (told.total(), mutations.total());
        print(&format!(
            "selftest: {} of {} lies caught, {} of {} mutations caught",
            lies.caught, lies.tried, changes.caught, changes.tried
        ))?;
        let complete = mutations.is_complete() && told.is_complete();
        Ok(ExitCode::from(u8::from(!complete)))
    }

    /// Mutations of what the legs have done with real cases.
    fn mutate_real(&self, corpus: &Corpus, recorded: &Recorded) -> Tally {
        let tallies = in_parallel(&corpus.cases, |case| {
            let Some([native, wasm]) = recorded.warm(&case.id) else {
                return Tally::default();
            };
            let seed = self.seed.wrapping_add(case.id.0.len() as u64);
            let mut tally = real::mutate_alone(seed, native);
            let [one, other] = recorded.sides();
            let expected = corpus.ledger.expected(&case.id, one, other);
            tally.merge(real::mutate_answer(seed, case, &expected, [native, wasm]));
            tally
        });
        let mut all = Tally::default();
        tallies.into_iter().for_each(|tally| all.merge(tally));
        all
    }

    /// Mutations of generated outcomes, divided among the workers.
    fn mutate(&self) -> Tally {
        let shares = workers() as u64;
        let share = self.mutations.div_ceil(shares);
        let mut tally = Tally::default();
        std::thread::scope(|scope| {
            let running: Vec<_> = (0..shares)
                .map(|index| {
                    let seed = self.seed.wrapping_mul(1 << 32).wrapping_add(index);
                    scope.spawn(move || oracle::generated(seed, share))
                })
                .collect();
            for worker in running {
                match worker.join() {
                    Ok(own) => tally.merge(own),
                    Err(_) => tally.note("values", "a comparison", Some("it panicked".to_owned())),
                }
            }
        });
        tally
    }
}

/// Says on standard error what is being done, and how long it took.
fn stage<T>(what: &str, work: impl FnOnce() -> T) -> T {
    eprintln!("{what} …");
    let started = Instant::now();
    let result = work();
    eprintln!("{what}: {:.1} s", started.elapsed().as_secs_f64());
    result
}

/// One line a group: how many kinds, how often they were tried and caught.
fn print_groups(of: &str, tally: &Tally) -> Result<(), Problem> {
    let mut groups: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    for ((group, _), count) in &tally.groups {
        let (kinds, tried, caught) = groups.entry(group).or_default();
        *kinds += 1;
        *tried += count.tried;
        *caught += count.caught;
    }
    print(&format!(
        "{of:<28} {:>6} {:>8} {:>8}",
        "kinds", "tried", "caught"
    ))?;
    for (group, (kinds, tried, caught)) in groups {
        print(&format!("  {group:<26} {kinds:>6} {tried:>8} {caught:>8}"))?;
    }
    Ok(())
}

fn print(line: &str) -> Result<(), Problem> {
    writeln!(std::io::stdout().lock(), "{line}")
        .map_err(|error| write_failed("standard output", &error))
}
