//! The whole corpus through all four legs: the cold ones say what the warm ones must, and the number of jobs changes nothing.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use parallax_harness::case::request::request;
use parallax_harness::case::{Case, CaseId};
use parallax_harness::error::Problem;
use parallax_harness::event::RunEvent;
use parallax_harness::executor::{Answer, Executor, Job};
use parallax_harness::leg::Leg;
use parallax_harness::leg::table::Workshop;
use parallax_harness::outcome::Outcome;
use parallax_harness::report::Reporter as _;
use parallax_harness::report::json::JsonLines;
use parallax_harness::run::{Plan, run};
use parallax_harness::selftest::oracle::Tally;
use parallax_harness::source::corpus::Corpus;
use parallax_harness::trial::{Setting, ask_all};
use parallax_harness::verdict::errors::aligned;
use parallax_harness::verdict::ledger::Side;
use parallax_harness::verdict::policy::Policy;
use parallax_harness::verdict::{Verdict, compare};
use parallax_runtime::marshal::Transport;

use super::work::{Honest, in_parallel};
use crate::cmd::write_failed;

/// Each warm leg before the cold one that it must equal.
const LEGS: [&str; 4] = ["native", "native-cold", "wasm", "wasm-cold"];

/// What the legs did with every case.
pub struct Recorded {
    legs: Vec<Honest>,
    /// As the executors gave them, by case, in the order of the legs.
    given: BTreeMap<CaseId, Vec<Answer>>,
    /// What the two warm legs did, as it is compared.
    warm: BTreeMap<CaseId, [Outcome; 2]>,
}

impl Recorded {
    /// Runs every case through all legs.
    ///
    /// # Errors
    /// Nothing is built, or a case can't be run at all.
    pub fn new(corpus: &Corpus, build: &Path) -> Result<Self, Problem> {
        let workshop = Workshop {
            build: build.to_owned(),
            native: None,
            wasm: None,
            wasm_dirs: Vec::new(),
            cold: false,
            fuel: None,
            node_path: corpus.node_path(),
        };
        let legs = workshop.legs(&LEGS.map(str::to_owned))?;
        let legs: Vec<Honest> = legs.into_iter().map(Honest::of).collect();
        let asked: Vec<Leg> = legs.iter().map(Honest::leg).collect();
        let setting = Setting {
            ledger: &corpus.ledger,
            snapshots: None,
            node_path: &corpus.node_path(),
            legs: &asked,
            transport: Transport::default(),
        };
        let given = in_parallel(&corpus.cases, |case| ask_all(setting, case));
        let ids = corpus.cases.iter().map(|case| case.id.clone());
        let given: Result<BTreeMap<_, _>, Problem> = ids
            .zip(given)
            .map(|(id, answers)| Ok((id, answers?)))
            .collect();
        let given = given?;
        let targets = [&legs[0].target, &legs[2].target];
        let warm = corpus.cases.iter().filter_map(|case| {
            let [native, _, wasm, _] = given.get(&case.id)?.as_slice() else {
                return None;
            };
            let sides = [(targets[0].as_str(), native), (targets[1].as_str(), wasm)];
            let sides = sides.map(|(target, answer)| (target, &answer.outcome));
            let compared = aligned(sides, case.exact.errors).map(Cow::into_owned);
            Some((case.id.clone(), compared))
        });
        let warm = warm.collect();
        Ok(Recorded { legs, given, warm })
    }

    /// What the two warm legs did with a case, as it is compared.
    pub fn warm(&self, case: &CaseId) -> Option<&[Outcome; 2]> {
        self.warm.get(case)
    }

    /// What the ledger can ask about the two warm legs.
    pub fn sides(&self) -> [Side<'_>; 2] {
        [&self.legs[0], &self.legs[2]].map(Honest::side)
    }

    /// Holds the warm legs against the cold ones, case by case.
    pub fn compare(&self, corpus: &Corpus, tally: &mut Tally) {
        let exact = Policy::exact().into();
        for case in &corpus.cases {
            let answers = self.given.get(&case.id).map_or(&[][..], Vec::as_slice);
            for (pair, kind) in answers.chunks(2).zip(["native as cold", "wasm as cold"]) {
                let escape = match pair {
                    [warm, cold] => {
                        let verdict = compare(&warm.outcome, &cold.outcome, &exact, case.ignored);
                        match verdict {
                            Verdict::Equal => None,
                            other => Some(format!("{}: {other:?}", case.id)),
                        }
                    }
                    _ => Some(format!("{} has no two answers", case.id)),
                };
                tally.note("legs", kind, escape);
            }
        }
    }

    /// Runs the corpus with 1 and 8 jobs, and once more each on what the warm and the cold legs have answered: all are green, and say the same to the byte.
    ///
    /// # Errors
    /// A run can't be done at all.
    pub fn run(&self, corpus: &Corpus, tally: &mut Tally) -> Result<(), Problem> {
        let [Some(native), Some(native_cold), Some(wasm), Some(wasm_cold)] =
            [0, 1, 2, 3].map(|index| self.legs.get(index))
        else {
            return Err(Problem::environment("there are no four legs"));
        };
        let live = |name: &str, leg: &Honest| named(name, leg.leg());
        let answered = |name: &str, leg: &Honest, index: usize| -> Result<Leg, Problem> {
            let answers = corpus.cases.iter().map(|case| {
                let given = self.given.get(&case.id);
                let answer = given.and_then(|given| given.get(index)).cloned();
                Ok((key(&request(case)?, case), answer))
            });
            let answers: Result<BTreeMap<_, _>, Problem> = answers.collect();
            let executor = Repeating {
                answers: answers?,
                live: leg.leg().executor.into(),
            };
            Ok(Leg {
                executor: Box::new(executor),
                ..named(name, leg.leg())
            })
        };
        let (first, second) = ("native", "wasm");
        let runs: [(&'static str, [Leg; 2], usize); 4] = [
            (
                "2 jobs",
                [answered(first, native, 0)?, answered(second, wasm, 2)?],
                2,
            ),
            ("1 job", [live(first, native), live(second, wasm)], 1),
            ("8 jobs", [live(first, native), live(second, wasm)], 8),
            (
                "cold legs",
                [
                    answered(first, native_cold, 1)?,
                    answered(second, wasm_cold, 3)?,
                ],
                2,
            ),
        ];
        let mut expected: Option<Vec<u8>> = None;
        for (kind, legs, jobs) in runs {
            let (lines, red) = lines(corpus, &legs, jobs)?;
            tally.note("runs", kind, red);
            match &expected {
                None => expected = Some(lines),
                Some(expected) => {
                    tally.note("the same bytes", kind, difference(expected, &lines));
                }
            }
        }
        Ok(())
    }
}

fn named(name: &str, leg: Leg) -> Leg {
    Leg {
        name: name.to_owned(),
        ..leg
    }
}

/// What tells one request to a leg from another: limits decide, too.
fn key(request: &[u8], case: &Case) -> (Vec<u8>, String) {
    (request.to_vec(), format!("{:?}", case.limits))
}

/// Gives the answers that were given before; what it wasn't asked before it has answered anew.
struct Repeating {
    answers: BTreeMap<(Vec<u8>, String), Option<Answer>>,
    live: Arc<dyn Executor>,
}

impl Executor for Repeating {
    fn run(&self, job: Job<'_>) -> Result<Answer, Problem> {
        let key = (job.request.to_vec(), format!("{:?}", job.limits));
        match self.answers.get(&key) {
            Some(Some(answer)) => Ok(answer.clone()),
            _ => self.live.run(job),
        }
    }
}

/// The record of a run as JSON Lines, and why it is red, if it is.
fn lines(
    corpus: &Corpus,
    legs: &[Leg; 2],
    jobs: usize,
) -> Result<(Vec<u8>, Option<String>), Problem> {
    let plan = Plan {
        cases: corpus.cases.iter().collect(),
        setting: Setting {
            ledger: &corpus.ledger,
            snapshots: corpus.snapshots.as_ref(),
            node_path: &corpus.node_path(),
            legs,
            transport: Transport::default(),
        },
        witnesses: None,
        jobs,
        repeat: 1,
        fail_fast: false,
        skip_allowed: &|_| false,
        // A case without a snapshot would be held against nothing.
        locked: true,
    };
    let mut written = Vec::new();
    let mut reporter = JsonLines(&mut written);
    let summary = run(&plan, |event: &RunEvent| {
        reporter
            .event(event)
            .map_err(|error| write_failed("memory", &error))
    })?;
    let first = summary.red.first();
    let red = summary.is_red().then(|| {
        let why = first.map(|case| format!("{}: {}", case.id, case.explanation));
        format!(
            "{} cases are red, {}",
            summary.red.len(),
            why.unwrap_or_default()
        )
    });
    Ok((written, red))
}

/// The first lines that differ.
fn difference(a: &[u8], b: &[u8]) -> Option<String> {
    let lines = |bytes: &[u8]| -> Vec<String> {
        let text = String::from_utf8_lossy(bytes);
        text.lines().map(str::to_owned).collect()
    };
    if a == b {
        return None;
    }
    let (a, b) = (lines(a), lines(b));
    let differing = a.iter().zip(&b).find(|(a, b)| a != b);
    Some(match differing {
        Some((a, b)) => {
            let at = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
            let from = at.saturating_sub(60);
            let part = |line: &str| {
                let shown = line.bytes().skip(from).take(160).collect::<Vec<u8>>();
                String::from_utf8_lossy(&shown).into_owned()
            };
            let head: String = a.chars().take(60).collect();
            format!("{head}… has {} and {}", part(a), part(b))
        }
        None => format!("{} lines and {}", a.len(), b.len()),
    })
}
