//! What was measured of a case: all samples, as they were taken.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::case::CaseId;

/// What is measured, in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Quantity {
    /// From the request to the outcome, seen from outside: a fresh interpreter, the run, and taking it down.
    Whole,
    /// Reading and checking the request.
    Parse,
    /// Importing, constructing and initialising the nodes.
    Load,
    /// All items through all nodes, and cleaning up.
    Run,
    /// The same as `Load`, of one node.
    NodeLoad { node: String },
    /// The first call of a node, when caches and what Python makes on the way are cold.
    FirstCall { node: String },
    /// The median of the others.
    LaterCalls { node: String },
}

/// The samples of one quantity of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    pub case: CaseId,
    pub quantity: Quantity,
    /// The reference's first.
    pub legs: Vec<LegSamples>,
}

/// The samples of one leg, by rounds; the executors of each round are new ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegSamples {
    pub leg: String,
    pub rounds: Vec<Vec<u64>>,
}

impl Quantity {
    /// The node that it is about, if it is about one.
    pub fn node(&self) -> Option<&str> {
        match self {
            Quantity::NodeLoad { node }
            | Quantity::FirstCall { node }
            | Quantity::LaterCalls { node } => Some(node),
            _ => None,
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Quantity::Whole => "whole case",
            Quantity::Parse => "parse",
            Quantity::Load | Quantity::NodeLoad { .. } => "load",
            Quantity::Run => "run",
            Quantity::FirstCall { .. } => "first call",
            Quantity::LaterCalls { .. } => "later calls",
        })
    }
}
