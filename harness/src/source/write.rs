//! Files of a corpus are replaced as a whole or not at all: whoever is killed or finds the disk full loses nothing.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::error::Problem;

/// Writes beside the corpus's own files and renames.
///
/// # Errors
/// Names the file; what it was is still there.
pub fn replace(root: &Path, path: &Path, text: &str) -> Result<(), Problem> {
    try_replace(root, path, text).map_err(|error| failed("write", path, &error))
}

fn try_replace(root: &Path, path: &Path, text: &str) -> io::Result<()> {
    // What a link names is replaced, and not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mode = fs::metadata(&path).map_or(0o666, |metadata| metadata.permissions().mode());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // Not beside the file: what is left in `manifests` by whoever is killed would be taken for a manifest.
    let mut file = tempfile::Builder::new()
        .prefix(".parallax-")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(root)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Removes a file.
///
/// # Errors
/// Names the file.
pub fn remove(path: &Path) -> Result<(), Problem> {
    fs::remove_file(path).map_err(|error| failed("remove", path, &error))
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Problem {
    Problem::environment(format!("failed to {what} {}: {error}", path.display()))
        .hint("check that there is room and that you may write there; nothing was lost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_keeps_its_mode() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b.toml");
        replace(root.path(), &path, "one").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        replace(root.path(), &path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
        let left: Vec<_> = fs::read_dir(root.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn what_can_not_be_written_stays_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a.toml");
        replace(root.path(), &path, "one").unwrap();
        let nowhere = root.path().join("missing");
        let error = replace(&nowhere, &path, "two").unwrap_err().to_string();
        assert!(error.contains("failed to write"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
    }
}
