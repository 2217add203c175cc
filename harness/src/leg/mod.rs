//! Legs: configured executors in a run, and what a comparison has to know of them.

pub mod build_info;
pub mod lacking;
pub mod table;

use std::collections::BTreeMap;

use crate::executor::Executor;
use crate::verdict::ledger::Side;

/// A configured executor in a run.
pub struct Leg {
    pub name: String,
    /// What the executor runs on, such as `x86_64-linux`; legs of one target have no differences to expect.
    pub target: String,
    pub provenance: Provenance,
    pub executor: Box<dyn Executor>,
}

/// Where an executor comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Provenance {
    /// Versions that results depend on, by name; a foreign executor has none that Parallax knows.
    pub versions: BTreeMap<String, String>,
    /// Whether this project's default build made it, so that nothing may be missing.
    pub complete: bool,
}

impl Leg {
    /// What an entry of the ledger can ask about this leg.
    pub fn side(&self) -> Side<'_> {
        Side {
            target: &self.target,
            versions: &self.provenance.versions,
        }
    }
}
