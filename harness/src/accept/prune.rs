//! Which pins of the ledger nothing shows any more.

use std::collections::{BTreeMap, BTreeSet};

use super::proposal::{PinKey, Proposal};
use crate::case::{Case, CaseId};
use crate::verdict::ledger::Ledger;

/// Pins that were not met.
#[derive(Debug, Default, PartialEq)]
pub struct Stale {
    /// In none of their cases: they can go.
    pub pins: Vec<PinKey>,
    /// In some, or not all of their cases have run: why they stay, a sentence each.
    pub kept: Vec<String>,
}

/// Sorts the pins that were not met.
pub fn stale(ledger: &Ledger, cases: &[Case], proposals: &[Proposal<'_>]) -> Stale {
    let mut met: BTreeMap<&PinKey, BTreeSet<&CaseId>> = BTreeMap::new();
    let mut unmet: BTreeMap<&PinKey, BTreeSet<&CaseId>> = BTreeMap::new();
    for proposal in proposals {
        let changed = proposal.changed.iter().map(|(key, _)| key);
        for key in proposal.used.iter().chain(changed) {
            met.entry(key).or_default().insert(&proposal.case.id);
        }
        for key in &proposal.unused {
            unmet.entry(key).or_default().insert(&proposal.case.id);
        }
    }
    let mut stale = Stale::default();
    for (key, without) in unmet {
        let (index, path) = key;
        let Some(entry) = ledger.entries.get(*index) else {
            continue;
        };
        let names = |ids: &BTreeSet<&CaseId>| {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            ids.join(", ")
        };
        let mut unseen = cases
            .iter()
            .filter(|case| entry.cases.matches(&case.id.0) && !without.contains(&case.id));
        match met.get(key) {
            Some(with) => stale.kept.push(format!(
                "{}: {path} is shown by {} and not by {}; name the cases that show it",
                entry.origin,
                names(with),
                names(&without)
            )),
            None => match unseen.next() {
                Some(case) => stale.kept.push(format!(
                    "{}: {path} is not shown by {}, and {} was not run",
                    entry.origin,
                    names(&without),
                    case.id
                )),
                None => stale.pins.push(key.clone()),
            },
        }
    }
    stale
}
