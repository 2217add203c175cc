//! Writes what was accepted, each file as soon as it is known, and says so.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use parallax_harness::accept::proposal::{PinKey, pin};
use parallax_harness::accept::{Proposal, SnapshotChange};
use parallax_harness::case::CaseId;
use parallax_harness::error::Problem;
use parallax_harness::report::text::counted;
use parallax_harness::source::corpus::Corpus;
use parallax_harness::source::ledger_edit::{LedgerEdit, NewEntry};
use parallax_harness::source::snapshots::{Snapshots, render};
use parallax_harness::source::{policy_edit, write};
use parallax_harness::verdict::cause::Cause;
use parallax_harness::verdict::divergence::Divergence;
use parallax_harness::verdict::policy::Worst;
use serde_json::Value as Json;
use similar::TextDiff;

use super::super::write_failed;
use super::ask::Asker;

/// Upper bound on the lines of a difference that is shown.
const LONGEST: usize = 200;

/// Writes what was accepted, or says what would be written.
pub struct Writer {
    root: PathBuf,
    locked: bool,
    ledger: Option<LedgerEdit>,
    /// Where the entries of the loaded ledger stand now.
    positions: Vec<usize>,
    written: BTreeSet<PathBuf>,
    changes: usize,
    remaining: usize,
}

impl Writer {
    pub fn new(root: &Path, locked: bool) -> Result<Self, Problem> {
        let root = root.canonicalize().map_err(|error| {
            Problem::usage(format!(
                "failed to open the corpus {}: {error}",
                root.display()
            ))
            .hint("name a directory that has a `manifests` directory, see README.md")
        })?;
        Ok(Writer {
            root,
            locked,
            ledger: None,
            positions: Vec::new(),
            written: BTreeSet::new(),
            changes: 0,
            remaining: 0,
        })
    }

    pub fn open_ledger(&mut self, corpus: &Corpus) -> Result<(), Problem> {
        self.ledger = Some(LedgerEdit::open(&corpus.ledger_path())?);
        self.positions = (0..corpus.ledger.entries.len()).collect();
        Ok(())
    }

    /// Whether something is left to do.
    pub fn is_red(&self) -> bool {
        self.remaining > 0 || (self.locked && self.changes > 0)
    }

    pub fn has_written(&self, path: &Path) -> bool {
        self.written.contains(path)
    }

    /// Something that isn't written, and why.
    pub fn remains(&mut self, sentence: &str) {
        self.remaining += 1;
        // What can't be said on standard output is said at the end by the exit code.
        let _ = say(&format!("not accepted: {sentence}"));
    }

    /// Writes a file, or says that it would be written.
    pub fn replace(&mut self, path: &Path, text: &str, what: &str) -> Result<(), Problem> {
        self.changes += 1;
        self.written.insert(path.to_owned());
        let name = self.name(path);
        if self.locked {
            return say(&format!("would write {name}: {what}"));
        }
        write::replace(&self.root, path, text)?;
        say(&format!("{name}: {what}"))
    }

    fn name(&self, path: &Path) -> String {
        let name = path.strip_prefix(&self.root).unwrap_or(path);
        name.display().to_string()
    }

    fn remove(&mut self, path: &Path, what: &str) -> Result<(), Problem> {
        self.changes += 1;
        let name = self.name(path);
        if self.locked {
            return say(&format!("would remove {name}: {what}"));
        }
        write::remove(path)?;
        say(&format!("{name}: removed, {what}"))
    }

    /// Gives a known divergence its new values.
    pub fn change_pin(
        &mut self,
        corpus: &Corpus,
        id: &CaseId,
        (entry, path): &PinKey,
        divergence: &Divergence,
        asker: &mut Asker,
    ) -> Result<bool, Problem> {
        let known = &corpus.ledger.entries[*entry];
        let title = format!("{}: {id} {path}", known.origin);
        let old = known.pins.iter().find(|pin| pin.path == *path);
        let details = old.map_or_else(String::new, |old| {
            let reference = old.reference.as_deref().unwrap_or("not pinned");
            format!(
                "  - {reference} != {}\n  + {} != {}",
                old.candidate, divergence.reference, divergence.candidate
            )
        });
        if !asker.confirm(&title, &details) {
            self.remains(&format!("{id}: {divergence}"));
            return Ok(false);
        }
        let what = format!("{id} {path}: {}", divergence.candidate);
        let position = self.positions[*entry];
        self.edit(&what, |ledger| {
            ledger.set_pin(position, path, &divergence.reference, &divergence.candidate);
        })?;
        Ok(true)
    }

    /// Adds divergences that the ledger lacks, if there is a cause and a reason for them.
    pub fn add_entry(
        &mut self,
        id: &CaseId,
        targets: &[String; 2],
        divergences: &[Divergence],
        found: Option<Cause>,
        asker: &mut Asker,
    ) -> Result<bool, Problem> {
        let [reference, candidate] = targets;
        let title = format!("{id}: {reference} against {candidate}");
        let details: Vec<String> = divergences
            .iter()
            .map(|divergence| format!("  {divergence}"))
            .collect();
        let Some((cause, reason)) = asker.cause_and_reason(&title, &details.join("\n"), found)
        else {
            let cause = found.map_or("CAUSE", Cause::name);
            for divergence in divergences {
                self.remains(&format!(
                    "{id}: {divergence}; without a cause and a reason it stays red: --cause {cause} --reason \"…\""
                ));
            }
            return Ok(false);
        };
        if let Some(found) = found.filter(|found| *found != cause) {
            say(&format!(
                "note: {id}: {cause} is what was given, and {found} what was found"
            ))?;
        }
        let entry = NewEntry {
            case: id.0.clone(),
            targets: targets.clone(),
            cause,
            reason,
            pins: divergences.iter().map(pin).collect(),
        };
        let paths: Vec<String> = entry.pins.iter().map(|pin| pin.path.to_string()).collect();
        let what = format!("{id} {} [{cause}]", paths.join(", "));
        let mut at = None;
        self.edit(&what, |ledger| at = ledger.add(&entry))?;
        if let Some(at) = at {
            for position in &mut self.positions {
                *position += usize::from(*position >= at);
            }
        }
        Ok(true)
    }

    pub fn remove_pin(
        &mut self,
        corpus: &Corpus,
        (entry, path): &PinKey,
        asker: &mut Asker,
    ) -> Result<(), Problem> {
        let known = &corpus.ledger.entries[*entry];
        let cases = known.cases.as_str();
        let title = format!("{}: {cases} {path}", known.origin);
        if !asker.confirm(&title, "  the difference is gone") {
            self.remains(&format!("{title}: the difference is gone"));
            return Ok(());
        }
        let position = self.positions[*entry];
        let mut gone = false;
        self.edit(&format!("{cases} {path} removed"), |ledger| {
            gone = ledger.remove_pin(position, path);
        })?;
        if gone {
            for other in &mut self.positions {
                *other -= usize::from(*other > position);
            }
        }
        Ok(())
    }

    fn edit(&mut self, what: &str, edit: impl FnOnce(&mut LedgerEdit)) -> Result<(), Problem> {
        let Some(ledger) = &mut self.ledger else {
            return Ok(());
        };
        edit(ledger);
        let (path, text) = (ledger.path().to_owned(), ledger.text());
        self.replace(&path, &text, what)
    }

    pub fn write_snapshot(
        &mut self,
        snapshots: &Snapshots,
        id: &CaseId,
        change: &SnapshotChange,
        asker: &mut Asker,
    ) -> Result<(), Problem> {
        let path = snapshots.path(id, change.target.as_deref());
        let title = self.name(&path);
        let text = |document: &Option<Json>| {
            let document = document.as_ref();
            document.map_or_else(String::new, |document| format!("{document:#}\n"))
        };
        let (old, new) = (text(&change.old), text(&change.new));
        if !asker.confirm(&title, &difference(&old, &new)) {
            self.remains(&format!("{title} is not what the case shows"));
            return Ok(());
        }
        match (&change.new, &change.old) {
            (Some(new), old) => {
                let what = if old.is_some() { "changed" } else { "new" };
                self.replace(&path, &render(id, new), what)
            }
            (None, _) => self.remove(&path, "the target does what all do"),
        }
    }

    pub fn remove_file(&mut self, path: &Path, asker: &mut Asker) -> Result<(), Problem> {
        let title = self.name(path);
        if !asker.confirm(&title, "  remove it: it has no case") {
            self.remains(&format!("{title} has no case"));
            return Ok(());
        }
        self.remove(path, "it had no case")
    }

    /// Writes down the largest distances that were seen.
    pub fn raise_worst(
        &mut self,
        corpus: &Corpus,
        proposals: &[Proposal<'_>],
        asker: &mut Asker,
    ) -> Result<(), Problem> {
        let mut recorded: BTreeMap<&str, Worst> = BTreeMap::new();
        for case in &corpus.cases {
            for (name, policy) in case.policies.by_name() {
                recorded.insert(name, policy.recorded());
            }
        }
        let mut seen: BTreeMap<&str, Worst> = BTreeMap::new();
        for (name, worst) in proposals.iter().flat_map(|proposal| &proposal.allowed) {
            seen.entry(name).or_default().merge(worst);
        }
        seen.retain(|name, worst| {
            let recorded = recorded.get(name);
            recorded.is_some_and(|recorded| worst.exceeds(recorded))
        });
        if seen.is_empty() {
            return Ok(());
        }
        let path = corpus.policy_path();
        let lines: Vec<String> = seen
            .iter()
            .map(|(name, worst)| format!("the worst of {name} is {worst}"))
            .collect();
        let what = lines.join(", ");
        if !asker.confirm(&self.name(&path), &format!("  {what}")) {
            self.remains(&what);
            return Ok(());
        }
        let seen = seen.iter().map(|(name, worst)| (*name, worst));
        let text = policy_edit::with_worst(&path, seen)?;
        self.replace(&path, &text, &what)
    }

    /// The last line, and the exit code.
    pub fn finish(&self) -> Result<ExitCode, Problem> {
        let verb = if self.locked { "would be made" } else { "made" };
        say(&format!(
            "{} {verb}, {} not accepted",
            counted(self.changes, "change"),
            self.remaining
        ))?;
        Ok(ExitCode::from(u8::from(self.is_red())))
    }
}

/// What changes in a text, line by line.
fn difference(old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let unified = diff.unified_diff().context_radius(3).to_string();
    let lines: Vec<&str> = unified.lines().collect();
    let mut shown = lines[..lines.len().min(LONGEST)].join("\n");
    if lines.len() > LONGEST {
        shown.push_str(&format!("\n… and {} lines more", lines.len() - LONGEST));
    }
    shown
}

/// A line on standard output.
fn say(line: &str) -> Result<(), Problem> {
    writeln!(std::io::stdout(), "{line}").map_err(|error| write_failed("standard output", &error))
}
