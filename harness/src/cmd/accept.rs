//! `parallax accept`: what a run shows becomes what is expected.

use std::process::ExitCode;

use parallax_harness::accept::run::for_each_case;
use parallax_harness::accept::{Proposal, proposal, prune};
use parallax_harness::case::Case;
use parallax_harness::error::Problem;
use parallax_harness::leg::lacking::Lacking;
use parallax_harness::report::text::counted;
use parallax_harness::source::corpus::Corpus;
use parallax_harness::source::snapshots::{Snapshots, Unusable};
use parallax_harness::trial::{Setting, explain};
use parallax_harness::verdict::cause::Cause;

pub use self::options::Accept;

use self::ask::Asker;
use self::write::Writer;
use super::verify::default_jobs;
use super::{check_means_some, filters};

mod ask;
mod migrate;
mod options;
mod write;

impl Accept {
    pub fn run(&self) -> Result<ExitCode, Problem> {
        let reason = self.reason.as_deref().map(str::trim);
        if reason == Some("") {
            return Err(Problem::usage("--reason is empty")
                .hint("say what the difference comes from, as the ledger has to"));
        }
        let jobs = self.jobs.map_or_else(default_jobs, usize::from);
        let mut asker = Asker::new(self.review, self.cause.zip(reason.map(str::to_owned)));
        let mut writer = Writer::new(self.corpus.root(), self.locked)?;
        if self.migrate {
            migrate::migrate(self, jobs, &mut asker, &mut writer)?;
            if self.locked && writer.is_red() {
                return writer.finish();
            }
        }
        let (corpus, unusable) = Corpus::load_usable(self.corpus.root())?;
        let cases = self.select(&corpus)?;
        let none = Snapshots::none(&corpus.root);
        let snapshots = corpus.snapshots.as_ref().unwrap_or(&none);
        let node_path = corpus.node_path();
        let legs = self.legs.legs(&node_path)?;
        let setting = Setting {
            ledger: &corpus.ledger,
            snapshots: None,
            node_path: &node_path,
            legs: &legs,
            transport: self.legs.transport,
        };
        parallax_harness::trial::split(&legs)?;
        let lacking = Lacking::probe(&cases, &node_path, &legs)?;
        let mut runnable = Vec::new();
        for &case in &cases {
            match lacking.reason(case, &legs) {
                Some(reason) => eprintln!("{}: {reason}", case.id),
                None => runnable.push(case),
            }
        }
        eprintln!("running {}", counted(runnable.len(), "case"));
        let results = for_each_case(&runnable, jobs, |case| {
            proposal::propose(setting, snapshots, case)
        });
        let mut proposals = Vec::new();
        let mut broken = false;
        for (case, result) in runnable.iter().zip(results) {
            match result {
                Ok(proposal) => proposals.push(proposal),
                Err(problem) => {
                    broken = true;
                    writer.remains(&format!("{}: {problem}", case.id));
                }
            }
        }
        writer.open_ledger(&corpus)?;
        if self.prune {
            for proposal in &proposals {
                prune_one(snapshots, proposal, &mut asker, &mut writer)?;
            }
        } else {
            let witnesses = self.legs.witnesses(&node_path)?;
            for proposal in &mut proposals {
                // Whoever is to name a cause wants to know the one that shows.
                if let Some(trial) = &mut proposal.trial {
                    explain(setting, &witnesses, proposal.case, trial);
                }
                if !self.accept_one(&corpus, snapshots, proposal, &mut asker, &mut writer)? {
                    break;
                }
            }
            writer.raise_worst(&corpus, &proposals, &mut asker)?;
        }
        self.clean(&corpus, &proposals, unusable, &mut asker, &mut writer)?;
        let code = writer.finish()?;
        Ok(if broken { ExitCode::from(3) } else { code })
    }

    /// The case of an id, or those that a filter expression means.
    fn select<'c>(&self, corpus: &'c Corpus) -> Result<Vec<&'c Case>, Problem> {
        let exact = |text: &&String| corpus.cases.iter().any(|case| case.id.0 == **text);
        let (ids, expressions): (Vec<&String>, Vec<&String>) = self.cases.iter().partition(exact);
        let expressions: Vec<String> = expressions.into_iter().cloned().collect();
        let filters = filters("accept", &expressions)?;
        check_means_some(corpus, "accept", &filters)?;
        let chosen = |case: &&Case| {
            self.cases.is_empty()
                || ids.iter().any(|id| case.id.0 == **id)
                || filters.iter().any(|filter| filter.matches(&case.id))
        };
        let cases: Vec<&Case> = corpus.cases.iter().filter(chosen).collect();
        if cases.is_empty() {
            return Err(
                Problem::usage(format!("no case matches {}", self.cases.join(", ")))
                    .hint("`parallax list` shows the ids of all cases"),
            );
        }
        Ok(cases)
    }

    /// Writes what one case shows; false where the person asked wants no more questions.
    fn accept_one(
        &self,
        corpus: &Corpus,
        snapshots: &Snapshots,
        proposal: &Proposal<'_>,
        asker: &mut Asker,
        writer: &mut Writer,
    ) -> Result<bool, Problem> {
        let id = &proposal.case.id;
        for refused in &proposal.refused {
            writer.remains(&format!("{id}: {refused}"));
        }
        let mut accepted = true;
        for (key, divergence) in &proposal.changed {
            accepted &= writer.change_pin(corpus, id, key, divergence, asker)?;
        }
        for (targets, divergences) in &proposal.new {
            let found = found_cause(proposal);
            accepted &= writer.add_entry(id, targets, divergences, found, asker)?;
        }
        for change in &proposal.snapshots {
            if change.is_candidate && change.new.is_some() && !accepted {
                let target = change.target.as_deref().unwrap_or_default();
                writer.remains(&format!(
                    "{id}: the snapshot of {target} waits for the divergences to be accepted"
                ));
                continue;
            }
            writer.write_snapshot(snapshots, id, change, asker)?;
        }
        Ok(!asker.is_over())
    }

    /// Removes what nothing shows any more, or says that it is there.
    fn clean(
        &self,
        corpus: &Corpus,
        proposals: &[Proposal<'_>],
        unusable: Vec<Unusable>,
        asker: &mut Asker,
        writer: &mut Writer,
    ) -> Result<(), Problem> {
        let stale = prune::stale(&corpus.ledger, &corpus.cases, proposals);
        for kept in &stale.kept {
            writer.remains(kept);
        }
        // From the last one, so that the positions of the others stay.
        for key in stale.pins.iter().rev() {
            if self.prune {
                writer.remove_pin(corpus, key, asker)?;
            } else {
                let origin = &corpus.ledger.entries[key.0].origin;
                let path = &key.1;
                writer.remains(&format!(
                    "{origin}: the difference at {path} is gone; --prune removes it"
                ));
            }
        }
        for unusable in unusable {
            let Unusable {
                path,
                case,
                problem,
            } = unusable;
            let is_asked_for = match &case {
                None => self.cases.is_empty(),
                Some(id) => proposals.iter().any(|proposal| proposal.case.id == *id),
            };
            if !is_asked_for || writer.has_written(&path) {
                continue;
            }
            // One of a case that is there is written anew, without --prune.
            if self.prune && case.is_none() {
                writer.remove_file(&path, asker)?;
            } else {
                writer.remains(&problem.to_string());
            }
        }
        Ok(())
    }
}

/// Removes the snapshots of a target that does what all do.
fn prune_one(
    snapshots: &Snapshots,
    proposal: &Proposal<'_>,
    asker: &mut Asker,
    writer: &mut Writer,
) -> Result<(), Problem> {
    // Where what all targets do is another thing by now, that has to be accepted first.
    if proposal
        .snapshots
        .iter()
        .any(|change| change.target.is_none())
    {
        return Ok(());
    }
    let gone = proposal.snapshots.iter();
    for change in gone.filter(|change| change.new.is_none()) {
        writer.write_snapshot(snapshots, &proposal.case.id, change, asker)?;
    }
    Ok(())
}

/// The one cause that was found for what the ledger lacks.
fn found_cause(proposal: &Proposal<'_>) -> Option<Cause> {
    let trial = proposal.trial.as_ref()?;
    let compared = trial.report.comparisons.iter();
    let mut causes = compared
        .filter_map(|comparison| comparison.attribution.as_ref())
        .flat_map(|attribution| &attribution.causes)
        .map(|one| one.cause);
    let first = causes.next()?;
    (first != Cause::Unexplained && causes.all(|other| other == first)).then_some(first)
}
