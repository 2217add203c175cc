//! A step of provisioning: its key, its folder, and the record of what went into it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use parallax_cache::RECORD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::cache::Cache;
use crate::files;
use crate::pins::Input;
use crate::process::Runner;

/// Everything that decides a step's result, in order.
#[derive(Clone, Debug)]
pub struct Key {
    inputs: Vec<(String, String)>,
}

impl Key {
    /// `recipe` is the text of the commands that the step runs: changing them makes another key.
    pub fn new(step: &str, recipe: &str) -> Self {
        Self {
            inputs: vec![
                ("step".into(), step.into()),
                ("recipe".into(), recipe.into()),
            ],
        }
    }

    /// Adds a fact, such as a compiler's version.
    #[must_use]
    pub fn with(mut self, label: &str, value: impl Into<String>) -> Self {
        self.inputs.push((label.into(), value.into()));
        self
    }

    /// Adds a pinned input.
    #[must_use]
    pub fn input(self, input: &Input) -> Self {
        self.with(&input.name, input.identity())
    }

    /// Adds a step that this one reads.
    #[must_use]
    pub fn after(self, step: &Step) -> Self {
        self.with(step.name, step.key.clone())
    }

    /// The key: each part is preceded by its length, so that no two lists of parts read the same.
    fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        for part in self.inputs.iter().flat_map(|(label, value)| [label, value]) {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        files::hex(&hasher.finalize())
    }
}

/// One step: done if its folder is there.
#[derive(Clone, Debug)]
pub struct Step {
    /// The step's name, also in the log's file name.
    pub name: &'static str,
    /// SHA-256 of everything that decides the result.
    pub key: String,
    /// The final folder.
    pub dir: PathBuf,
    inputs: Vec<(String, String)>,
}

impl Step {
    /// The step with this key.
    pub fn new(cache: &Cache, name: &'static str, key: Key) -> Self {
        let digest = key.digest();
        Self {
            name,
            dir: cache.step(name, &digest),
            key: digest,
            inputs: key.inputs,
        }
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        self.dir.is_dir()
    }

    /// The record of a finished step.
    ///
    /// # Errors
    /// The record is missing or was edited.
    pub fn record(&self) -> Result<Record> {
        let path = self.dir.join(RECORD);
        let text = files::read_text(&path)?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} is damaged", path.display()))
            .with_context(|| {
                parallax_failure::Failure::environment(format!(
                    "the cached step {} is damaged",
                    self.name
                ))
                .hint(format!("remove {} and run again", self.dir.display()))
            })
    }

    /// Writes the record as the last file before the folder is published.
    pub fn write_record(&self, folder: &Path, seconds: f64, origins: &[Origin]) -> Result<()> {
        let record = Record {
            step: self.name.into(),
            key: self.key.clone(),
            seconds,
            inputs: self.inputs.clone(),
            origins: origins.to_vec(),
        };
        let text = serde_json::to_string_pretty(&record)
            .context("cannot write the step's record as JSON")?;
        files::write_atomic(&folder.join(RECORD), text.as_bytes())
    }
}

/// What a finished step says about itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The step's name.
    pub step: String,
    /// Its key.
    pub key: String,
    /// How long it took.
    pub seconds: f64,
    /// What the key is made of.
    pub inputs: Vec<(String, String)>,
    /// Where each file that was fetched came from.
    pub origins: Vec<Origin>,
}

/// A fetched file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The input's or package's name.
    pub name: String,
    /// Its exact version.
    pub version: String,
    /// The hash of its bytes.
    pub sha256: String,
    /// The source that had it.
    pub from: String,
}

/// What a running step works with.
pub struct Context<'a> {
    /// The cache.
    pub cache: &'a Cache,
    /// Runs commands into the step's log.
    pub runner: Runner<'a>,
    /// Becomes the step's folder.
    pub out: PathBuf,
    /// Scratch space that goes away.
    pub work: PathBuf,
    /// Filled as files are fetched.
    pub origins: Vec<Origin>,
    /// For `make -j`.
    pub jobs: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(key: Key) -> Step {
        Step::new(
            &Cache::at("/cache".into()).expect("a plain path"),
            "thing",
            key,
        )
    }

    #[test]
    fn the_key_is_stable() {
        let step = step(Key::new("thing", "make").with("gcc", "12"));
        assert_eq!(
            step.key,
            "8ad86d3e858849358ea39570c521ef91baa755485ea94a2fc528a78bd8e3e9ac"
        );
    }

    #[test]
    fn every_part_changes_the_key() {
        let keys = [
            Key::new("thing", "make"),
            Key::new("other", "make"),
            Key::new("thing", "make -j2"),
            Key::new("thing", "make").with("gcc", "12"),
            Key::new("thing", "make").with("gcc", "13"),
            Key::new("thing", "make").with("clang", "12"),
            Key::new("thing", "make").with("gc", "c12"),
            Key::new("thing", "make").with("a", "1").with("b", "2"),
            Key::new("thing", "make").with("b", "2").with("a", "1"),
        ];
        let distinct: std::collections::BTreeSet<String> = keys.iter().map(Key::digest).collect();
        assert_eq!(distinct.len(), keys.len());
    }

    #[test]
    fn a_step_that_changes_changes_those_that_read_it() {
        let first = step(Key::new("first", "a"));
        let changed = step(Key::new("first", "b"));
        assert_ne!(
            Key::new("second", "x").after(&first).digest(),
            Key::new("second", "x").after(&changed).digest()
        );
    }
}
