//! Cases that are measured, with the legs that run them. Only what was verified is measured: a time or a ratio of something else means nothing.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use parallax_harness::case::request::request;
use parallax_harness::case::{Case, CaseId};
use parallax_harness::error::Problem;
use parallax_harness::executor::{Answer, Job};
use parallax_harness::leg::Leg;
use parallax_harness::leg::table::{DEFAULT, Workshop};
use parallax_harness::measure::rounds::differs;
use parallax_harness::source::corpus::Corpus;
use parallax_harness::trial::{Setting, Trial, run_trial};
use parallax_harness::verdict::status::Status;
use parallax_runtime::marshal::Transport;

use crate::arguments::Arguments;
use crate::place::{build_record, root};
use crate::stop::Stop;

/// Whole pipelines of `corpus/` that are measured beside the cases of `benches/corpus/`: several nodes, with and without numpy.
const PIPELINES: [&str; 5] = [
    "graph/chain_of_sixty",
    "large/group_records",
    "numpy/audio_spectrogram",
    "tabular/csv_to_totals",
    "text/word_count",
];

/// Of so many cases of `benches/corpus/` one stands for the others when there is little time: each takes some tenths of a second.
const STEP: usize = 24;

/// Cases of one corpus, and the legs that run them, which are made when the first case needs them.
pub struct Suite {
    corpus: Corpus,
    node_path: PathBuf,
    chosen: Vec<CaseId>,
    /// Every so manyth case is run when there is little time.
    step: usize,
    /// The first is the reference.
    names: Vec<String>,
    fuel: Option<u64>,
    legs: OnceCell<Vec<Leg>>,
}

/// A case that has passed.
pub struct Verified {
    pub request: Vec<u8>,
    /// In the order of the legs.
    pub answers: Vec<Answer>,
}

impl Suite {
    /// Everything that `overhead` and `fuel` measure, on the default legs.
    ///
    /// # Errors
    /// A corpus can't be read, or lacks a case that is asked for.
    pub fn all(fuel: Option<u64>) -> Result<Vec<Self>, Problem> {
        let own = Corpus::load(&root().join("benches/corpus"))?;
        let chosen = own.cases.iter().map(|case| case.id.clone()).collect();
        let mut own = Suite::of(own, chosen, &DEFAULT, fuel);
        own.step = STEP;
        let pipelines = Suite::chosen(&root().join("corpus"), &PIPELINES, &DEFAULT, fuel)?;
        Ok(vec![own, pipelines])
    }

    /// Some cases of a corpus, on some legs.
    ///
    /// # Errors
    /// The corpus can't be read, or lacks one of the cases.
    pub fn chosen(
        corpus: &Path,
        ids: &[&str],
        names: &[&str],
        fuel: Option<u64>,
    ) -> Result<Self, Problem> {
        let corpus = Corpus::load(corpus)?;
        let chosen: Vec<CaseId> = ids.iter().map(|&id| CaseId(id.to_owned())).collect();
        match chosen.iter().find(|id| corpus.find(id).is_none()) {
            Some(missing) => Err(Problem::usage(format!(
                "{} has no case {missing}, which is measured",
                corpus.root.display()
            ))
            .hint("name another one in the bench that asks for it, below `benches`")),
            None => Ok(Suite::of(corpus, chosen, names, fuel)),
        }
    }

    fn of(corpus: Corpus, chosen: Vec<CaseId>, names: &[&str], fuel: Option<u64>) -> Self {
        Suite {
            node_path: corpus.node_path(),
            corpus,
            chosen,
            step: 1,
            names: names.iter().map(|&name| name.to_owned()).collect(),
            fuel,
            legs: OnceCell::new(),
        }
    }

    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.chosen.iter().filter_map(|id| self.corpus.find(id))
    }

    /// The cases that these arguments leave, where `without` are the benchmarks' ids without the case's, and how many cases they leave out.
    pub fn cases_for(&self, arguments: &Arguments, without: &[String]) -> (Vec<&Case>, usize) {
        let all: Vec<&Case> = self.cases().collect();
        let count = all.len();
        let left: Vec<&Case> = match arguments.quick && !arguments.names_cases(without) {
            true => all.into_iter().step_by(self.step).collect(),
            false => all,
        };
        let left_out = count - left.len();
        (left, left_out)
    }

    /// What the legs are called, whether they are made yet or not.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub fn node_path(&self) -> &Path {
        &self.node_path
    }

    /// The legs.
    ///
    /// # Errors
    /// Nothing is built yet, or one can't be made.
    pub fn legs(&self) -> Result<&[Leg], Problem> {
        if let Some(made) = self.legs.get() {
            return Ok(made);
        }
        let workshop = Workshop {
            build: build_record()?,
            native: None,
            wasm: None,
            wasm_dirs: Vec::new(),
            cold: false,
            fuel: self.fuel,
            node_path: self.node_path.clone(),
        };
        let made = workshop.legs(&self.names)?;
        Ok(self.legs.get_or_init(|| made))
    }

    /// Runs a case through all legs, and holds it against policies, ledger and snapshots.
    ///
    /// # Errors
    /// The case is red, or an executor can't be run.
    pub fn verify(&self, case: &Case) -> Result<Verified, Stop> {
        let setting = Setting {
            ledger: &self.corpus.ledger,
            snapshots: self.corpus.snapshots.as_ref(),
            node_path: &self.node_path,
            legs: self.legs()?,
            transport: Transport::default(),
        };
        let Trial { report, answers } = run_trial(setting, case)?;
        match report.status {
            Status::Pass | Status::Expected => Ok(Verified {
                request: Transport::default().carry(request(case)?),
                answers,
            }),
            red => Err(Stop::Refused(format!(
                "{}: {}",
                red.name(),
                report.explanation
            ))),
        }
    }

    /// Runs a verified case once more on one leg, and gives what it took with the answer, which is what was verified.
    ///
    /// # Errors
    /// The answer is another one, or the executor can't be run.
    pub fn again(
        &self,
        case: &Case,
        verified: &Verified,
        leg: usize,
    ) -> Result<(Duration, Answer), Stop> {
        let job = Job {
            request: &verified.request,
            transport: Transport::default(),
            node_path: &self.node_path,
            limits: &case.limits,
            exact: case.exact,
        };
        let (leg, first) = (&self.legs()?[leg], &verified.answers[leg]);
        let started = Instant::now();
        let answer = leg.executor.run(job)?;
        let taken = started.elapsed();
        match differs(case, first, &answer) {
            Some(what) => Err(Stop::Refused(format!(
                "{} differs from itself: {what}",
                leg.name
            ))),
            None => Ok((taken, answer)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pipelines_are_cases_of_the_corpus() {
        let corpus = root().join("corpus");
        let suite = Suite::chosen(&corpus, &PIPELINES, &DEFAULT, None);
        let suite = suite.unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(suite.cases().count(), PIPELINES.len());
    }

    #[test]
    fn a_case_that_is_missing_is_named() {
        let corpus = root().join("corpus");
        let found = Suite::chosen(&corpus, &["text/nowhere"], &DEFAULT, None);
        let problem = found.map(|_| ()).expect_err("there is no such case");
        assert!(problem.message.contains("text/nowhere"), "{problem}");
        assert_eq!(problem.class.exit_code(), 2);
    }
}
