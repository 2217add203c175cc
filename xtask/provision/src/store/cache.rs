//! Where the steps' folders, the downloads and the logs are.
//!
//! A step is built below `tmp/` and moved to its final name when it is complete, so a folder that exists is whole.
//! Whoever writes holds the lock; a reader that finds every folder it needs takes none.

use std::path::{Path, PathBuf};

use anyhow::Result;
use parallax_cache::{LOCK, OWN, Root, is_step};
use parallax_failure::Failure;

use super::lock::Lock;
use crate::files;

/// The cache's location.
#[derive(Clone, Debug)]
pub struct Cache {
    /// An absolute path that `make` and `configure` can handle.
    pub root: PathBuf,
}

impl Cache {
    /// Where the user wants it; nothing is written.
    ///
    /// # Errors
    /// There is no such place, it is not Parallax's, or builds would fail in it.
    pub fn from_environment() -> Result<Self, Failure> {
        let root = Root::from_environment()?;
        root.check()?;
        Self::at(root.path().to_path_buf())
    }

    /// A cache at `root`.
    ///
    /// # Errors
    /// The path holds characters that makefiles and search paths split at.
    pub fn at(root: PathBuf) -> Result<Self, Failure> {
        let plain = |c: char| c.is_alphanumeric() || "/._+-@,=".contains(c);
        match root.to_str() {
            Some(text) if text.chars().all(plain) => Ok(Self { root }),
            _ => Err(Failure::usage(format!("the cache's path {} holds a blank or a special character", root.display()))
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
    /// The folder is not Parallax's, or cannot be written.
    pub fn lock(&self) -> Result<Lock> {
        let root = Root::at(self.root.clone());
        root.claim()?;
        let lock = Lock::take(&self.root)?;
        files::remove(&self.tmp())?;
        for folder in ["tmp", "downloads", "logs"] {
            root.folder(folder)?;
        }
        Ok(lock)
    }

    /// Removes what provisioning and the harness made, and nothing else that may lie in the same folder.
    ///
    /// # Errors
    /// The folder is not Parallax's, or something cannot be removed.
    pub fn clean(&self) -> Result<u64> {
        if !self.root.is_dir() {
            return Ok(0);
        }
        let lock = self.lock()?;
        let before = files::size(&self.root);
        for entry in files::sorted_entries(&self.root)? {
            let name = entry
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if name != LOCK && (OWN.contains(&name) || is_step(name)) {
                files::remove(&entry)?;
            }
        }
        let freed = before.saturating_sub(files::size(&self.root));
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
        files::rename(from, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{File, TryLockError};

    use parallax_failure::Class;

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
        drop(cache.lock().expect("is empty"));
        for name in [
            "downloads/x",
            "tmp/y",
            "llvm-0123456789abcdef/bin",
            "photos/summer",
            "notes-2024",
        ] {
            files::create_dir(&cache.root.join(name)).expect("is made");
        }
        std::fs::write(cache.root.join("downloads/file"), "12345").expect("is written");
        assert!(cache.clean().expect("cleans") >= 5);
        let left: Vec<_> = files::sorted_entries(&cache.root).expect("lists");
        let left: Vec<_> = left
            .iter()
            .filter_map(|path| path.file_name()?.to_str())
            .collect();
        assert_eq!(left, ["CACHEDIR.TAG", "lock", "notes-2024", "photos"]);
    }

    #[test]
    fn taking_the_lock_clears_what_a_dead_run_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::at(folder.path().to_path_buf()).expect("a plain path");
        drop(cache.lock().expect("is empty"));
        files::create_dir(&cache.tmp().join("half-done")).expect("is made");
        let lock = cache.lock().expect("locks");
        assert_eq!(files::sorted_entries(&cache.tmp()).expect("lists").len(), 0);
        let second = File::open(cache.root.join("lock")).expect("opens");
        assert!(matches!(second.try_lock(), Err(TryLockError::WouldBlock)));
        drop(lock);
        assert!(second.try_lock().is_ok());
    }

    #[test]
    fn a_folder_of_something_else_is_neither_locked_nor_cleaned() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::at(folder.path().to_path_buf()).expect("a plain path");
        for name in ["tmp/mine", "downloads/mine", "logs/mine", "compiled/mine"] {
            files::create_dir(&cache.root.join(name)).expect("is made");
        }
        let locked = cache.lock().map(drop).expect_err("is refused");
        let cleaned = cache.clean().map(drop).expect_err("is refused");
        for error in [locked, cleaned] {
            assert_eq!(parallax_failure::exit_code(&error), 2);
            assert!(parallax_failure::render(&error).contains("hint: set PARALLAX_CACHE"));
        }
        let left = files::sorted_entries(&cache.root).expect("lists");
        assert_eq!(left.len(), 4, "{left:?}");
        assert!(left.iter().all(|folder| folder.join("mine").is_dir()));
    }
}
