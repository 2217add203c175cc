//! The cache outside of the checkout: one folder a step, named by what went into it.
//!
//! A step is built below `tmp/` and moved to its final name when it is complete, so a folder that exists is whole.
//! Whoever writes holds the lock; a reader that finds every folder it needs takes none.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::error::{Failure, environment, usage};
use crate::fs_util;
use crate::progress::say;

/// Folders that are not steps, but belong to the cache (`compiled` is the harness's).
const OWN: [&str; 5] = ["downloads", "tmp", "logs", "compiled", "lock"];

/// The cache's location.
#[derive(Clone, Debug)]
pub struct Cache {
    /// An absolute path that `make` and `configure` can handle.
    pub root: PathBuf,
}

/// The right to write into the cache.
pub struct Lock {
    /// Open as long as the lock is held; children inherit it.
    pub file: File,
}

impl Cache {
    /// Where the user wants it: `PARALLAX_CACHE`, else `parallax` in the user's cache directory.
    ///
    /// # Errors
    /// There is no such place, or builds would fail in it.
    pub fn from_environment() -> Result<Self, Failure> {
        let set = |name: &str| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let root = if let Some(path) = set("PARALLAX_CACHE") {
            std::path::absolute(&path)
                .map_err(|error| usage(format!("PARALLAX_CACHE={}: {error}", path.display())))?
        } else if let Some(base) = set("XDG_CACHE_HOME").filter(|path| path.is_absolute()) {
            base.join("parallax")
        } else if let Some(home) = set("HOME").filter(|path| path.is_absolute()) {
            home.join(".cache/parallax")
        } else {
            return Err(environment(
                "neither PARALLAX_CACHE nor HOME is set, so there is no place for the cache",
            )
            .hint("set PARALLAX_CACHE to a folder with 2 GB of space"));
        };
        Self::at(root)
    }

    /// A cache at `root`.
    ///
    /// # Errors
    /// The path holds characters that makefiles and search paths split at.
    pub fn at(root: PathBuf) -> Result<Self, Failure> {
        let plain = |c: char| c.is_alphanumeric() || "/._+-@,=".contains(c);
        match root.to_str() {
            Some(text) if text.chars().all(plain) => Ok(Self { root }),
            _ => Err(usage(format!("the cache's path {} holds a blank or a special character", root.display()))
                .hint("set PARALLAX_CACHE to a path of letters, digits and ._+-@ (CPython's makefile splits others)")),
        }
    }

    /// Downloads whose bytes were checked, named by their hash.
    pub fn downloads(&self) -> PathBuf {
        self.root.join("downloads")
    }

    /// Work in progress; whatever is there when the lock is taken was left by a run that died.
    pub fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// Each step's last output.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// Takes the lock, waiting for another run if there is one, and clears what dead runs left.
    ///
    /// # Errors
    /// The cache cannot be written.
    pub fn lock(&self) -> Result<Lock> {
        let hint = || {
            environment(format!(
                "the cache {} cannot be written",
                self.root.display()
            ))
            .hint("set PARALLAX_CACHE to a folder of your own")
        };
        fs_util::create_dir(&self.root).with_context(hint)?;
        let path = self.root.join("lock");
        let open = || {
            OpenOptions::new()
                .create(true)
                .truncate(false)
                .read(true)
                .write(true)
                .open(&path)
        };
        let file = open()
            .with_context(|| format!("cannot open {}", path.display()))
            .with_context(hint)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                say(&format!(
                    "waiting: another run is provisioning {}",
                    self.root.display()
                ));
                file.lock()
                    .with_context(|| format!("cannot lock {}", path.display()))?;
            }
            Err(TryLockError::Error(error)) => {
                return Err(error)
                    .with_context(|| format!("cannot lock {}", path.display()))
                    .with_context(hint);
            }
        }
        fs_util::remove(&self.tmp())?;
        fs_util::create_dir(&self.tmp())?;
        Ok(Lock { file })
    }

    /// Removes what provisioning made, and nothing else that may lie in the same folder.
    ///
    /// # Errors
    /// Something cannot be removed.
    pub fn clean(&self) -> Result<u64> {
        if !self.root.is_dir() {
            return Ok(0);
        }
        let lock = self.lock()?;
        let before = fs_util::size(&self.root);
        for entry in fs_util::sorted_entries(&self.root)? {
            let name = entry
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if name != "lock" && (OWN.contains(&name) || is_step(name)) {
                fs_util::remove(&entry)?;
            }
        }
        let freed = before.saturating_sub(fs_util::size(&self.root));
        drop(lock);
        Ok(freed)
    }

    /// The folder of a step with this key.
    pub fn step(&self, name: &str, key: &str) -> PathBuf {
        self.root
            .join(format!("{name}-{}", key.get(..16).unwrap_or(key)))
    }

    /// Moves a finished folder to its final name.
    ///
    /// # Errors
    /// The move is refused.
    pub fn publish(&self, from: &Path, to: &Path) -> Result<()> {
        fs_util::rename(from, to)
    }
}

/// Whether a folder's name is a step's: a name, a dash, and 16 digits of its key.
pub(super) fn is_step(name: &str) -> bool {
    name.rsplit_once('-')
        .is_some_and(|(_, key)| key.len() == 16 && key.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Class;

    #[test]
    fn paths_that_makefiles_split_are_refused() {
        for bad in [
            "/tmp/my cache",
            "/tmp/a:b",
            "/tmp/$x",
            "/tmp/a'b",
            "/tmp/a#b",
        ] {
            assert_eq!(
                Cache::at(bad.into()).expect_err(bad).class,
                Class::Usage,
                "{bad}"
            );
        }
        assert!(Cache::at("/users/jos\u{e9}/.cache/parallax".into()).is_ok());
    }

    #[test]
    fn clean_removes_the_caches_own_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::at(folder.path().to_path_buf()).expect("a plain path");
        for name in [
            "downloads/x",
            "tmp/y",
            "llvm-0123456789abcdef/bin",
            "photos/summer",
            "notes-2024",
        ] {
            fs_util::create_dir(&cache.root.join(name)).expect("is made");
        }
        std::fs::write(cache.root.join("downloads/file"), "12345").expect("is written");
        assert!(cache.clean().expect("cleans") >= 5);
        let left: Vec<_> = fs_util::sorted_entries(&cache.root).expect("lists");
        let left: Vec<_> = left
            .iter()
            .filter_map(|path| path.file_name()?.to_str())
            .collect();
        assert_eq!(left, ["lock", "notes-2024", "photos"]);
    }

    #[test]
    fn taking_the_lock_clears_what_a_dead_run_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::at(folder.path().to_path_buf()).expect("a plain path");
        fs_util::create_dir(&cache.tmp().join("half-done")).expect("is made");
        let lock = cache.lock().expect("locks");
        assert_eq!(
            fs_util::sorted_entries(&cache.tmp()).expect("lists").len(),
            0
        );
        let second = File::open(cache.root.join("lock")).expect("opens");
        assert!(matches!(second.try_lock(), Err(TryLockError::WouldBlock)));
        drop(lock);
        assert!(second.try_lock().is_ok());
    }
}
