//! The channel by which our own executors answer: a named pipe for each case, so that standard output is the case's.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{CWD, Mode, OFlags, mkfifoat, open};
use tempfile::TempDir;

use crate::error::Problem;

/// Where an executor's pipes are made.
pub struct ResultPipes {
    directory: TempDir,
    made: AtomicU64,
}

impl ResultPipes {
    /// Makes a directory for them.
    ///
    /// # Errors
    /// There is no room for one.
    pub fn new() -> Result<Self, Problem> {
        let directory = tempfile::Builder::new()
            .prefix("parallax-results-")
            .tempdir()
            .map_err(|error| {
                Problem::environment(format!("failed to make a directory for results: {error}"))
                    .hint("set TMPDIR to a directory that can be written and has room")
            })?;
        Ok(ResultPipes {
            directory,
            made: AtomicU64::new(0),
        })
    }

    /// Makes a pipe for one case.
    ///
    /// # Errors
    /// The file system knows no named pipes, or is full.
    pub fn make(&self) -> io::Result<ResultPipe> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let path = self.directory.path().join(number.to_string());
        mkfifoat(CWD, &path, Mode::RUSR | Mode::WUSR)?;
        // Removed also where it can't be opened.
        let name = Name(path);
        // Without waiting for the other end.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let reader = open(&name.0, flags, Mode::empty())?;
        Ok(ResultPipe { name, reader })
    }
}

/// Why there is no pipe, and what to do about it.
pub fn failed(error: io::Error) -> Problem {
    Problem::environment(format!("failed to make a pipe for a result: {error}"))
        .hint("set TMPDIR to a directory whose file system has named pipes")
}

/// A named pipe, gone when this is dropped.
pub struct ResultPipe {
    name: Name,
    reader: OwnedFd,
}

impl ResultPipe {
    /// What an executor opens to write to.
    pub fn path(&self) -> &Path {
        &self.name.0
    }

    /// The end to read from, and what keeps the name for as long as somebody may open it.
    pub fn into_reader(self) -> (OwnedFd, Name) {
        (self.reader, self.name)
    }
}

/// A file's name, removed when this is dropped.
pub struct Name(PathBuf);

impl Drop for Name {
    fn drop(&mut self) {
        // The directory goes with the executor, and this with it.
        let _ = std::fs::remove_file(&self.0);
    }
}
