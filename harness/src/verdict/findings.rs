//! Divergences as they are found, and what the policies allowed.

use std::collections::BTreeMap;

use super::divergence::{Divergence, Verdict};
use super::policy::{Distance, Policies, Policy, Worst};
use super::shown;
use crate::path::OutcomePath;

/// Upper bound on the divergences that are kept apart; beyond it the outcome is red whatever the ledger says.
const KEPT: usize = 10_000;

/// Upper bound on the bytes of text in them, with the same consequence: a path may hold a key of any length.
const KEPT_BYTES: usize = 16 << 20;

/// Divergences as they are found, and what the policies allowed.
pub(super) struct Findings<'a> {
    policies: &'a Policies,
    divergences: Vec<Divergence>,
    bytes: usize,
    /// Divergences that are only counted.
    beyond: u64,
    beyond_silent: bool,
    allowed: BTreeMap<&'a str, Worst>,
    /// The candidate has warned of something that the reference hasn't: perhaps of just that.
    warned: bool,
}

impl<'a> Findings<'a> {
    pub fn new(policies: &'a Policies) -> Self {
        Findings {
            policies,
            divergences: Vec::new(),
            bytes: 0,
            beyond: 0,
            beyond_silent: false,
            allowed: BTreeMap::new(),
            warned: false,
        }
    }

    pub fn policies(&self) -> &'a Policies {
        self.policies
    }

    /// A leaf with two different values.
    pub fn differ(&mut self, path: OutcomePath, reference: String, candidate: String) {
        self.push(Divergence::new(path, reference, candidate));
    }

    /// A difference that no ledger can excuse, as it says that something was not compared.
    pub fn uncompared(&mut self, path: OutcomePath, reference: &str, candidate: &str) {
        self.push(Divergence {
            excusable: false,
            ..Divergence::new(path, reference.to_owned(), candidate.to_owned())
        });
    }

    pub fn push(&mut self, divergence: Divergence) {
        self.push_made(divergence.silent, || divergence);
    }

    /// The same, made only if it is kept: where millions of items differ, describing each would take forever.
    pub fn push_made(&mut self, silent: bool, make: impl FnOnce() -> Divergence) {
        if self.divergences.len() >= KEPT || self.bytes >= KEPT_BYTES {
            self.beyond += 1;
            self.beyond_silent |= silent;
            return;
        }
        let divergence = make();
        self.bytes +=
            divergence.path.text_length() + divergence.reference.len() + divergence.candidate.len();
        self.divergences.push(divergence);
    }

    pub fn check<T: PartialEq>(
        &mut self,
        path: OutcomePath,
        reference: &T,
        candidate: &T,
        show: impl Fn(&T) -> String,
    ) {
        if reference != candidate {
            self.differ(path, show(reference), show(candidate));
        }
    }

    pub fn check_text(&mut self, path: OutcomePath, reference: &str, candidate: &str) {
        if reference != candidate {
            let (reference, candidate) = shown::texts(reference, candidate);
            self.differ(path, reference, candidate);
        }
    }

    /// The candidate warns of something of its own.
    pub fn candidate_warned(&mut self) {
        self.warned = true;
    }

    /// A policy has allowed a difference, of this distance where it has one.
    pub fn allow(&mut self, policy: &'a Policy, distance: Option<Distance>) {
        let worst = self.allowed.entry(&policy.name).or_default();
        if let Some(distance) = distance {
            worst.see(distance);
        }
    }

    /// A policy has allowed differences of up to these distances.
    pub fn allow_up_to(&mut self, policy: &'a Policy, seen: &Worst) {
        self.allowed.entry(&policy.name).or_default().merge(seen);
    }

    /// Silent divergences come first: they are the ones that nothing else would show.
    pub fn verdict(mut self) -> Verdict {
        if self.warned {
            for divergence in &mut self.divergences {
                divergence.silent = false;
            }
        }
        if self.beyond > 0 {
            let count = format!("{} further differences", self.beyond);
            self.divergences.push(Divergence {
                silent: self.beyond_silent && !self.warned,
                excusable: false,
                ..Divergence::new(
                    OutcomePath::root("outcome").aspect("more"),
                    count.clone(),
                    count,
                )
            });
        }
        self.divergences
            .sort_by_key(|divergence| !divergence.silent);
        let allowed = self.allowed.into_iter();
        let allowed: BTreeMap<String, Worst> = allowed
            .map(|(name, worst)| (name.to_owned(), worst))
            .collect();
        match (self.divergences.is_empty(), allowed.is_empty()) {
            (true, true) => Verdict::Equal,
            (true, false) => Verdict::WithinPolicy(allowed),
            (false, _) => Verdict::Diverged(self.divergences),
        }
    }
}
