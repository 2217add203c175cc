//! `build.json`: where the executors are and what they are made of. The harness reads it, so its shape is a contract.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::fs_util;

/// Everything the harness needs to know about a build; all paths are absolute.
#[derive(Debug, Serialize)]
pub struct BuildRecord {
    /// The native executor.
    pub native: Native,
    /// The WebAssembly executor.
    pub wasm: Wasm,
    /// Names and versions, in a fixed order.
    pub toolchain: serde_json::Map<String, serde_json::Value>,
    /// Bytes.
    pub sizes: Sizes,
    /// Seconds of the last build that had something to do.
    pub build_seconds: BuildSeconds,
}

/// The native executor.
#[derive(Debug, Serialize)]
pub struct Native {
    /// The program.
    pub program: PathBuf,
}

/// The WebAssembly executor.
#[derive(Debug, Serialize)]
pub struct Wasm {
    /// The module that legs run.
    pub module: PathBuf,
    /// What it must be given to read.
    pub dirs: Vec<Directory>,
}

/// A folder of the host, read-only in the guest.
#[derive(Debug, Serialize)]
pub struct Directory {
    /// Where it is.
    pub host: PathBuf,
    /// Where the guest sees it.
    pub guest: String,
}

/// Sizes in bytes.
#[derive(Debug, Serialize)]
pub struct Sizes {
    /// The module as linked, with names.
    pub wasm: u64,
    /// The module that legs run.
    pub wasm_stripped: u64,
    /// The static library that is linked into it.
    pub libpython: u64,
    /// The standard library that it reads.
    pub stdlib: u64,
    /// The packages beyond it, numpy above all; 0 without any.
    pub site: u64,
    /// What has to be shipped: the stripped module and what it reads.
    pub total: u64,
}

/// Seconds that cargo took; `null` where the build was not seen, as when it was made by hand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BuildSeconds {
    /// The native executor.
    pub native: Option<f64>,
    /// The WebAssembly executor.
    pub wasm: Option<f64>,
    /// The harness.
    pub harness: Option<f64>,
}

#[derive(Deserialize)]
struct WireEarlier {
    build_seconds: BuildSeconds,
}

impl BuildRecord {
    /// The seconds of an earlier record, kept for the parts that cargo did not rebuild.
    pub fn earlier_seconds(path: &Path) -> BuildSeconds {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        serde_json::from_str::<WireEarlier>(&text)
            .map(|earlier| earlier.build_seconds)
            .unwrap_or_default()
    }

    /// Writes the file whole.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self)
            .context("cannot write the build's record as JSON")?;
        fs_util::write_atomic(path, (text + "\n").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(build_seconds: BuildSeconds) -> BuildRecord {
        BuildRecord {
            native: Native {
                program: "/t/native".into(),
            },
            wasm: Wasm {
                module: "/t/guest.wasm".into(),
                dirs: vec![Directory {
                    host: "/deps/usr".into(),
                    guest: "/usr".into(),
                }],
            },
            toolchain: [
                ("rustc".to_owned(), "1".into()),
                ("clang".to_owned(), "2".into()),
            ]
            .into_iter()
            .collect(),
            sizes: Sizes {
                wasm: 5,
                wasm_stripped: 4,
                libpython: 3,
                stdlib: 2,
                site: 1,
                total: 7,
            },
            build_seconds,
        }
    }

    #[test]
    fn the_shape_is_the_contract() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("parallax/build.json");
        record(BuildSeconds {
            native: Some(1.5),
            wasm: None,
            harness: Some(2.0),
        })
        .write(&path)
        .expect("is written");
        let text = std::fs::read_to_string(&path).expect("is there");
        let flat: String = text.split_whitespace().collect();
        assert_eq!(
            flat,
            "{\"native\":{\"program\":\"/t/native\"},\
             \"wasm\":{\"module\":\"/t/guest.wasm\",\"dirs\":[{\"host\":\"/deps/usr\",\"guest\":\"/usr\"}]},\
             \"toolchain\":{\"rustc\":\"1\",\"clang\":\"2\"},\
             \"sizes\":{\"wasm\":5,\"wasm_stripped\":4,\"libpython\":3,\"stdlib\":2,\"site\":1,\"total\":7},\
             \"build_seconds\":{\"native\":1.5,\"wasm\":null,\"harness\":2.0}}"
        );
        assert_eq!(BuildRecord::earlier_seconds(&path).native, Some(1.5));
    }

    #[test]
    fn a_missing_or_damaged_record_gives_no_seconds() {
        assert_eq!(
            BuildRecord::earlier_seconds(Path::new("/no/such/file")),
            BuildSeconds::default()
        );
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "{\"build_seconds\": 7}").expect("is written");
        assert_eq!(
            BuildRecord::earlier_seconds(file.path()),
            BuildSeconds::default()
        );
    }
}
