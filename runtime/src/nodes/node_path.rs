//! Finds the module of a class that a manifest names without one.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;

use super::host::unknown;
use super::node::Blueprint;
use crate::outcome::{Failure, Kind};

/// The directories that `PARALLAX_NODE_PATH` lists, separated by colons on every target.
pub fn directories() -> Vec<PathBuf> {
    match std::env::var("PARALLAX_NODE_PATH") {
        Ok(list) => list
            .split(':')
            .filter(|part| !part.is_empty())
            .map(PathBuf::from)
            .collect(),
        Err(_) => Vec::new(),
    }
}

fn python_files(directories: &[PathBuf]) -> impl Iterator<Item = PathBuf> {
    let entries = directories
        .iter()
        .filter_map(|path| fs::read_dir(path).ok());
    entries
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension() == Some(OsStr::new("py")))
}

/// Completes a bare class name to `module:Class`; a name with a colon stays as it is.
///
/// Python isn't needed for it, so a manifest with an unknown node is refused without starting an interpreter.
///
/// # Errors
/// [`Kind::Manifest`] if no module, or more than one, defines the class.
pub fn complete(blueprint: &Blueprint, directories: &[PathBuf]) -> Result<String, Failure> {
    let name = &blueprint.node_type;
    if name.contains(':') {
        return Ok(name.clone());
    }
    let mut modules = Vec::new();
    for path in python_files(directories) {
        let (Some(stem), Ok(source)) = (path.file_stem(), fs::read(&path)) else {
            continue;
        };
        if defines_class(&source, name) {
            modules.push(stem.to_string_lossy().into_owned());
        }
    }
    // The order in which a directory lists its files is the file system's own.
    modules.sort();
    match modules.as_slice() {
        [module] => Ok(format!("{module}:{name}")),
        [] => Err(unknown(blueprint, "no module in the node path defines it")),
        several => Err(Failure::new(
            Kind::Manifest,
            format!(
                "node `{}`: {name:?} is defined by several modules ({}); write module:{name}",
                blueprint.id,
                several.join(", "),
            ),
        )
        .at(&blueprint.id)),
    }
}

fn defines_class(source: &[u8], name: &str) -> bool {
    source.split(|&byte| byte == b'\n').any(|line| {
        line.strip_prefix(b"class ")
            .and_then(|rest| rest.strip_prefix(name.as_bytes()))
            .is_some_and(|rest| matches!(rest.first(), Some(b'(' | b':' | b' ' | b'[')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_name_of_a_top_level_class_counts() {
        let source = b"import x\nclass Word(Base):\n    class Inner: pass\nclass Generic[T]:\n";
        for (name, expected) in [
            ("Word", true),
            ("Generic", true),
            ("Wor", false),
            ("Inner", false),
            ("x", false),
        ] {
            assert_eq!(defines_class(source, name), expected, "{name}");
        }
    }
}
