//! What must hold for every mutation of every outcome. Whoever breaks one of these is named.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher as _};

use parallax_runtime::value::Value;

use super::mutation::{Change, mutate};
use super::untold::UNTOLD;
use crate::case::{Case, CaseId, Exact, Ignored, Limits};
use crate::generate::random::Random;
use crate::outcome::{Ending, Outcome};
use crate::path::{OutcomePath, Step};
use crate::verdict::cause::Cause;
use crate::verdict::ledger::{Entry, Pattern, Pin};
use crate::verdict::policy::{Bound, Place, Policies, Policy, Property, Rule};
use crate::verdict::status::{Status, judge};
use crate::verdict::{Divergence, Verdict, compare};

/// What was tried and what was caught, by group and kind.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub groups: BTreeMap<(&'static str, &'static str), Count>,
    /// What got through, a sentence each; no more than a few are kept.
    pub escaped: Vec<String>,
}

/// How often something was tried, and how often it was caught.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub tried: u64,
    pub caught: u64,
}

/// Upper bound on the escapes that are described; all are counted.
const DESCRIBED: usize = 20;

impl Tally {
    pub fn note(&mut self, group: &'static str, kind: &'static str, escape: Option<String>) {
        let count = self.groups.entry((group, kind)).or_default();
        count.tried += 1;
        match escape {
            None => count.caught += 1,
            Some(text) if self.escaped.len() < DESCRIBED => {
                self.escaped.push(format!("{group}: {kind}: {text}"));
            }
            Some(_) => {}
        }
    }

    pub fn merge(&mut self, other: Tally) {
        for (key, count) in other.groups {
            let own = self.groups.entry(key).or_default();
            own.tried += count.tried;
            own.caught += count.caught;
        }
        let room = DESCRIBED.saturating_sub(self.escaped.len());
        self.escaped.extend(other.escaped.into_iter().take(room));
    }

    pub fn total(&self) -> Count {
        let mut total = Count::default();
        for count in self.groups.values() {
            total.tried += count.tried;
            total.caught += count.caught;
        }
        total
    }

    pub fn is_complete(&self) -> bool {
        let Count { tried, caught } = self.total();
        tried == caught && self.escaped.is_empty()
    }
}

/// An outcome that is mutated, with everything that mutations of it have been pinned as.
pub struct Base<'a> {
    pub outcome: &'a Outcome,
    /// Pins of a whole verdict, and the outcome that had them.
    pinned: BTreeMap<u64, u64>,
    /// Places in the outputs that a policy could hold for, with a property that would.
    places: Vec<(OutcomePath, Option<Property>)>,
}

/// Upper bound on the places that are looked for in one outcome.
const PLACES: usize = 60;

impl<'a> Base<'a> {
    pub fn new(outcome: &'a Outcome) -> Self {
        let mut places = Vec::new();
        if let Ending::Returned { outputs, .. } | Ending::Raised { outputs, .. } = &outcome.ending {
            let root = OutcomePath::root("outputs");
            for (index, value) in outputs.iter().enumerate() {
                gather(value, &root.index(index), &mut places);
            }
        }
        Base {
            outcome,
            pinned: BTreeMap::new(),
            places,
        }
    }

    /// Mutates the outcome once, and holds the comparison to everything that it promises; `false` where chance has chosen nothing to mutate.
    pub fn try_one(&mut self, random: &mut Random, tally: &mut Tally) -> bool {
        let mut mutated = self.outcome.clone();
        let Some(change) = mutate(random, &mut mutated) else {
            return false;
        };
        let escape = self.check(random, &mutated, &change).err();
        tally.note(change.group.name(), change.kind, escape);
        true
    }

    fn check(
        &mut self,
        random: &mut Random,
        mutated: &Outcome,
        change: &Change,
    ) -> Result<(), String> {
        let exact = Policy::exact().into();
        let found = self.is_seen(mutated, change, &exact)?;
        self.no_two_pins_are_the_same(mutated, &found)?;
        self.a_ledger_excuses_only_what_it_pins(random, mutated, change, &found)?;
        self.a_policy_allows_only_what_it_says(mutated, change)?;
        self.a_policy_holds_only_where_it_says(random, mutated, change)
    }

    /// Never equal, and the divergences name the place.
    fn is_seen(
        &self,
        mutated: &Outcome,
        change: &Change,
        policies: &Policies,
    ) -> Result<Vec<Divergence>, String> {
        let verdict = compare(self.outcome, mutated, policies, Ignored::default());
        let Verdict::Diverged(found) = verdict else {
            return Err(format!("{} is {verdict:?} under {policies:?}", change.leaf));
        };
        let covered = found
            .iter()
            .any(|one| one.path.covers(&change.leaf) || change.leaf.covers(&one.path));
        let outside = found.iter().find(|one| !change.within.covers(&one.path));
        match (covered, outside) {
            (true, None) => Ok(found),
            (false, _) => Err(format!(
                "a change of {} is reported as {}",
                change.leaf, found[0]
            )),
            (true, Some(other)) => Err(format!("a change of {} makes {other}", change.leaf)),
        }
    }

    /// What is pinned of a candidate says all of it: another outcome has other pins.
    fn no_two_pins_are_the_same(
        &mut self,
        mutated: &Outcome,
        found: &[Divergence],
    ) -> Result<(), String> {
        let mut pins = DefaultHasher::new();
        for one in found {
            pins.write(format!("{}\n{}\n", one.path, one.candidate).as_bytes());
        }
        let identity = identity(mutated);
        let known = *self.pinned.entry(pins.finish()).or_insert(identity);
        if known == identity {
            return Ok(());
        }
        Err(format!("two values have the pin {}", found[0]))
    }

    /// A second mutation, with a ledger that expects the first and nothing else.
    fn a_ledger_excuses_only_what_it_pins(
        &self,
        random: &mut Random,
        mutated: &Outcome,
        change: &Change,
        found: &[Divergence],
    ) -> Result<(), String> {
        let case = case(self.outcome);
        let entry = entry(found);
        let expected: Vec<(&Entry, &Pin)> = entry.pins.iter().map(|pin| (&entry, pin)).collect();
        let judged = |verdict: &Verdict| judge(&case, self.outcome, verdict, &expected).status;
        let exact = Policy::exact().into();
        let first = judged(&Verdict::Diverged(found.to_vec()));
        let excusable = found.iter().all(|one| one.excusable);
        let right = match &self.outcome.ending {
            // What the reference can't do is compared with nothing.
            Ending::Unsupported(_) => Status::Skip,
            _ if excusable => Status::Expected,
            _ => Status::Fail,
        };
        if first != right {
            return Err(format!("the ledger that pins it makes it {first:?}"));
        }
        let mut again = mutated.clone();
        let Some(second) = mutate(random, &mut again) else {
            return Ok(());
        };
        if identity(&again) == identity(mutated) {
            return Ok(());
        }
        let verdict = compare(self.outcome, &again, &exact, Ignored::default());
        match judged(&verdict) {
            status @ (Status::Pass | Status::Expected) => Err(format!(
                "a ledger that pins {} makes {} at {} {status:?}",
                change.leaf, second.kind, second.leaf
            )),
            _ => Ok(()),
        }
    }

    /// The widest bounds allow a float to be another one, as far as there is a distance, and nothing else; and never pass it off as equal.
    fn a_policy_allows_only_what_it_says(
        &self,
        mutated: &Outcome,
        change: &Change,
    ) -> Result<(), String> {
        let norm = Rule::Norm(Bound {
            most: f64::MAX,
            worst: 0.0,
        });
        for (rule, within) in [
            (
                Policy::ulp("far", u64::MAX).rule,
                change.float.is_some_and(|[a, b]| {
                    a.is_finite() && b.is_finite() && a.is_sign_negative() == b.is_sign_negative()
                }),
            ),
            (norm, change.float.is_some_and(|[a, b]| (a - b).is_finite())),
        ] {
            let policy = Policy {
                rule,
                ..Policy::exact()
            };
            // So large that only infinity is beyond the bound.
            let place = Place {
                scale: Some(1e300),
                ..Place::everywhere(policy, Some(1 << 50))
            };
            let policies = Policies::new(place, Vec::new());
            let verdict = compare(self.outcome, mutated, &policies, Ignored::default());
            let right = match (&verdict, within) {
                (Verdict::WithinPolicy(_), within) => within || change.moved,
                (Verdict::Diverged(_), within) => !within,
                (Verdict::Equal, _) => false,
            };
            if !right {
                return Err(format!(
                    "{:?} at {} is {verdict:?} under {rule:?}",
                    change.float, change.leaf
                ));
            }
        }
        Ok(())
    }

    /// With policies for another place, which allow whatever a policy can, the change is as red as before.
    fn a_policy_holds_only_where_it_says(
        &self,
        random: &mut Random,
        mutated: &Outcome,
        change: &Change,
    ) -> Result<(), String> {
        let Some(policies) = self.elsewhere(random, change) else {
            return Ok(());
        };
        self.is_seen(mutated, change, &policies).map(|_| ())
    }

    /// The widest policies for places that have nothing to do with a change.
    fn elsewhere(&self, random: &mut Random, change: &Change) -> Option<Policies> {
        let apart = |path: &OutcomePath| !path.covers(&change.leaf) && !change.leaf.covers(path);
        let others: Vec<_> = self.places.iter().filter(|(path, _)| apart(path)).collect();
        if others.is_empty() {
            return None;
        }
        let (path, property) = others[random.below(others.len() as u64) as usize];
        let norm = Rule::Norm(Bound {
            most: f64::MAX,
            worst: 0.0,
        });
        let policy = Policy {
            rule: match random.below(2) {
                0 => norm,
                _ => Policy::ulp("far", u64::MAX).rule,
            },
            property: property.filter(|_| random.below(2) == 0),
            narrow_integers: true,
            ..Policy::ulp("wide", 0)
        };
        let place = Place {
            path: path.clone(),
            ..Place::everywhere(policy, Some(1))
        };
        let policies = Policies::new(Place::everywhere(Policy::exact(), None), vec![place]);
        // A policy that nothing meets would make everything red, and prove nothing.
        let met = compare(self.outcome, self.outcome, &policies, Ignored::default());
        (met == Verdict::Equal).then_some(policies)
    }

    /// What isn't compared is not reported.
    pub fn try_untold(&self, random: &mut Random, tally: &mut Tally) {
        for untold in &UNTOLD {
            let mut other = self.outcome.clone();
            if !(untold.change)(random, &mut other) {
                continue;
            }
            let exact = Policy::exact().into();
            let verdict = compare(self.outcome, &other, &exact, Ignored::default());
            let escape = (verdict != Verdict::Equal).then(|| format!("{verdict:?}"));
            tally.note("not compared", untold.what, escape);
        }
    }
}

/// All that an outcome is, bit for bit, but for the addresses of objects.
fn identity(outcome: &Outcome) -> u64 {
    let text = format!("{outcome:?}");
    let mut parts = text.split("object at 0x");
    let mut hash = DefaultHasher::new();
    hash.write(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        hash.write(b"object at");
        hash.write(
            part.trim_start_matches(|c: char| c.is_ascii_hexdigit())
                .as_bytes(),
        );
    }
    hash.finish()
}

fn gather(value: &Value, path: &OutcomePath, places: &mut Vec<(OutcomePath, Option<Property>)>) {
    if places.len() >= PLACES {
        return;
    }
    match value {
        Value::List(items) => {
            places.push((path.clone(), Some(Property::AnyOrder)));
            for (index, item) in items.iter().enumerate() {
                gather(item, &path.index(index), places);
            }
        }
        Value::Map(entries) => {
            for (key, entry) in entries {
                gather(entry, &path.key(key), places);
            }
        }
        Value::Array(array) => {
            places.push((path.clone(), Some(Property::AnyOrder)));
            places.push((path.clone(), Some(Property::SignOfRows)));
            for part in super::mutation::parts(array.dtype()) {
                for index in 0..array.len().min(4) {
                    let leaf = super::mutation::leaf_of(path, array.shape(), index, &part);
                    places.push((leaf, None));
                }
                // The part of every element.
                let any = path.step(Step::AnyIndex);
                let any = part
                    .steps
                    .iter()
                    .fold(any, |path, step| path.step(step.clone()));
                if array.shape().len() == 1 {
                    places.push((any, None));
                }
            }
        }
        _ => places.push((path.clone(), None)),
    }
}

/// A case that expects what its outcome is.
fn case(outcome: &Outcome) -> Case {
    Case {
        id: CaseId("selftest".to_owned()),
        description: String::new(),
        manifest: Vec::new(),
        inputs: Vec::new(),
        expect: outcome.class(),
        policies: Policy::exact().into(),
        ignored: Ignored::default(),
        exact: Exact::default(),
        requires: Vec::new(),
        limits: Limits::default(),
    }
}

/// An entry that expects exactly these divergences.
fn entry(found: &[Divergence]) -> Entry {
    let everything = || Pattern::new("*").unwrap_or_else(|reason| unreachable!("{reason}"));
    let pins = found.iter().map(|one| Pin {
        path: one.path.clone(),
        reference: None,
        candidate: one.candidate.clone(),
    });
    Entry {
        origin: "selftest".to_owned(),
        cases: everything(),
        targets: [everything(), everything()],
        versions: BTreeMap::new(),
        cause: Cause::Fault,
        reason: "it was planted".to_owned(),
        link: None,
        pins: pins.collect(),
    }
}

/// Mutates generated outcomes until there are enough.
pub fn generated(seed: u64, mutations: u64) -> Tally {
    let mut random = Random(seed);
    let mut tally = Tally::default();
    let mut done = 0;
    while done < mutations {
        let outcome = super::outcomes::outcome(&mut random);
        let mut base = Base::new(&outcome);
        base.try_untold(&mut random, &mut tally);
        for _ in 0..25 {
            done += u64::from(base.try_one(&mut random, &mut tally));
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selftest::mutation::Group;

    #[test]
    fn no_mutation_of_a_generated_outcome_gets_through() {
        let tally = generated(1, 20_000);
        assert!(tally.is_complete(), "{:#?}", tally.escaped);
        // Each part of an outcome, and all that is not compared, had its turn.
        for group in Group::ALL {
            let tried = tally.groups.keys().any(|(name, _)| *name == group.name());
            assert!(tried, "nothing of {} was mutated", group.name());
        }
        let untold = tally
            .groups
            .keys()
            .filter(|(name, _)| *name == "not compared");
        assert_eq!(untold.count(), UNTOLD.len());
    }
}
