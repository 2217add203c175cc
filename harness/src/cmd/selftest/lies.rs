//! Every lie, told by a program, on each way, as the reference and as the candidate.

use std::path::Path;
use std::time::Duration;

use parallax_harness::case::{Case, CaseId};
use parallax_harness::error::Problem;
use parallax_harness::executor::Channel;
use parallax_harness::executor::native::NativeExecutor;
use parallax_harness::leg::build_info::BuildInfo;
use parallax_harness::leg::table::Workshop;
use parallax_harness::leg::{Leg, Provenance};
use parallax_harness::path::OutcomePath;
use parallax_harness::record::{CaseReport, Summary};
use parallax_harness::selftest::lies::{Deed, Lie, Tell, Way, all, cases};
use parallax_harness::selftest::oracle::Tally;
use parallax_harness::source::corpus::Corpus;
use parallax_harness::trial::{Setting, run_trial};
use parallax_harness::verdict::ledger::Ledger;
use parallax_harness::verdict::status::Status;

use super::work::{Honest, in_parallel};
use crate::cmd::lie::TRUTH;

/// On which side the liar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Reference,
    Candidate,
}

/// One thing to try: a lie or, for a control, the truth about a case.
struct Attempt {
    lie: Option<&'static Lie>,
    case: &'static str,
    way: Way,
    role: Role,
}

impl Attempt {
    fn name(&self) -> &'static str {
        self.lie.map_or(TRUTH, |lie| lie.name)
    }
}

fn attempts(only: Option<&str>) -> Vec<Attempt> {
    let chosen =
        |lie: &&Lie| only.is_none_or(|text| lie.name.contains(text) || lie.group.contains(text));
    let mut attempts = Vec::new();
    for way in Way::ALL {
        for role in [Role::Reference, Role::Candidate] {
            let lies = all().filter(chosen).filter(|lie| lie.is_for(way));
            attempts.extend(lies.map(|lie| Attempt {
                lie: Some(lie),
                case: lie.case,
                way,
                role,
            }));
            attempts.extend(cases().into_iter().map(|case| Attempt {
                lie: None,
                case,
                way,
                role,
            }));
        }
    }
    attempts
}

/// Tells every lie, and the truth in between.
///
/// # Errors
/// Nothing is built, or a case that lies are about is missing.
pub fn tell(corpus: &Corpus, build: &Path, only: Option<&str>) -> Result<Tally, Problem> {
    let attempts = attempts(only);
    let stage = Stage::new(corpus, build)?;
    let mut tally = Tally::default();
    for (attempt, tried) in attempts
        .iter()
        .zip(in_parallel(&attempts, |attempt| stage.attempt(attempt)))
    {
        let (group, escape) = tried?;
        tally.note(group, attempt.name(), escape);
    }
    Ok(tally)
}

/// Who plays.
struct Stage<'a> {
    corpus: &'a Corpus,
    /// The true executor.
    program: String,
    /// Whom the liar stands against: the native leg where it is the candidate, the one in WebAssembly where it is the reference.
    reference: Honest,
    candidate: Honest,
}

impl<'a> Stage<'a> {
    fn new(corpus: &'a Corpus, build: &Path) -> Result<Self, Problem> {
        let info = BuildInfo::load(build)?;
        let workshop = Workshop {
            build: build.to_owned(),
            native: None,
            wasm: None,
            wasm_dirs: Vec::new(),
            cold: false,
            fuel: None,
            node_path: corpus.node_path(),
        };
        let mut legs = workshop.legs(&[])?;
        let (Some(candidate), Some(reference)) = (legs.pop(), legs.pop()) else {
            return Err(Problem::environment("two legs make no two"));
        };
        Ok(Stage {
            corpus,
            program: info.native.program.to_string_lossy().into_owned(),
            reference: Honest::of(reference),
            candidate: Honest::of(candidate),
        })
    }

    /// Tries one thing; gives its group, and what got through.
    fn attempt(&self, attempt: &Attempt) -> Result<(&'static str, Option<String>), Problem> {
        let id = CaseId(attempt.case.to_owned());
        let mut case = self
            .corpus
            .find(&id)
            .ok_or_else(|| {
                Problem::usage(format!("the corpus has no case {id}, which lies are about"))
                    .hint("selftest lies about this repository's corpus")
            })?
            .clone();
        match attempt.lie.map(|lie| lie.tell) {
            Some(Tell::Deed(Deed::Hang)) => case.limits.wall = Duration::from_secs(2),
            Some(Tell::Deed(Deed::Flood)) => case.limits.output = 1 << 20,
            _ => {}
        }
        let report = self.play(attempt, &case)?;
        let mut summary = Summary::default();
        summary.count(&report);
        summary.close([]);
        let found = match attempt.lie {
            Some(lie) => convicted(lie, &report, &summary),
            None => acquitted(&report, &summary),
        };
        let group = attempt.lie.map_or("the truth", |lie| lie.group);
        let escape = found.err().map(|reason| {
            let Attempt { way, role, .. } = attempt;
            format!("{id} as the {role:?} by {}: {reason}", way.name())
        });
        Ok((group, escape))
    }

    fn play(&self, attempt: &Attempt, case: &Case) -> Result<CaseReport, Problem> {
        let itself = std::env::current_exe().map_err(|error| {
            Problem::environment(format!("failed to find this program: {error}"))
        })?;
        let words = [
            itself.to_string_lossy().into_owned(),
            "lie".to_owned(),
            attempt.name().to_owned(),
            "--".to_owned(),
            self.program.clone(),
        ];
        let command = words.map(|word| format!("'{word}'")).join(" ");
        let channel = match attempt.way {
            Way::Channel => Channel::Own,
            _ => Channel::StandardOutput,
        };
        let liar = Leg {
            name: "liar".to_owned(),
            target: self.reference.target.clone(),
            provenance: Provenance::default(),
            executor: Box::new(NativeExecutor::new(&command, channel)?),
        };
        let legs = match attempt.role {
            Role::Reference => [liar, self.candidate.leg()],
            Role::Candidate => [self.reference.leg(), liar],
        };
        let trial = run_trial(
            Setting {
                ledger: &Ledger::default(),
                snapshots: None,
                node_path: &self.corpus.node_path(),
                legs: &legs,
                transport: attempt.way.transport(),
            },
            case,
        )?;
        Ok(trial.report)
    }
}

/// A lie must make the case and the run red, and be reported where it is.
fn convicted(lie: &Lie, report: &CaseReport, summary: &Summary) -> Result<(), String> {
    if report.status != Status::Fail || !summary.is_red() {
        return Err(format!("{:?}: {}", report.status, report.explanation));
    }
    let place: OutcomePath = lie.place.parse().map_err(|error| format!("{error}"))?;
    let mut divergences = report.comparisons.iter().flat_map(|one| &one.divergences);
    let reported = divergences.any(|one| {
        let there = place.covers(&one.path) || one.path.covers(&place);
        there && format!("{one} {}", one.candidate).contains(lie.says)
    });
    if reported {
        return Ok(());
    }
    Err(format!("red for another reason: {}", report.explanation))
}

fn acquitted(report: &CaseReport, summary: &Summary) -> Result<(), String> {
    if report.status == Status::Pass && !summary.is_red() {
        return Ok(());
    }
    Err(format!("{:?}: {}", report.status, report.explanation))
}
