//! Mutations of what the legs have done with real cases, under the policies and the ledger that these have.

use super::mutation::{Change, Group, mutate};
use super::oracle::{Base, Tally};
use crate::case::Case;
use crate::generate::random::Random;
use crate::outcome::Outcome;
use crate::verdict::compare;
use crate::verdict::ledger::{Entry, Pin};
use crate::verdict::status::{Status, judge};

/// How often an outcome is mutated: a large one less often, as each time costs as much as it is large.
fn times(outcome: &Outcome) -> u64 {
    match outcome.to_json().to_string().len() {
        0..20_000 => 15,
        20_000..200_000 => 4,
        _ => 1,
    }
}

/// Mutates what the reference has done with a case, and holds the comparison to what it promises.
pub fn mutate_alone(seed: u64, outcome: &Outcome) -> Tally {
    let mut random = Random(seed);
    let mut tally = Tally::default();
    let mut base = Base::new(outcome);
    base.try_untold(&mut random, &mut tally);
    for _ in 0..times(outcome) {
        base.try_one(&mut random, &mut tally);
    }
    tally
}

/// Mutates what a candidate has done with a case: with its own policies, and what the ledger expects of it, it must be red every time.
pub fn mutate_answer(
    seed: u64,
    case: &Case,
    expected: &[(&Entry, &Pin)],
    [reference, candidate]: [&Outcome; 2],
) -> Tally {
    let mut random = Random(seed);
    let mut tally = Tally::default();
    let judged = |candidate: &Outcome| {
        let verdict = compare(reference, candidate, &case.policies, case.ignored);
        judge(case, reference, &verdict, expected)
    };
    let green = |status: Status| matches!(status, Status::Pass | Status::Expected);
    let true_one = judged(candidate);
    if !green(true_one.status) {
        let escape = format!("{} is red: {}", case.id, true_one.explanation);
        tally.note("real answers", "the truth", Some(escape));
        return tally;
    }
    tally.note("real answers", "the truth", None);
    for _ in 0..times(candidate) {
        let mut mutated = candidate.clone();
        let Some(change) = mutate(&mut random, &mut mutated) else {
            continue;
        };
        if may_be_allowed(case, &change) {
            continue;
        }
        let status = judged(&mutated).status;
        let escape = green(status).then(|| {
            let Change { kind, leaf, .. } = &change;
            format!("{}: {kind} at {leaf} is {status:?}", case.id)
        });
        tally.note("real answers", change.group.name(), escape);
    }
    tally
}

/// Whether the case itself could allow a change: it ignores that part, or has a policy there that isn't exact.
fn may_be_allowed(case: &Case, change: &Change) -> bool {
    let policy = &case.policies.at(&change.leaf).policy;
    let tolerant = !policy.is_exact();
    match change.group {
        Group::Printed => case.ignored.printed,
        Group::Files => case.ignored.files,
        // What has changed places may have come to a place with a policy of its own.
        Group::Values | Group::Arrays if change.moved => {
            tolerant || !case.policies.places().is_empty()
        }
        Group::Values | Group::Arrays => {
            tolerant && (change.float.is_some() || policy.narrow_integers)
        }
        _ => false,
    }
}
