//! What comparing two outcomes says.

use std::collections::BTreeMap;
use std::fmt;

use super::policy::{Distance, Worst};
use crate::path::OutcomePath;

/// What comparing two outcomes says.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Equal,
    /// Equal but for what the policies allow: the largest distances that were seen, by the name of the policy.
    WithinPolicy(BTreeMap<String, Worst>),
    /// At least one divergence; those that nothing else would show come first.
    Diverged(Vec<Divergence>),
}

/// One leaf in which two outcomes differ; an array is one leaf.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Divergence {
    pub path: OutcomePath,
    /// What the reference has there: whole where it is short, otherwise its beginning, length and digest, so that equal texts mean equal values.
    pub reference: String,
    /// The same of the candidate; the ledger pins this text.
    pub candidate: String,
    /// Between two floats that have one; in the unit of the policy that doesn't allow it.
    pub distance: Option<Distance>,
    /// The elements of an array that differ.
    pub elements: Option<Elements>,
    /// An integer that is another one, in the same place and shape, without a warning of the candidate's: no program notices.
    pub silent: bool,
    /// Whether the ledger may expect it. What wasn't looked at is never expected.
    pub excusable: bool,
}

/// The elements of an array that differ.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elements {
    /// How many numbers, texts, … differ; a complex number is two, a record as many as it has fields.
    pub count: u64,
    /// How many there are.
    pub of: u64,
    pub first: Vec<ElementDifference>,
    /// The one with the largest distance, where distances are measured.
    pub worst: Option<ElementDifference>,
}

/// One element that differs.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElementDifference {
    /// The way from the array to it: `[1, 2]`, `[3].name`, `[0].imag`.
    pub at: String,
    pub reference: String,
    pub candidate: String,
    pub distance: Option<Distance>,
}

impl Divergence {
    /// A leaf with two different values.
    pub fn new(path: OutcomePath, reference: String, candidate: String) -> Self {
        Divergence {
            path,
            reference,
            candidate,
            distance: None,
            elements: None,
            silent: false,
            excusable: true,
        }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Divergence {
            path,
            reference,
            candidate,
            distance,
            elements,
            excusable,
            silent: _,
        } = self;
        match elements {
            Some(elements) => write!(f, "{path}: {elements}"),
            // What was not compared has one sentence for both.
            None if reference == candidate && !excusable => write!(f, "{path}: {reference}"),
            None => {
                write!(f, "{path}: {reference} != {candidate}")?;
                write_distance(f, *distance)
            }
        }
    }
}

impl fmt::Display for Elements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Elements {
            count,
            of,
            first,
            worst,
        } = self;
        write!(f, "{count} of {of} elements differ")?;
        if let Some(first) = first.first() {
            write!(f, ", first {first}")?;
        }
        match worst {
            Some(worst) if first.first() != Some(worst) => write!(f, ", worst {worst}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for ElementDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ElementDifference {
            at,
            reference,
            candidate,
            distance,
        } = self;
        let colon = if at.is_empty() { "" } else { ": " };
        write!(f, "{at}{colon}{reference} != {candidate}")?;
        write_distance(f, *distance)
    }
}

fn write_distance(f: &mut fmt::Formatter<'_>, distance: Option<Distance>) -> fmt::Result {
    match distance {
        Some(distance) => write!(f, " ({distance})"),
        None => Ok(()),
    }
}
