//! Which modules a leg lacks, found out by one probe a module and leg before the first case runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use parallax_runtime::marshal::Transport;
use serde_json::json;

use super::Leg;
use crate::case::{Case, Exact, Limits, Requirement};
use crate::error::Problem;
use crate::executor::Job;
use crate::outcome::{Ending, Outcome};

/// The modules that legs lack.
pub struct Lacking(BTreeMap<(usize, String), String>);

impl Lacking {
    /// Asks every leg for every module that some case needs; where none needs any, no leg is asked.
    ///
    /// # Errors
    /// An executor can't be run at all, or no leg has a module: then its name is wrong, and nothing that needs it would ever run.
    pub fn probe(cases: &[&Case], node_path: &Path, legs: &[Leg]) -> Result<Self, Problem> {
        let requirements: BTreeSet<&Requirement> =
            cases.iter().flat_map(|case| &case.requires).collect();
        let mut lacking = BTreeMap::new();
        for Requirement { module, origin } in requirements {
            let mut found = false;
            for (index, leg) in legs.iter().enumerate() {
                if lacking.contains_key(&(index, module.clone())) {
                    continue;
                }
                let answer = leg.executor.run(Job {
                    request: &request(module),
                    transport: Transport::default(),
                    node_path,
                    limits: &Limits::default(),
                    exact: Exact::ALL,
                })?;
                match absence(module, &answer.outcome) {
                    Some(reason) => {
                        lacking.insert((index, module.clone()), reason);
                    }
                    None => found = true,
                }
            }
            if !found {
                return Err(
                    Problem::usage(format!("{origin}: no leg has the module {module:?}"))
                        .hint("correct its name; docs/CORPUS.md says what both Pythons have, and another leg may have more"),
                );
            }
        }
        Ok(Lacking(lacking))
    }

    /// Why a case can't run on every leg, if it can't.
    pub fn reason(&self, case: &Case, legs: &[Leg]) -> Option<String> {
        let mut reasons = Vec::new();
        for (index, leg) in legs.iter().enumerate() {
            for Requirement { module, .. } in &case.requires {
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

/// Only a module that isn't found, by its very name or a package's that it lies in, is absence.
/// Whatever else happens, a module of its own that it lacks for one, is a failure, which the cases show.
fn absence(module: &str, outcome: &Outcome) -> Option<String> {
    let Ending::Raised { failure, .. } = &outcome.ending else {
        return None;
    };
    let exception = failure.exception.as_ref()?;
    let names = module
        .char_indices()
        .filter(|(_, c)| *c == '.')
        .map(|(end, _)| &module[..end])
        .chain([module]);
    let mut messages = names.map(|name| format!("No module named '{name}'"));
    let absent = exception.class == "ModuleNotFoundError"
        && messages.any(|message| exception.message == message);
    absent.then(|| format!("{}: {}", exception.class, exception.message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use parallax_runtime::outcome::{Exception, Failure, Kind};

    #[test]
    fn only_the_very_module_counts_as_lacking() {
        for (class, message, expected) in [
            ("ModuleNotFoundError", "No module named 'a.b'", true),
            ("ModuleNotFoundError", "No module named 'a'", true),
            ("ModuleNotFoundError", "No module named 'c'", false),
            ("ModuleNotFoundError", "No module named 'a.b.c'", false),
            ("ImportError", "No module named 'a.b'", false),
            (
                "AttributeError",
                "module 'a.b' has no attribute 'ParallaxProbe'",
                false,
            ),
        ] {
            let failure = Failure {
                exception: Some(Box::new(Exception::new(class, message))),
                ..Failure::new(Kind::Python, "raised")
            };
            let outcome = Outcome::from(Ending::Raised {
                failure,
                outputs: Vec::new(),
            });
            assert_eq!(
                absence("a.b", &outcome).is_some(),
                expected,
                "{class}: {message}"
            );
        }
    }
}
