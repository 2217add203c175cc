//! The right to write into the cache, which one run at a time has.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use parallax_cache::LOCK;
use parallax_failure::Failure;
use rustix::fs::OFlags;

use crate::progress::say;

/// Held until it is dropped, and by every child that has inherited the file.
pub struct Lock {
    /// The locked file.
    pub file: File,
}

impl Lock {
    /// Takes the lock of the cache in `root`, and waits for another run that has it.
    ///
    /// # Errors
    /// The cache cannot be written.
    pub fn take(root: &Path) -> Result<Self> {
        let hint = || {
            Failure::environment(format!("the cache {} cannot be written", root.display()))
                .hint("set PARALLAX_CACHE to a folder of your own")
        };
        let path = root.join(LOCK);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))
            .with_context(hint)?;
        let cannot_lock = || format!("cannot lock {}", path.display());
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                say(&format!(
                    "waiting: another run is provisioning {}",
                    root.display()
                ));
                file.lock().with_context(cannot_lock)?;
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(cannot_lock).with_context(hint);
            }
        }
        Ok(Self { file })
    }
}
