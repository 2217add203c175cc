//! A folder that holds other things is not taken for a cache, by whichever verb it is given to.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What is below a folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("lists");
            open.extend(entries.map(|entry| entry.expect("is an entry").path()));
        }
        found.push(path);
    }
    found.sort();
    found
}

#[test]
fn every_verb_that_needs_the_cache_refuses_a_folder_with_other_things() {
    for verb in [
        ["provision"].as_slice(),
        &["provision", "--clean"],
        &["build"],
        &["verify"],
        &["doctor"],
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["tmp", "downloads", "logs", "compiled"] {
            let photos = folder.path().join(name);
            std::fs::create_dir(&photos).expect("is made");
            std::fs::write(photos.join("summer.png"), "photo").expect("is written");
        }
        let before = entries(folder.path());
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(verb)
            .env("PARALLAX_CACHE", folder.path())
            .output()
            .expect("starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{verb:?}: {said}");
        let place = folder.path().display().to_string();
        for part in [&place, "is not a cache of Parallax", "hint: "] {
            assert!(said.contains(part), "{verb:?}: {part} in {said}");
        }
        assert_eq!(entries(folder.path()), before, "{verb:?}");
    }
}
