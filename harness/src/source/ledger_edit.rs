//! Changes `ledger.toml`, and keeps what people have written around the changes: comments, order, and form.

use std::fs;
use std::path::{Path, PathBuf};

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

use super::text_file::read_failed;
use crate::error::Problem;
use crate::path::OutcomePath;
use crate::verdict::cause::Cause;
use crate::verdict::ledger::Pin;

const ENTRIES: &str = "divergence";
const SEVERAL: &str = "at";

/// A ledger that is being changed.
#[derive(Clone, Debug)]
pub struct LedgerEdit {
    path: PathBuf,
    document: DocumentMut,
}

/// An entry that is added.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEntry {
    pub case: String,
    pub targets: [String; 2],
    pub cause: Cause,
    pub reason: String,
    pub pins: Vec<Pin>,
}

impl LedgerEdit {
    /// Opens a ledger; one that isn't there yet is empty.
    ///
    /// # Errors
    /// The file can't be read, or is no TOML.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(read_failed(path, &error)),
        };
        let document = text.parse().map_err(|error: toml_edit::TomlError| {
            Problem::usage(format!("{}: {}", path.display(), error.message()))
                .hint("the keys of this file are listed in docs/CORPUS.md")
        })?;
        Ok(LedgerEdit {
            path: path.to_owned(),
            document,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn text(&self) -> String {
        self.document.to_string()
    }

    /// The entries as they stand in the file.
    pub fn entries(&self) -> impl Iterator<Item = &Table> {
        let entries = self.document.get(ENTRIES);
        let entries = entries.and_then(Item::as_array_of_tables);
        entries.into_iter().flatten()
    }

    fn array(&mut self) -> Option<&mut ArrayOfTables> {
        self.document.get_mut(ENTRIES)?.as_array_of_tables_mut()
    }

    fn entry(&mut self, index: usize) -> Option<&mut Table> {
        self.array()?.get_mut(index)
    }

    /// Adds an entry behind the last one of its case, or of the case before it, and gives its position.
    pub fn add(&mut self, entry: &NewEntry) -> Option<usize> {
        let mut table = Table::new();
        table.insert("case", quoted(&entry.case).into());
        table.insert(
            "targets",
            Item::Value(entry.targets.iter().collect::<Value>()),
        );
        table.insert("cause", quoted(entry.cause.name()).into());
        table.insert("reason", quoted(&entry.reason).into());
        set_pins(&mut table, &entry.pins);
        let position = |known: &Table| known.position();
        let before = self
            .entries()
            .filter(|known| text_of(known, "case") <= entry.case.as_str());
        // The head of the file stands before the first entry and stays there.
        let behind = before
            .filter_map(position)
            .max()
            .or_else(|| self.entries().filter_map(position).min());
        if let Some(behind) = behind {
            table.set_position(behind);
            table.decor_mut().set_prefix("\n");
        }
        if behind.is_none() && self.document.is_empty() {
            table.decor_mut().set_prefix("");
        }
        let entries = self.document.entry(ENTRIES);
        let entries = entries.or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        if let Some(entries) = entries.as_array_of_tables_mut() {
            entries.push(table);
        }
        self.reread();
        let mut entries = self.entries();
        entries.position(|known| {
            let is_entry = text_of(known, "case") == entry.case
                && text_of(known, "reason") == entry.reason.as_str();
            let path = entry.pins.first().map(|pin| &pin.path);
            is_entry && path.is_some_and(|path| has_path(known, path))
        })
    }

    /// Gives a pin its values; a reference that wasn't pinned stays so.
    pub fn set_pin(&mut self, index: usize, path: &OutcomePath, reference: &str, candidate: &str) {
        let Some(entry) = self.entry(index) else {
            return;
        };
        if is_path(entry.get("path").and_then(Item::as_str), path) {
            set_text(entry, "candidate", candidate);
            if entry.contains_key("reference") {
                set_text(entry, "reference", reference);
            }
            return;
        }
        let pins = entry.get_mut(SEVERAL).and_then(Item::as_value_mut);
        let pins = pins.and_then(Value::as_array_mut);
        for pin in pins.into_iter().flat_map(Array::iter_mut) {
            let Some(pin) = pin.as_inline_table_mut() else {
                continue;
            };
            if is_path(pin.get("path").and_then(Value::as_str), path) {
                pin.insert("candidate", quoted(candidate));
                if pin.contains_key("reference") {
                    pin.insert("reference", quoted(reference));
                }
            }
        }
    }

    /// Replaces all pins of an entry, and its cause.
    pub fn rewrite(&mut self, index: usize, cause: Cause, pins: &[Pin]) {
        if let Some(entry) = self.entry(index) {
            set_text(entry, "cause", cause.name());
            for key in ["path", "reference", "candidate", SEVERAL] {
                entry.remove(key);
            }
            set_pins(entry, pins);
        }
    }

    /// Removes a pin, and the entry when it was the last one; whether it was.
    pub fn remove_pin(&mut self, index: usize, path: &OutcomePath) -> bool {
        let Some(entry) = self.entry(index) else {
            return false;
        };
        let mut left = 0;
        if is_path(entry.get("path").and_then(Item::as_str), path) {
            for key in ["path", "reference", "candidate"] {
                entry.remove(key);
            }
        } else if entry.contains_key("path") {
            left += 1;
        }
        let pins = entry.get_mut(SEVERAL).and_then(Item::as_value_mut);
        if let Some(pins) = pins.and_then(Value::as_array_mut) {
            let is_other = |pin: &Value| {
                let pin = pin.as_inline_table().and_then(|pin| pin.get("path"));
                !is_path(pin.and_then(Value::as_str), path)
            };
            pins.retain(is_other);
            left += pins.len();
        }
        if left == 0 {
            self.remove_entry(index);
        }
        left == 0
    }

    /// Removes an entry with the comment right above it; what is set off by an empty line stays.
    pub fn remove_entry(&mut self, index: usize) {
        let Some(entry) = self.entry(index) else {
            return;
        };
        let position = entry.position();
        let prefix = entry.decor().prefix().and_then(|prefix| prefix.as_str());
        let prefix = prefix.unwrap_or_default();
        let kept = prefix.rfind("\n\n").map(|end| prefix[..=end].to_owned());
        if let Some(entries) = self.array() {
            entries.remove(index);
        }
        let Some(kept) = kept.filter(|kept| !kept.trim().is_empty()) else {
            return;
        };
        let entries = self.array().into_iter().flat_map(ArrayOfTables::iter_mut);
        let next = entries
            .filter(|entry| entry.position() > position)
            .min_by_key(|entry| entry.position());
        match next {
            Some(next) => {
                let own = next.decor().prefix().and_then(|prefix| prefix.as_str());
                let own = own.unwrap_or_default().to_owned();
                next.decor_mut().set_prefix(kept + &own);
            }
            None => {
                let own = self.document.trailing().as_str().unwrap_or_default();
                let own = own.to_owned();
                self.document.set_trailing(kept + &own);
            }
        }
    }

    /// Has entries in the order in which they stand in the text, as a loaded ledger has them.
    fn reread(&mut self) {
        if let Ok(document) = self.text().parse() {
            self.document = document;
        }
    }
}

/// What a key of an entry says, if it is a text.
pub fn text_of<'t>(entry: &'t Table, key: &str) -> &'t str {
    entry.get(key).and_then(Item::as_str).unwrap_or_default()
}

fn has_path(entry: &Table, path: &OutcomePath) -> bool {
    let several = entry.get(SEVERAL).and_then(Item::as_array);
    let several = several.into_iter().flatten();
    let mut several = several.filter_map(|pin| pin.as_inline_table()?.get("path")?.as_str());
    is_path(entry.get("path").and_then(Item::as_str), path)
        || several.any(|written| is_path(Some(written), path))
}

fn is_path(written: Option<&str>, path: &OutcomePath) -> bool {
    let written = written.and_then(|written| written.parse::<OutcomePath>().ok());
    written.as_ref() == Some(path)
}

fn set_pins(table: &mut Table, pins: &[Pin]) {
    if let [pin] = pins {
        table.insert("path", quoted(&pin.path.to_string()).into());
        if let Some(reference) = &pin.reference {
            table.insert("reference", quoted(reference).into());
        }
        table.insert("candidate", quoted(&pin.candidate).into());
        return;
    }
    let mut array = Array::new();
    for pin in pins {
        let mut inline = InlineTable::new();
        inline.insert("path", quoted(&pin.path.to_string()));
        if let Some(reference) = &pin.reference {
            inline.insert("reference", quoted(reference));
        }
        inline.insert("candidate", quoted(&pin.candidate));
        let mut value = Value::InlineTable(inline);
        value.decor_mut().set_prefix("\n    ");
        array.push_formatted(value);
    }
    array.set_trailing_comma(true);
    array.set_trailing("\n");
    table.insert(SEVERAL, Item::Value(Value::Array(array)));
}

/// Changes a text and leaves what stands around it.
fn set_text(table: &mut Table, key: &str, text: &str) {
    let mut value = quoted(text);
    if let Some(own) = table.get(key).and_then(Item::as_value) {
        *value.decor_mut() = own.decor().clone();
    }
    table.insert(key, Item::Value(value));
}

/// A text as a person would write it: without escapes where that can be.
pub fn quoted(text: &str) -> Value {
    let is_plain = !text.contains(char::is_control);
    let written = if text.contains(['"', '\\']) && !text.contains('\'') && is_plain {
        format!("'{text}'")
    } else {
        // JSON's escapes are among TOML's.
        serde_json::Value::from(text).to_string()
    };
    written.parse().unwrap_or_else(|_| Value::from(text))
}

#[cfg(test)]
#[path = "ledger_edit_tests.rs"]
mod tests;
