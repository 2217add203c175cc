//! A corpus: cases, policies and ledger in a directory. Every complaint names file, place and remedy.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::places::Form;
use super::snapshots::{Snapshots, Unusable};
use super::text_file::read_failed;
use super::{CaseSource, ledger_file, policy_file, sidecar};
use crate::case::{Case, CaseId, request};
use crate::error::Problem;
use crate::verdict::ledger::Ledger;

/// A directory of cases with what belongs to them.
#[derive(Debug)]
pub struct Corpus {
    pub root: PathBuf,
    /// Sorted by id.
    pub cases: Vec<Case>,
    pub ledger: Ledger,
    /// Nothing where the corpus pins no outcomes.
    pub snapshots: Option<Snapshots>,
}

impl Corpus {
    /// Reads all of a corpus: `DIR/manifests`, and `DIR/policy.toml`, `DIR/ledger.toml` and `DIR/snapshots`, which are optional.
    ///
    /// # Errors
    /// The first file that can't be read or doesn't fit, with place and remedy.
    pub fn load(root: &Path) -> Result<Self, Problem> {
        let mut corpus = Self::load_cases(root, Form::Strict)?;
        corpus.ledger = ledger_file::load(&corpus.ledger_path(), &corpus.cases)?;
        corpus.snapshots = Snapshots::load(&corpus.root, &corpus.cases)?;
        Ok(corpus)
    }

    /// The same for whoever is about to write the snapshots anew: those that are of no use are told apart.
    ///
    /// # Errors
    /// Those of [`Corpus::load`] but for what snapshots hold.
    pub fn load_usable(root: &Path) -> Result<(Self, Vec<Unusable>), Problem> {
        let mut corpus = Self::load_cases(root, Form::Strict)?;
        corpus.ledger = ledger_file::load(&corpus.ledger_path(), &corpus.cases)?;
        let (snapshots, unusable) = Snapshots::load_usable(&corpus.root, &corpus.cases)?;
        corpus.snapshots = snapshots;
        Ok((corpus, unusable))
    }

    /// Reads the cases and policies alone, without ledger and snapshots.
    ///
    /// # Errors
    /// Those of [`Corpus::load`] for these files.
    pub fn load_cases(root: &Path, form: Form) -> Result<Self, Problem> {
        let root = root.canonicalize().map_err(|error| {
            Problem::usage(format!(
                "failed to open the corpus {}: {error}",
                root.display()
            ))
            .hint("name a directory that has a `manifests` directory, see README.md")
        })?;
        let policies = policy_file::load(&root.join("policy.toml"))?;
        let manifests = root.join("manifests");
        if !manifests.is_dir() {
            return Err(Problem::usage(format!(
                "{} is not a corpus: it has no `manifests` directory",
                root.display()
            ))
            .hint("a corpus holds manifests/, and as needed nodes/, policy.toml, ledger.toml"));
        }
        check_names(&root.join("nodes"))?;
        let mut cases = Vec::new();
        for path in files(&manifests)? {
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("json") => cases.push(load_case(&manifests, &path, &policies, form)?),
                Some("toml") if path.ends_with(sidecar::FAMILY) => {}
                Some("toml") if path.with_extension("json").is_file() => {}
                Some("toml") => {
                    return Err(Problem::usage(format!(
                        "{} belongs to no case: there is no {}",
                        path.display(),
                        path.with_extension("json").display()
                    ))
                    .hint("rename it to the name of its manifest, or remove it"));
                }
                Some("md") => {}
                _ => {
                    return Err(Problem::usage(format!(
                        "{} is neither a manifest (.json) nor its settings (.toml)",
                        path.display()
                    ))
                    .hint("move it out of `manifests`"));
                }
            }
        }
        cases.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Corpus {
            root,
            cases,
            ledger: Ledger::default(),
            snapshots: None,
        })
    }

    pub fn ledger_path(&self) -> PathBuf {
        self.root.join("ledger.toml")
    }

    pub fn policy_path(&self) -> PathBuf {
        self.root.join("policy.toml")
    }

    /// The settings of a case, whether it has any or not.
    pub fn sidecar_path(&self, id: &CaseId) -> PathBuf {
        self.root.join("manifests").join(format!("{id}.toml"))
    }

    /// The case of this id, if there is one.
    pub fn find(&self, id: &CaseId) -> Option<&Case> {
        let found = self.cases.binary_search_by(|case| case.id.cmp(id));
        found.ok().map(|index| &self.cases[index])
    }

    /// Where Python nodes are looked for.
    pub fn node_path(&self) -> PathBuf {
        self.root.join("nodes")
    }
}

impl CaseSource for Corpus {
    fn cases(&self) -> Box<dyn Iterator<Item = &Case> + '_> {
        Box::new(self.cases.iter())
    }
}

fn files(directory: &Path) -> Result<Vec<PathBuf>, Problem> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(directory)
        .follow_links(true)
        .sort_by_file_name()
    {
        let entry = entry.map_err(|error| Problem::usage(format!("failed to list: {error}")))?;
        if entry.file_type().is_file() {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// A guest of WASI can't list a folder that holds a name which is not UTF-8.
fn check_names(nodes: &Path) -> Result<(), Problem> {
    // What can't be listed is met by who imports from it.
    let mut entries = walkdir::WalkDir::new(nodes).into_iter().flatten();
    let Some(entry) = entries.find(|entry| entry.file_name().to_str().is_none()) else {
        return Ok(());
    };
    let message = format!("the name of {} is not UTF-8", entry.path().display());
    Err(Problem::usage(message)
        .hint("rename it; WebAssembly can't list a folder that holds such a name"))
}

fn load_case(
    manifests: &Path,
    path: &Path,
    policies: &policy_file::Table,
    form: Form,
) -> Result<Case, Problem> {
    let manifest = fs::read(path).map_err(|error| read_failed(path, &error))?;
    let settings_path = path.with_extension("toml");
    let settings = sidecar::load(&settings_path, policies, form)?;
    let mut requires = sidecar::family_requires(&path.with_file_name(sidecar::FAMILY))?;
    requires.extend(settings.requires);
    requires.sort();
    requires.dedup_by(|one, other| one.module == other.module);
    let id = path
        .strip_prefix(manifests)
        .unwrap_or(path)
        .with_extension("")
        .to_string_lossy()
        .into_owned();
    let description = settings
        .description
        .or_else(|| described(&manifest))
        .unwrap_or_default();
    let case = Case {
        id: CaseId(id),
        description,
        manifest,
        inputs: settings.inputs,
        expect: settings.expect,
        policies: settings.policies,
        ignored: settings.ignored,
        exact: settings.exact,
        requires,
        limits: settings.limits,
    };
    request::check(&case)?;
    Ok(case)
}

/// The description that a manifest gives of itself, where it can be read at all.
fn described(manifest: &[u8]) -> Option<String> {
    let document: Json = serde_json::from_slice(manifest).ok()?;
    let manifest = document.get("manifest").unwrap_or(&document);
    let text = manifest.get("metadata")?.get("description")?.as_str()?;
    Some(text.to_owned())
}
