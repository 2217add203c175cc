//! Which crate may depend on which, read from `cargo metadata`.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::Finding;
use crate::process;
use crate::provision::rust_std::cargo;

/// What `cargo metadata` says, as far as a rule needs it.
#[derive(Debug, Deserialize)]
pub struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    #[serde(default)]
    dependencies: Vec<Declared>,
    #[serde(default)]
    features: std::collections::BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct Declared {
    name: String,
    kind: Option<String>,
    features: Vec<String>,
    uses_default_features: bool,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Debug, Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    kind: Option<String>,
}

impl Metadata {
    /// Asks cargo.
    ///
    /// # Errors
    /// The workspace cannot be loaded.
    pub fn read(root: &Path) -> Result<Self> {
        let mut command = cargo();
        command
            .current_dir(root)
            .args(["metadata", "--format-version", "1", "--quiet"]);
        let text = process::read(&mut command)?;
        serde_json::from_str(&text).context("cargo metadata answered in an unknown shape")
    }

    fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// The names of everything that is compiled into a package, tests aside.
    fn closure(&self, name: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&str> = self
            .package(name)
            .map(|package| package.id.as_str())
            .into_iter()
            .collect();
        while let Some(id) = open.pop() {
            if !reached.insert(id) {
                continue;
            }
            let node = self.resolve.nodes.iter().find(|node| node.id == id);
            let edges = node.into_iter().flat_map(|node| &node.deps);
            let shipped = |edge: &&Edge| {
                edge.dep_kinds
                    .iter()
                    .any(|kind| kind.kind.as_deref() != Some("dev"))
            };
            open.extend(edges.filter(shipped).map(|edge| edge.pkg.as_str()));
        }
        self.packages
            .iter()
            .filter(|package| reached.contains(package.id.as_str()))
            .map(|p| p.name.as_str())
            .collect()
    }
}

/// Both rules about dependencies.
pub fn check(metadata: &Metadata) -> Vec<Finding> {
    let mut findings = forbidden(
        metadata,
        "parallax-harness",
        "harness",
        &["pyo3", "numpy"],
        "the harness never links libpython",
    );
    let linked = ["wasmtime", "parallax-harness", "parallax-runtime"];
    findings.extend(forbidden(
        metadata,
        "xtask",
        "xtask",
        &linked,
        "build it and run it as a program",
    ));
    findings.extend(runtime_without_python(metadata));
    findings
}

fn forbidden(
    metadata: &Metadata,
    package: &str,
    folder: &str,
    names: &[&str],
    remedy: &'static str,
) -> Vec<Finding> {
    let closure = metadata.closure(package);
    // A crate's family counts: `wasmtime-wasi` brings what `wasmtime` is.
    let is_of = |name: &str, family: &str| {
        name == family
            || name
                .strip_prefix(family)
                .is_some_and(|rest| rest.starts_with('-'))
    };
    let hits = closure
        .iter()
        .filter(|name| **name != package && names.iter().any(|family| is_of(name, family)));
    hits.map(|name| Finding {
        file: format!("{folder}/Cargo.toml"),
        line: 0,
        message: format!("{package} depends on {name}"),
        remedy,
    })
    .collect()
}

/// The harness uses the runtime's pure part.
fn runtime_without_python(metadata: &Metadata) -> Vec<Finding> {
    let finding = |message: &str| Finding {
        file: "harness/Cargo.toml".into(),
        line: 0,
        message: message.into(),
        remedy: "depend on parallax-runtime without the feature python",
    };
    let Some(harness) = metadata.package("parallax-harness") else {
        return Vec::new();
    };
    let defaults = metadata
        .package("parallax-runtime")
        .and_then(|runtime| runtime.features.get("default"));
    let python_by_default =
        defaults.is_some_and(|features| features.iter().any(|feature| feature == "python"));
    let mut findings = Vec::new();
    let declared: Vec<&Declared> = harness
        .dependencies
        .iter()
        .filter(|one| one.name == "parallax-runtime" && one.kind.is_none())
        .collect();
    if declared.is_empty() {
        findings.push(finding("parallax-harness does not use parallax-runtime"));
    }
    for one in declared {
        if one.features.iter().any(|feature| feature == "python")
            || (python_by_default && one.uses_default_features)
        {
            findings.push(finding(
                "parallax-harness turns on the runtime's feature python",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    /// harness → runtime, xtask → clap, plus one edge (from, to, kind) and the features asked of the runtime.
    fn metadata(extra: Option<(&str, &str, &str)>, features: &str) -> Metadata {
        let edge = |to: &str, kind: &str| {
            format!("{{\"pkg\":\"{to}\",\"dep_kinds\":[{{\"kind\":{kind}}}]}}")
        };
        let names = [
            "parallax-harness",
            "parallax-runtime",
            "xtask",
            "clap",
            "pyo3",
            "wasmtime-wasi",
        ];
        let packages = names.map(|name| {
            let declared = format!(
                "[{{\"name\":\"parallax-runtime\",\"kind\":null,\"features\":{features},\"uses_default_features\":true}}]"
            );
            let declared = if name == "parallax-harness" { declared } else { "[]".into() };
            format!("{{\"id\":\"{name}\",\"name\":\"{name}\",\"dependencies\":{declared},\"features\":{{}}}}")
        });
        let nodes = names.map(|name| {
            let mut edges = match name {
                "parallax-harness" => vec![edge("parallax-runtime", "null")],
                "xtask" => vec![edge("clap", "null")],
                _ => vec![],
            };
            edges.extend(
                extra
                    .filter(|(from, ..)| *from == name)
                    .map(|(_, to, kind)| edge(to, kind)),
            );
            format!("{{\"id\":\"{name}\",\"deps\":[{}]}}", edges.join(","))
        });
        let text = format!(
            "{{\"packages\":[{}],\"resolve\":{{\"nodes\":[{}]}}}}",
            packages.join(","),
            nodes.join(",")
        );
        serde_json::from_str(&text).expect("is well-formed")
    }

    fn messages(metadata: &Metadata) -> Vec<String> {
        check(metadata)
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    #[test]
    fn the_intended_graph_is_fine() {
        assert_eq!(messages(&metadata(None, "[]")), [""; 0]);
        assert_eq!(
            messages(&metadata(
                Some(("xtask", "parallax-harness", "\"dev\"")),
                "[]"
            )),
            [""; 0]
        );
    }

    #[test]
    fn python_in_the_harness_is_found_through_other_crates() {
        let found = messages(&metadata(Some(("parallax-runtime", "pyo3", "null")), "[]"));
        assert_eq!(found, ["parallax-harness depends on pyo3"]);
        let found = messages(&metadata(None, "[\"python\"]"));
        assert_eq!(
            found,
            ["parallax-harness turns on the runtime's feature python"]
        );
    }

    #[test]
    fn xtask_links_no_engine() {
        let found = messages(&metadata(
            Some(("clap", "wasmtime-wasi", "\"build\"")),
            "[]",
        ));
        assert_eq!(found, ["xtask depends on wasmtime-wasi"]);
        let found = messages(&metadata(Some(("xtask", "parallax-runtime", "null")), "[]"));
        assert_eq!(found, ["xtask depends on parallax-runtime"]);
    }
}
