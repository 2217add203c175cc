//! Which CPython: its version in the forms that file names use, and the native one's program.

use std::path::PathBuf;

/// "3.13.5" without its last number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PythonVersion {
    /// "3.13"
    pub dotted: String,
    /// "313"
    pub joined: String,
}

impl PythonVersion {
    /// From "3.13.5" or "3.13".
    pub fn of(full: &str) -> Self {
        let parts: Vec<&str> = full.split('.').take(2).collect();
        Self {
            dotted: parts.join("."),
            joined: parts.concat(),
        }
    }
}

/// The native CPython, built or about to be.
#[derive(Clone, Debug)]
pub struct NativePython {
    /// Where it is installed.
    pub prefix: PathBuf,
    /// Its version.
    pub version: PythonVersion,
}

impl NativePython {
    /// The interpreter.
    pub fn program(&self) -> PathBuf {
        self.prefix
            .join(format!("bin/python{}", self.version.dotted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_split_for_file_names() {
        let version = PythonVersion::of("3.13.5");
        assert_eq!(
            (version.dotted.as_str(), version.joined.as_str()),
            ("3.13", "313")
        );
        assert_eq!(PythonVersion::of("3.13"), version);
    }
}
