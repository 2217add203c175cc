//! The folder that outlives a checkout: where it is, and that it is Parallax's own.
//!
//! Parallax removes files from its cache without asking, so a folder becomes a cache only while it is empty.
//! It is marked then, and a folder that holds anything and has no mark is refused and left as it is.

mod mark;
mod names;
mod older;

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use parallax_failure::Failure;

pub use names::{COMPILED, LOCK, OWN, RECORD, RUNS, is_step};

/// The variable that chooses the place.
pub const VARIABLE: &str = "PARALLAX_CACHE";

/// A folder that is, or may become, a cache.
#[derive(Clone, Debug)]
pub struct Root {
    path: PathBuf,
}

/// What is at the place.
#[derive(Debug)]
enum Found {
    Nothing,
    /// A folder without entries, or with an unfinished mark as its only one.
    Empty,
    Marked,
    /// A cache of an older version, which made no marks.
    Older,
}

impl Root {
    /// Where the user wants it: `PARALLAX_CACHE`, else `parallax` in the user's cache directory.
    ///
    /// # Errors
    /// There is no such place (exit code 3), or the variable holds no path (exit code 2).
    pub fn from_environment() -> Result<Self, Failure> {
        let set = |name: &str| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        if let Some(path) = set(VARIABLE) {
            return std::path::absolute(&path)
                .map(|path| Self { path })
                .map_err(|error| {
                    Failure::usage(format!("{VARIABLE}={}: {error}", path.display()))
                });
        }
        let absolute = |name: &str| set(name).filter(|path| path.is_absolute());
        let base =
            absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
        match base {
            Some(base) => Ok(Self {
                path: base.join("parallax"),
            }),
            None => Err(Failure::environment(format!(
                "neither {VARIABLE} nor HOME is set, so there is no place for the cache"
            ))
            .hint(format!("set {VARIABLE} to a folder with 2 GB of space"))),
        }
    }

    /// A cache at an absolute path.
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Fails if the folder is not Parallax's and can't become so. Writes nothing.
    ///
    /// # Errors
    /// The folder holds other things, or a cache of another format (exit code 2); or it can't be read (exit code 3).
    pub fn check(&self) -> Result<(), Failure> {
        self.look().map(|_| ())
    }

    /// Makes the folder a cache, unless it is one. Only this entitles to write into it, and to remove from it.
    ///
    /// # Errors
    /// As for [`Root::check`]; or the folder can't be made or marked (exit code 3).
    pub fn claim(&self) -> Result<(), Failure> {
        if matches!(self.look()?, Found::Marked) {
            return Ok(());
        }
        let cannot = |what: &str| {
            let path = self.path.display();
            let message = format!("cannot {what} the cache {path}");
            move |error: io::Error| {
                Failure::environment(format!("{message}: {error}"))
                    .hint(format!("set {VARIABLE} to a folder that you can write to"))
            }
        };
        fs::create_dir_all(&self.path).map_err(cannot("create"))?;
        // The lock is on the folder itself, because a file for it would be an entry without a mark.
        // Two first runs take turns, and the second one finds the mark of the first.
        let folder = File::open(&self.path).map_err(cannot("open"))?;
        folder.lock().map_err(cannot("lock"))?;
        match self.look()? {
            Found::Marked => Ok(()),
            Found::Nothing | Found::Empty | Found::Older => {
                mark::write(&self.path).map_err(cannot("mark"))
            }
        }
    }

    /// A folder directly below the root, made where it is missing; the root must have been claimed.
    ///
    /// # Errors
    /// It is a link, or no folder (exit code 2): what is removed in it would be removed elsewhere. Or it can't be made.
    pub fn folder(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.path.join(name);
        match fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_dir() => Ok(path),
            Ok(_) => Err(
                Failure::usage(format!("{} is not a folder of its own", path.display()))
                    .hint("remove it: the cache makes its folders itself, and follows no links"),
            ),
            Err(error) if error.kind() == ErrorKind::NotFound => match fs::create_dir(&path) {
                // Another run may have been quicker.
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    Err(cannot_write(&path, &error))
                }
                _ => Ok(path),
            },
            Err(error) => Err(cannot_write(&path, &error)),
        }
    }

    fn look(&self) -> Result<Found, Failure> {
        for _ in 0..2 {
            match mark::read(&self.path) {
                Ok(mark::Mark::Ours(mark::FORMAT)) => return Ok(Found::Marked),
                Ok(mark::Mark::Ours(format)) => return Err(self.other_format(format)),
                Ok(mark::Mark::Foreign) => return Err(self.foreign(mark::FILE)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(self.unreadable(&error)),
            }
            let entries = match entries(&self.path) {
                Ok(entries) => entries,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
                Err(error) => return Err(self.unreadable(&error)),
            };
            let mut named = entries.iter().filter_map(|path| path.file_name());
            // Another first run has marked the folder since it was asked for the mark.
            if named.any(|name| name == mark::FILE) {
                continue;
            }
            let mut other = entries.iter().filter(|path| !path.ends_with(mark::NEW));
            let Some(example) = other.next() else {
                return Ok(Found::Empty);
            };
            if older::is_cache(&self.path, &entries) {
                return Ok(Found::Older);
            }
            let name = example.file_name().unwrap_or_default();
            return Err(self.foreign(&name.to_string_lossy()));
        }
        Err(self.foreign(mark::FILE))
    }

    fn foreign(&self, example: &str) -> Failure {
        Failure::usage(format!(
            "{} is not a cache of Parallax: it holds other things ({example})",
            self.path.display()
        ))
        .hint(format!(
            "set {VARIABLE} to a folder that is empty or does not exist; nothing in this one was changed, \
             and you can remove it if an older version of Parallax made it"
        ))
    }

    fn other_format(&self, format: u32) -> Failure {
        Failure::usage(format!(
            "{} is a cache of format {format}, and this version of Parallax has format {}",
            self.path.display(),
            mark::FORMAT
        ))
        .hint(format!(
            "set {VARIABLE} to another folder, or remove this one: all that it holds can be made again"
        ))
    }

    fn unreadable(&self, error: &io::Error) -> Failure {
        let path = self.path.display();
        match error.kind() {
            ErrorKind::NotADirectory => Failure::usage(format!("{path} is not a folder")).hint(
                format!("set {VARIABLE} to a folder that is empty or does not exist"),
            ),
            _ => Failure::environment(format!("cannot read the cache {path}: {error}"))
                .hint(format!("set {VARIABLE} to a folder of your own")),
        }
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::environment(format!("cannot create {}: {error}", path.display()))
        .hint(format!("set {VARIABLE} to a folder that you can write to"))
}

/// What is in a folder, in the order of the names.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut paths = paths.collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests;
