//! The ledger: differences that are expected, each with the values that it pins.

use std::collections::BTreeMap;

use globset::GlobMatcher;

use super::cause::Cause;
use super::divergence::Divergence;
use crate::case::CaseId;
use crate::path::OutcomePath;

/// The committed list of expected divergences.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    pub entries: Vec<Entry>,
}

/// Differences that are known, come from one cause, and are proved by the cases that show them.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it stands in its file, for messages: `ledger.toml:12`.
    pub origin: String,
    pub cases: Pattern,
    /// The targets of the reference and of the candidate between which it holds.
    pub targets: [Pattern; 2],
    /// Versions under which it holds, by name: a prefix such as `2.5` of both legs' own.
    pub versions: BTreeMap<String, String>,
    pub cause: Cause,
    pub reason: String,
    pub link: Option<String>,
    pub pins: Vec<Pin>,
}

/// One divergence, and the values that it must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    pub path: OutcomePath,
    /// As a report shows it. Left out where it depends on the machine, as the last bits of native vector code do.
    pub reference: Option<String>,
    pub candidate: String,
}

/// A glob, with the text that it was made of.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    glob: GlobMatcher,
}

/// What a leg is, as far as an entry can ask.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// Such as `x86_64-linux` or `wasm32-wasip1`.
    pub target: &'a str,
    pub versions: &'a BTreeMap<String, String>,
}

impl Pattern {
    /// # Errors
    /// The text is no glob; says why.
    pub fn new(text: &str) -> Result<Self, String> {
        let glob = globset::GlobBuilder::new(text)
            .build()
            .map_err(|error| error.kind().to_string())?;
        Ok(Pattern {
            text: text.to_owned(),
            glob: glob.compile_matcher(),
        })
    }

    pub fn matches(&self, text: &str) -> bool {
        self.glob.is_match(text)
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Entry {
    /// Whether the entry speaks of a case between two legs.
    pub fn holds(&self, case: &CaseId, reference: Side<'_>, candidate: Side<'_>) -> bool {
        let sides = [reference, candidate];
        let targets = self.targets.iter().zip(sides);
        self.cases.matches(&case.0)
            && targets
                .into_iter()
                .all(|(pattern, side)| pattern.matches(side.target))
            && self.versions.iter().all(|(name, wanted)| {
                sides.iter().all(|side| {
                    side.versions
                        .get(name)
                        .is_some_and(|own| is_version(own, wanted))
                })
            })
    }
}

/// Whether a version is `wanted` or begins with it: `2.5.5` and `2.5, patched` are a `2.5`, and `2.51` isn't.
fn is_version(own: &str, wanted: &str) -> bool {
    own.strip_prefix(wanted)
        .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

impl Pin {
    /// Whether this is the divergence that is expected, value for value.
    pub fn admits(&self, divergence: &Divergence) -> bool {
        divergence.excusable
            && self.path == divergence.path
            && self.candidate == divergence.candidate
            && self
                .reference
                .as_ref()
                .is_none_or(|reference| *reference == divergence.reference)
    }
}

impl Ledger {
    /// What is expected of a case between two legs.
    ///
    /// Entries are about differences between targets, so two legs of one target have none to expect.
    pub fn expected<'a>(
        &'a self,
        case: &CaseId,
        reference: Side<'_>,
        candidate: Side<'_>,
    ) -> Vec<(&'a Entry, &'a Pin)> {
        if reference.target == candidate.target {
            return Vec::new();
        }
        let entries = self.entries.iter();
        entries
            .filter(|entry| entry.holds(case, reference, candidate))
            .flat_map(|entry| entry.pins.iter().map(move |pin| (entry, pin)))
            .collect()
    }
}
