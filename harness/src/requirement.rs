//! What cases need of a leg, found out by one probe a module and leg before the first case runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use parallax_runtime::marshal::Transport;
use serde_json::json;

use crate::case::{Case, Limits};
use crate::error::Problem;
use crate::executor::{Job, Leg};
use crate::outcome::Outcome;

/// The modules that legs lack.
pub struct Lacking(BTreeMap<(usize, String), String>);

impl Lacking {
    /// Asks every leg for every module that some case needs; where none needs any, no leg is asked.
    ///
    /// # Errors
    /// An executor can't be run at all.
    pub fn probe(cases: &[&Case], node_path: &Path, legs: &[Leg]) -> Result<Self, Problem> {
        let modules: BTreeSet<&String> = cases.iter().flat_map(|case| &case.requires).collect();
        let mut lacking = BTreeMap::new();
        for module in modules {
            for (index, leg) in legs.iter().enumerate() {
                let answer = leg.executor.run(Job {
                    request: &request(module),
                    transport: Transport::default(),
                    node_path,
                    limits: &Limits::default(),
                })?;
                if let Some(reason) = absence(&answer.outcome) {
                    lacking.insert((index, module.clone()), reason);
                }
            }
        }
        Ok(Lacking(lacking))
    }

    /// Why a case can't run on every leg, if it can't.
    pub fn reason(&self, case: &Case, legs: &[Leg]) -> Option<String> {
        let mut reasons = Vec::new();
        for (index, leg) in legs.iter().enumerate() {
            for module in &case.requires {
                if let Some(reason) = self.0.get(&(index, module.clone())) {
                    reasons.push(format!(
                        "needs {module}, which {} lacks: {reason}",
                        leg.name
                    ));
                }
            }
        }
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

/// A manifest that asks for a class that no module has: how that fails says whether the module is there, without a node of our own in the corpus.
pub(crate) fn request(module: &str) -> Vec<u8> {
    let manifest = json!({
        "version": "v1",
        "metadata": {"name": "probe"},
        "nodes": [{"id": "probe", "node_type": format!("{module}:ParallaxProbe")}],
        "connections": [],
    });
    manifest.to_string().into_bytes()
}

/// Only an import that fails is absence. Whatever else happens, the cases run and show it.
fn absence(outcome: &Outcome) -> Option<String> {
    let Outcome::Raised(failure) = outcome else {
        return None;
    };
    let exception = failure.exception.as_ref()?;
    let first_line = exception.message.lines().next().unwrap_or_default();
    matches!(
        exception.class.as_str(),
        "ModuleNotFoundError" | "ImportError"
    )
    .then(|| format!("{}: {first_line}", exception.class))
}
