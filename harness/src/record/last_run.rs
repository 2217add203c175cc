//! The record of a corpus's last run, kept in the cache case by case, so that the next run can take up what failed.
//!
//! Each corpus has a folder of its own there, with the record and the corpus's path.

#![expect(clippy::disallowed_methods, reason = "keeps the last run in the cache")]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Write};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use parallax_cache::{RUNS, Root};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::lines::{Begun, read_begun};
use crate::case::CaseId;
use crate::error::Problem;

/// The record's file in the folder of a corpus.
const RECORD: &str = "last.jsonl";

/// The ids, as a JSON list, of what had failed before the last run and was no part of it.
const EARLIER: &str = "earlier.json";

/// The file that holds the path of the corpus: the folder goes when the corpus has gone.
const CORPUS: &str = "corpus";

/// Where the last run of a corpus is kept.
#[derive(Clone, Debug)]
pub struct LastRun {
    /// The folder of all corpora.
    runs: PathBuf,
    /// Canonical.
    corpus: PathBuf,
}

/// What has failed when it was last run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    pub cases: BTreeSet<CaseId>,
    /// How many cases the last run was to run, and how many more there are that failed before it.
    pub planned: usize,
    pub earlier: usize,
    /// Whether it came to its end.
    pub finished: bool,
}

impl LastRun {
    /// The place for a corpus, by its canonical path, in the user's cache.
    ///
    /// # Errors
    /// There is no cache, or the folder isn't one.
    pub fn of(corpus: &Path) -> Result<Self, Problem> {
        let root = Root::from_environment()?;
        root.claim()?;
        Ok(Self::within(root.folder(RUNS)?, corpus))
    }

    fn within(runs: PathBuf, corpus: &Path) -> Self {
        LastRun {
            runs,
            corpus: corpus.to_owned(),
        }
    }

    fn folder(&self) -> PathBuf {
        let digest = Sha256::digest(self.corpus.as_os_str().as_bytes());
        let hex = digest[..16].iter().map(|byte| format!("{byte:02x}"));
        self.runs.join(hex.collect::<String>())
    }

    /// What failed in the last run: red cases, and those that it has not come to; and what failed before it and was no part of it.
    ///
    /// # Errors
    /// There was no run of this corpus, or its record can't be read.
    pub fn failed(&self) -> Result<Failed, Problem> {
        let run_all = "run once without --only-failed";
        let path = self.folder().join(RECORD);
        let file = File::open(&path).map_err(|error| {
            let corpus = self.corpus.display();
            match error.kind() {
                ErrorKind::NotFound => {
                    Problem::usage(format!("--only-failed: there is no last run of {corpus}"))
                        .hint(run_all)
                }
                _ => Problem::environment(format!("failed to read {}: {error}", path.display()))
                    .hint(run_all),
            }
        })?;
        let begun = read_begun(BufReader::new(file)).map_err(|error| {
            let path = path.display();
            Problem::usage(format!("--only-failed: {path} is no record: {error}")).hint(run_all)
        })?;
        let mut failed = Failed::of(&begun);
        // Without the file, nothing is known of earlier runs.
        let earlier = fs::read(self.folder().join(EARLIER)).unwrap_or_default();
        let earlier: BTreeSet<CaseId> = serde_json::from_slice(&earlier).unwrap_or_default();
        let planned: BTreeSet<&CaseId> = begun.info.cases.iter().collect();
        let earlier = earlier.into_iter().filter(|id| !planned.contains(id));
        let earlier: Vec<CaseId> = earlier.collect();
        failed.earlier = earlier.len();
        failed.cases.extend(earlier);
        Ok(failed)
    }

    /// A place for the lines of the run that begins now. It takes the place of the last one with the first line; what failed earlier and is no part of it is kept.
    pub fn record(self, earlier: BTreeSet<CaseId>) -> Recording {
        Recording {
            place: self,
            earlier,
            state: State::Waiting,
        }
    }
}

impl Failed {
    fn of(begun: &Begun) -> Self {
        let fine = begun.cases.iter().filter(|report| !report.is_red());
        let fine: BTreeSet<&CaseId> = fine.map(|report| &report.id).collect();
        let planned = begun.info.cases.iter();
        Failed {
            cases: planned.filter(|id| !fine.contains(id)).cloned().collect(),
            planned: begun.info.cases.len(),
            earlier: 0,
            finished: begun.summary.is_some(),
        }
    }
}

/// Takes the lines of a run. Without a place to write to, the run goes on all the same, with a warning.
#[derive(Debug)]
pub struct Recording {
    place: LastRun,
    earlier: BTreeSet<CaseId>,
    state: State,
}

#[derive(Debug)]
enum State {
    Waiting,
    /// The file has its name as soon as the first line is in it.
    Unnamed(NamedTempFile),
    Named(File),
    Failed,
}

impl Recording {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        if matches!(self.state, State::Waiting) {
            self.state = State::Unnamed(self.place.begin()?);
        }
        match &mut self.state {
            State::Unnamed(file) => file.write_all(bytes),
            State::Named(file) => file.write_all(bytes),
            State::Waiting | State::Failed => Ok(()),
        }
    }

    fn name(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.state, State::Failed) {
            // Two runs at the same time each write their own file; the one that began last has the name.
            State::Unnamed(file) => {
                // First, as one too many is run again, and one too few is forgotten.
                let mut earlier = self.place.unnamed()?;
                earlier.write_all(serde_json::to_string(&self.earlier)?.as_bytes())?;
                earlier.persist(self.place.folder().join(EARLIER))?;
                self.state = State::Named(file.persist(self.place.folder().join(RECORD))?);
            }
            state => self.state = state,
        }
        Ok(())
    }

    fn go_on(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            eprintln!("warning: the results are not kept for --only-failed: {error}");
            self.state = State::Failed;
        }
    }
}

impl Write for Recording {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let put = self.put(bytes);
        self.go_on(put);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let named = self.name();
        self.go_on(named);
        Ok(())
    }
}

impl LastRun {
    /// Makes the folder and a file that has no name yet.
    fn begin(&self) -> io::Result<NamedTempFile> {
        self.forget_gone();
        let folder = self.folder();
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => fs::write(folder.join(CORPUS), self.corpus.as_os_str().as_bytes())?,
        }
        self.unnamed()
    }

    fn unnamed(&self) -> io::Result<NamedTempFile> {
        tempfile::Builder::new()
            .prefix(".new-")
            .tempfile_in(self.folder())
    }

    /// Removes the folders of corpora that are no more. What can't be looked at stays.
    fn forget_gone(&self) {
        let Ok(entries) = fs::read_dir(&self.runs) else {
            return;
        };
        for folder in entries.flatten().map(|entry| entry.path()) {
            let Ok(corpus) = fs::read(folder.join(CORPUS)) else {
                continue;
            };
            let corpus = PathBuf::from(std::ffi::OsString::from_vec(corpus));
            // Another run may have made the file and not yet written to it.
            let is_known = !corpus.as_os_str().is_empty();
            if is_known && matches!(corpus.try_exists(), Ok(false)) {
                // Another run may remove it at the same time.
                let _ = fs::remove_dir_all(&folder);
            }
        }
    }
}

#[cfg(test)]
#[path = "last_run_tests.rs"]
mod tests;
