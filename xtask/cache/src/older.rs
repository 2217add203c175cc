//! Caches that were made before there were marks, and how they are told from other people's folders.

use std::fs;
use std::path::{Path, PathBuf};

use crate::mark;
use crate::names::{LOCK, OWN, RECORD, is_step};

/// Whether a folder without a mark is a cache beyond doubt.
///
/// Names such as `tmp` and `logs` prove nothing, so at least one step with its record must be there, and the lock;
/// and a single entry that no version of Parallax makes is enough to leave the whole folder alone.
pub fn is_cache(root: &Path, entries: &[PathBuf]) -> bool {
    let kinds: Option<Vec<Kind>> = entries.iter().map(|entry| kind(entry)).collect();
    let Some(kinds) = kinds else { return false };
    let lock = fs::symlink_metadata(root.join(LOCK));
    lock.is_ok_and(|meta| meta.is_file() && meta.len() == 0) && kinds.contains(&Kind::Step)
}

#[derive(PartialEq, Eq)]
enum Kind {
    Step,
    Other,
}

/// What an entry is to a cache; `None` for one that it would not have.
fn kind(entry: &Path) -> Option<Kind> {
    let name = entry.file_name()?.to_str()?;
    let meta = fs::symlink_metadata(entry).ok()?;
    if name == LOCK || name == mark::NEW {
        return meta.is_file().then_some(Kind::Other);
    }
    if !meta.is_dir() {
        return None;
    }
    if OWN.contains(&name) {
        return Some(Kind::Other);
    }
    let record = fs::symlink_metadata(entry.join(RECORD));
    (is_step(name) && record.is_ok_and(|meta| meta.is_file())).then_some(Kind::Step)
}
