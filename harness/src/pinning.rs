//! Whether what legs did is what their snapshots pin: so a change that hits all legs alike is seen.

use serde_json::Value as Json;

use crate::case::Case;
use crate::executor::Answer;
use crate::leg::Leg;
use crate::leg::table::native_target;
use crate::outcome::{Class, Outcome};
use crate::record::CaseReport;
use crate::record::case_report::Unpinned;
use crate::source::snapshots::{FOLDER, Snapshots, name};
use crate::verdict::compare::pinned::PinnedForm;
use crate::verdict::divergence::Divergence;
use crate::verdict::errors::{Whose, named};
use crate::verdict::status::Status;

/// What holding one leg's outcome against the snapshots says.
#[derive(Debug, PartialEq)]
pub enum Held {
    AsPinned,
    /// In the snapshot of the leg's target, or else in the one of all targets.
    Differs(Option<String>, Vec<Divergence>),
    /// Nothing is pinned for the case.
    Missing,
}

/// What would be pinned of a leg's outcome: its own C library's words for errors are names.
pub fn form(case: &Case, target: &str, outcome: &Outcome) -> PinnedForm {
    let named = named(outcome, Whose::of(target), case.exact.errors);
    PinnedForm::of(&named, case)
}

/// In what a leg's outcome is not as a document pins it: the leg's target's own, or the one of all targets.
///
/// The one of all targets holds what the native target did. A constant text that one library happens to have is named there and not on a target with another library, or the other way round; so on such a target, and on no other, the outcome with the other words named meets it, too.
pub fn differences(
    case: &Case,
    target: &str,
    outcome: &Outcome,
    pinned: &Json,
    of_all_targets: bool,
) -> Vec<Divergence> {
    let own = form(case, target, outcome).differences(pinned);
    let meets = |whose| {
        let named = named(outcome, whose, case.exact.errors);
        PinnedForm::of(&named, case).differences(pinned).is_empty()
    };
    let is_anothers = of_all_targets && Whose::of(target) != Whose::of(&native_target());
    if is_anothers && !own.is_empty() && (meets(Whose::All) || meets(Whose::Own(None))) {
        return Vec::new();
    }
    own
}

/// Holds one leg's outcome against what is pinned for its target, or for every target.
pub fn hold(snapshots: &Snapshots, case: &Case, target: &str, outcome: &Outcome) -> Held {
    let own = snapshots.get(&case.id, Some(target));
    let pinned = own.or_else(|| snapshots.get(&case.id, None));
    let of_all_targets = own.is_none();
    let differences = |pinned| differences(case, target, outcome, pinned, of_all_targets);
    match pinned.map(differences) {
        None => Held::Missing,
        Some(divergences) if divergences.is_empty() => Held::AsPinned,
        Some(divergences) => {
            Held::Differs((!of_all_targets).then(|| target.to_owned()), divergences)
        }
    }
}

/// Holds all legs' outcomes against the snapshots. The report says what differs, and turns red; or which snapshot is missing.
///
/// A candidate on another target than the reference may do what the ledger and the policies admit, without a snapshot of its own.
pub fn check(
    snapshots: &Snapshots,
    case: &Case,
    legs: &[Leg],
    answers: &[Answer],
    report: &mut CaseReport,
) {
    let Some(reference) = legs.first() else {
        return;
    };
    let judged_well = matches!(report.status, Status::Pass | Status::Expected);
    for (index, (leg, answer)) in legs.iter().zip(answers).enumerate() {
        // What a leg can't do isn't pinned.
        if answer.outcome.class() == Class::Unsupported {
            continue;
        }
        match hold(snapshots, case, &leg.target, &answer.outcome) {
            Held::AsPinned => {}
            Held::Differs(None, _)
                if index > 0 && leg.target != reference.target && judged_well =>
            {
                // Where the reference isn't as pinned either, that is what there is to say.
                if report.unpinned.is_empty() {
                    note_missing(case, Some(&leg.target), report);
                }
            }
            Held::Differs(target, divergences) => report.unpinned.push(Unpinned {
                leg: leg.name.clone(),
                snapshot: format!("{FOLDER}/{}", name(&case.id, target.as_deref())),
                divergences,
            }),
            Held::Missing if judged_well => note_missing(case, None, report),
            Held::Missing => {}
        }
    }
    if let Some(unpinned) = report.unpinned.first()
        && report.status < Status::Fail
    {
        let pinned = explain(unpinned);
        let accept = format!("`parallax accept {}", case.id);
        let mut hint = format!("if that is right, {accept}` pins it");
        report.explanation = match report.status {
            // Both are to be mended.
            Status::Stale => {
                hint += &format!(", and then {accept} --prune` removes the ledger's entry");
                format!("{pinned}; {}", report.explanation)
            }
            _ => pinned,
        };
        report.status = Status::Fail;
        report.hint = Some(hint);
    }
}

fn note_missing(case: &Case, target: Option<&str>, report: &mut CaseReport) {
    let sentence = format!(
        "{FOLDER}/{} is missing; `parallax accept {}` writes it",
        name(&case.id, target),
        case.id
    );
    if !report.unwritten.contains(&sentence) {
        report.unwritten.push(sentence);
    }
}

fn explain(unpinned: &Unpinned) -> String {
    let Unpinned {
        leg,
        snapshot,
        divergences,
    } = unpinned;
    let first = divergences.first().map(|first| {
        let Divergence {
            path,
            reference,
            candidate,
            ..
        } = first;
        format!("{path}: {reference} is pinned, and now it is {candidate}")
    });
    let more = match divergences.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    format!(
        "{leg} is not as pinned in {snapshot}: {}{more}",
        first.unwrap_or_default()
    )
}
