//! What accepting one case's outcomes would write.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::case::Case;
use crate::error::Problem;
use crate::executor::Answer;
use crate::leg::Leg;
use crate::outcome::Class;
use crate::path::OutcomePath;
use crate::pinning::{differences, form};
use crate::source::snapshots::Snapshots;
use crate::trial::{Setting, Trial, ask_all, run_trial};
use crate::verdict::compare::pinned::PinnedForm;
use crate::verdict::divergence::Divergence;
use crate::verdict::ledger::{Entry, Ledger, Pin};
use crate::verdict::policy::Worst;

/// What accepting one case's outcomes would write.
pub struct Proposal<'c> {
    pub case: &'c Case,
    /// Divergences that the ledger lacks, by the pair of targets between which they are.
    pub new: BTreeMap<[String; 2], Vec<Divergence>>,
    /// Divergences whose place the ledger knows with other values.
    pub changed: Vec<(PinKey, Divergence)>,
    pub snapshots: Vec<SnapshotChange>,
    /// Pins that were met, and those that weren't.
    pub used: Vec<PinKey>,
    pub unused: Vec<PinKey>,
    /// The largest distances that policies allowed, by their names.
    pub allowed: BTreeMap<String, Worst>,
    /// Why something can't be accepted, a sentence each.
    pub refused: Vec<String>,
    /// What was run, where the ledger lacks something of it: it can be asked for causes.
    pub trial: Option<Trial>,
}

/// A pin of the ledger: the position of its entry, and its path.
pub type PinKey = (usize, OutcomePath);

/// A snapshot that is written, or removed.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotChange {
    /// The one target that it is about; nothing for all.
    pub target: Option<String>,
    pub old: Option<Json>,
    pub new: Option<Json>,
    /// It shows divergences that have to be accepted first.
    pub is_candidate: bool,
}

/// Runs a case and says what its outcomes would have written.
///
/// # Errors
/// Parallax itself failed.
pub fn propose<'c>(
    setting: Setting<'_>,
    snapshots: &Snapshots,
    case: &'c Case,
) -> Result<Proposal<'c>, Problem> {
    let setting = Setting {
        snapshots: None,
        ..setting
    };
    let mut proposal = Proposal {
        case,
        new: BTreeMap::new(),
        changed: Vec::new(),
        snapshots: Vec::new(),
        used: Vec::new(),
        unused: Vec::new(),
        allowed: BTreeMap::new(),
        refused: Vec::new(),
        trial: None,
    };
    let trial = run_trial(setting, case)?;
    let Trial { report, answers } = &trial;
    let Some(class) = answers.first().map(|answer| answer.outcome.class()) else {
        return Ok(proposal);
    };
    if class == Class::Unsupported {
        return Ok(proposal);
    }
    if class != case.expect {
        proposal.refused.push(report.explanation.clone());
        return Ok(proposal);
    }
    for (leg, comparison) in setting.legs.iter().skip(1).zip(&report.comparisons) {
        proposal.hold_against_ledger(setting, leg, &comparison.divergences);
        for (name, worst) in &comparison.allowed {
            let known = proposal.allowed.entry(name.clone()).or_default();
            known.merge(worst);
        }
    }
    let forms = forms(case, setting.legs, answers);
    proposal.hold_against_snapshots(setting.legs, snapshots, &forms, answers);
    // What is gone in one run may be there in the next.
    if proposal.is_changed() || !proposal.unused.is_empty() {
        let again = self::forms(case, setting.legs, &ask_all(setting, case)?);
        for ((leg, form), other) in setting.legs.iter().zip(&forms).zip(&again) {
            let differences = other.differences(&form.document());
            if let Some(first) = differences.first() {
                proposal.refused.push(format!(
                    "{} differs from itself, so that nothing can be pinned: {first}",
                    leg.name
                ));
                proposal.withdraw();
                break;
            }
        }
    }
    if !proposal.new.is_empty() {
        proposal.trial = Some(trial);
    }
    Ok(proposal)
}

fn forms(case: &Case, legs: &[Leg], answers: &[Answer]) -> Vec<PinnedForm> {
    let answers = legs.iter().zip(answers);
    answers
        .map(|(leg, answer)| form(case, &leg.target, &answer.outcome))
        .collect()
}

impl Proposal<'_> {
    /// Whether anything would be written.
    pub fn is_changed(&self) -> bool {
        !(self.new.is_empty() && self.changed.is_empty() && self.snapshots.is_empty())
    }

    fn withdraw(&mut self) {
        self.unused.clear();
        self.new.clear();
        self.changed.clear();
        self.snapshots.clear();
    }

    /// Sorts the divergences of one candidate by what the ledger has for them.
    fn hold_against_ledger(&mut self, setting: Setting<'_>, leg: &Leg, divergences: &[Divergence]) {
        let Some(reference) = setting.legs.first() else {
            return;
        };
        let expected = setting
            .ledger
            .expected(&self.case.id, reference.side(), leg.side());
        let key = |entry: &Entry, pin: &Pin| {
            let index = position(setting.ledger, entry);
            (index, pin.path.clone())
        };
        let mut met = vec![false; expected.len()];
        for divergence in divergences {
            let admitting = expected.iter().position(|(_, pin)| pin.admits(divergence));
            if let Some(index) = admitting {
                met[index] = true;
                let (entry, pin) = expected[index];
                self.used.push(key(entry, pin));
                continue;
            }
            if !divergence.excusable || reference.target == leg.target {
                let why = if divergence.excusable {
                    format!(
                        "{} and {} run on one target and have no differences to expect",
                        reference.name, leg.name
                    )
                } else {
                    "no ledger can excuse that".to_owned()
                };
                self.refused.push(format!("{divergence}; {why}"));
                continue;
            }
            let near = expected
                .iter()
                .position(|(_, pin)| pin.path == divergence.path);
            match near {
                Some(index) => {
                    met[index] = true;
                    let (entry, pin) = expected[index];
                    self.change(key(entry, pin), divergence, leg);
                }
                None => self.add([&reference.target, &leg.target], divergence, leg),
            }
        }
        for ((entry, pin), met) in expected.into_iter().zip(met) {
            if !met {
                self.unused.push(key(entry, pin));
            }
        }
    }

    fn change(&mut self, key: PinKey, divergence: &Divergence, leg: &Leg) {
        match self.changed.iter().find(|(known, _)| *known == key) {
            None => self.changed.push((key, divergence.clone())),
            Some((_, known)) if is_same(known, divergence) => {}
            Some((_, known)) => self.refused.push(two_values(known, divergence, leg)),
        }
    }

    fn add(&mut self, targets: [&String; 2], divergence: &Divergence, leg: &Leg) {
        let known = self.new.entry(targets.map(String::clone)).or_default();
        match known.iter().find(|known| known.path == divergence.path) {
            None => known.push(divergence.clone()),
            Some(known) if is_same(known, divergence) => {}
            Some(known) => {
                let refused = two_values(known, divergence, leg);
                self.refused.push(refused);
            }
        }
    }

    /// Finds the snapshots that aren't what the legs show.
    fn hold_against_snapshots(
        &mut self,
        legs: &[Leg],
        snapshots: &Snapshots,
        forms: &[PinnedForm],
        answers: &[Answer],
    ) {
        let id = &self.case.id;
        let pinned = |target: Option<&str>| snapshots.get(id, target).cloned();
        let mut base = pinned(None);
        let mut written: BTreeMap<String, &str> = BTreeMap::new();
        for (index, ((leg, form), answer)) in legs.iter().zip(forms).zip(answers).enumerate() {
            if answer.outcome.class() == Class::Unsupported {
                continue;
            }
            let target = leg.target.as_str();
            if let Some(other) = written.get(target) {
                // An earlier leg of the target has said what there is to pin.
                let settled = self.settled(&base, target, pinned(Some(target)));
                let of_all_targets = settled == base;
                let differences = settled.map(|document| {
                    differences(
                        self.case,
                        target,
                        &answer.outcome,
                        &document,
                        of_all_targets,
                    )
                });
                if let Some(first) = differences.iter().flatten().next() {
                    self.refused.push(format!(
                        "{} is not what {other} is, and both run on {target}: {first}",
                        leg.name
                    ));
                }
                continue;
            }
            written.insert(target.to_owned(), &leg.name);
            let own = pinned(Some(target));
            let meets = |document: &Option<Json>, of_all_targets: bool| {
                let differences =
                    |it| differences(self.case, target, &answer.outcome, it, of_all_targets);
                document.as_ref().map(|it| differences(it).is_empty())
            };
            let is_candidate = index > 0;
            let mut write = |target: Option<&str>, old: Option<Json>, new: Option<Json>| {
                self.snapshots.push(SnapshotChange {
                    target: target.map(str::to_owned),
                    old,
                    new,
                    is_candidate,
                });
            };
            match (meets(&own, false), meets(&base, true)) {
                // One of its own is only for a target that differs.
                (Some(_), Some(true)) if is_candidate => write(Some(target), own, None),
                (Some(true), _) | (None, Some(true)) => {}
                (Some(false), _) => write(Some(target), own, Some(form.document())),
                (None, Some(false)) if is_candidate => {
                    write(Some(target), None, Some(form.document()));
                }
                (None, _) => {
                    write(None, base, Some(form.document()));
                    base = Some(form.document());
                }
            }
        }
    }

    /// What will be pinned for a target.
    fn settled(&self, base: &Option<Json>, target: &str, own: Option<Json>) -> Option<Json> {
        let change = self
            .snapshots
            .iter()
            .find(|change| change.target.as_deref() == Some(target));
        match change {
            Some(change) => change.new.clone().or_else(|| base.clone()),
            None => own.or_else(|| base.clone()),
        }
    }
}

fn position(ledger: &Ledger, entry: &Entry) -> usize {
    let entries = ledger.entries.iter();
    let mut entries = entries.enumerate();
    let found = entries.find(|(_, known)| std::ptr::eq(*known, entry));
    found.map_or(usize::MAX, |(index, _)| index)
}

fn is_same(one: &Divergence, other: &Divergence) -> bool {
    one.reference == other.reference && one.candidate == other.candidate
}

fn two_values(known: &Divergence, other: &Divergence, leg: &Leg) -> String {
    format!(
        "{}: {} shows {}, and another leg {}",
        known.path, leg.name, other.candidate, known.candidate
    )
}

/// The pin of a divergence. The reference's floats are left out, as they depend on the machine.
pub fn pin(divergence: &Divergence) -> Pin {
    let worst = divergence
        .elements
        .as_ref()
        .and_then(|elements| elements.worst.as_ref());
    let is_float =
        divergence.distance.is_some() || worst.is_some_and(|worst| worst.distance.is_some());
    Pin {
        path: divergence.path.clone(),
        reference: (!is_float).then(|| divergence.reference.clone()),
        candidate: divergence.candidate.clone(),
    }
}
