//! Reads a corpus: cases, policies, ledger. Every complaint names file, place and remedy.

mod build_info;
mod ledger_file;
mod memory;
mod places;
mod policy_file;
mod sidecar;

use std::fs;
use std::path::{Path, PathBuf};

use parallax_runtime::marshal::json_base64;
use serde_json::{Value as Json, json};

use crate::case::{Case, CaseId};
use crate::error::Problem;
use crate::generate::generate;
use crate::ledger::Ledger;

pub use build_info::{BuildInfo, GuestDir, WasmBuild};
pub use memory::resident;

/// A directory of cases with what belongs to them.
#[derive(Debug)]
pub struct Corpus {
    pub root: PathBuf,
    /// Sorted by id.
    pub cases: Vec<Case>,
    pub ledger: Ledger,
}

impl Corpus {
    /// Reads `DIR/manifests`, `DIR/policy.toml` and `DIR/ledger.toml`, the two files being optional.
    ///
    /// # Errors
    /// The first file that can't be read or doesn't fit, with place and remedy.
    pub fn load(root: &Path) -> Result<Self, Problem> {
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
        let mut cases = Vec::new();
        for path in files(&manifests)? {
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("json") => cases.push(load_case(&manifests, &path, &policies)?),
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
        let ledger = ledger_file::load(&root.join("ledger.toml"), &cases)?;
        Ok(Corpus {
            root,
            cases,
            ledger,
        })
    }

    /// Where Python nodes are looked for.
    pub fn node_path(&self) -> PathBuf {
        self.root.join("nodes")
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

fn load_case(
    manifests: &Path,
    path: &Path,
    policies: &policy_file::Table,
) -> Result<Case, Problem> {
    let manifest = fs::read(path).map_err(|error| read_failed(path, &error))?;
    let settings_path = path.with_extension("toml");
    let settings = sidecar::load(&settings_path)?;
    let mut requires = sidecar::family_requires(&path.with_file_name(sidecar::FAMILY))?;
    requires.extend(settings.requires);
    requires.sort();
    requires.dedup();
    let places = places::resolve(
        &settings_path,
        settings.policy.as_deref(),
        settings.places,
        policies,
    )?;
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
    Ok(Case {
        id: CaseId(id),
        description,
        manifest,
        inputs: settings.inputs,
        expect: settings.expect,
        policies: places,
        requires,
        limits: settings.limits,
    })
}

/// The description that a manifest gives of itself, where it can be read at all.
fn described(manifest: &[u8]) -> Option<String> {
    let document: Json = serde_json::from_slice(manifest).ok()?;
    let manifest = document.get("manifest").unwrap_or(&document);
    let text = manifest.get("metadata")?.get("description")?.as_str()?;
    Some(text.to_owned())
}

impl Case {
    /// The exact bytes that every leg receives.
    ///
    /// # Errors
    /// The case asks for generated inputs, but its manifest is no JSON that could take them.
    pub fn request(&self) -> Result<Vec<u8>, Problem> {
        if self.inputs.is_empty() {
            return Ok(self.manifest.clone());
        }
        let cannot = |why: &str| {
            Problem::usage(format!("{}: inputs can't be added: {why}", self.id))
                .hint("[[input]] needs a manifest, or an envelope whose input_data is a list")
        };
        let document: Json = serde_json::from_slice(&self.manifest)
            .map_err(|error| cannot(&format!("the manifest is not JSON: {error}")))?;
        let mut envelope = if document.get("manifest").is_some() {
            document
        } else {
            json!({"manifest": document, "input_data": []})
        };
        let members = envelope
            .as_object_mut()
            .ok_or_else(|| cannot("the manifest is not an object"))?;
        let items = members
            .entry("input_data")
            .or_insert_with(|| json!([]))
            .as_array_mut()
            .ok_or_else(|| cannot("input_data is not a list"))?;
        items.extend(self.inputs.iter().map(generate).map(json_base64::encode));
        Ok(envelope.to_string().into_bytes())
    }
}

/// A TOML file as `T`; the message names file, line and column.
fn read_toml<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, Problem> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(read_failed(path, &error)),
    };
    toml::from_str(&text).map(Some).map_err(|error| {
        let place = error.span().map_or_else(String::new, |span| {
            let before = &text[..span.start.min(text.len())];
            let line = before.matches('\n').count() + 1;
            let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1) + 1;
            format!(":{line}:{column}")
        });
        Problem::usage(format!("{}{place}: {}", path.display(), error.message()))
            .hint("the keys of this file are listed in docs/CORPUS.md")
    })
}

/// Reads a file whole.
///
/// # Errors
/// Names the file.
pub fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    fs::read(path).map_err(|error| read_failed(path, &error))
}

fn read_failed(path: &Path, error: &std::io::Error) -> Problem {
    Problem::usage(format!("failed to read {}: {error}", path.display()))
        .hint("check the path and its permissions")
}
