//! `build.json`: where the executors are and what they are made of. The harness reads it, so changing its shape changes both.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use parallax_provision::files;
use serde::{Deserialize, Serialize};

/// Everything the harness needs to know about a build; all paths are absolute.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildRecord {
    /// Whether nothing was left out or replaced, so that every case of the corpus can run on both legs.
    #[serde(rename = "default")]
    pub is_default: bool,
    /// The native executor.
    pub native: Native,
    /// The WebAssembly executor.
    pub wasm: Wasm,
    /// Both executors' versions together.
    pub toolchain: Names,
    /// Sizes in bytes.
    pub sizes: Sizes,
    /// Seconds of the last build that had something to do.
    pub build_seconds: BuildSeconds,
}

/// Names and versions, in a fixed order.
pub type Names = serde_json::Map<String, serde_json::Value>;

/// The native executor.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Native {
    /// The program.
    pub program: PathBuf,
    /// Where its Python has its library, and where packages are, if there are any; cases see both paths.
    pub library: PathBuf,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packages: Option<PathBuf>,
    /// The hash of its bytes, in hexadecimal.
    pub sha256: String,
    /// What it is made of.
    pub versions: Names,
}

/// The WebAssembly executor.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wasm {
    /// The module that legs run.
    pub module: PathBuf,
    /// The hash of its bytes, in hexadecimal.
    pub sha256: String,
    /// What it is made of.
    pub versions: Names,
    /// The folders that it reads.
    pub dirs: Vec<Directory>,
}

/// A folder of the host, read-only in the guest.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// Where it is.
    pub host: PathBuf,
    /// Where the guest sees it.
    pub guest: String,
}

/// Sizes in bytes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sizes {
    /// The module as linked, with names.
    pub wasm: u64,
    /// The module that legs run.
    pub wasm_stripped: u64,
    /// The static library that is linked into it.
    pub libpython: u64,
    /// The standard library that it reads.
    pub stdlib: u64,
    /// The packages besides the standard library, such as numpy; 0 without any.
    pub site: u64,
    /// What a user has to ship: the stripped module and the files that it reads.
    pub total: u64,
}

/// Seconds that cargo took; `null` where cargo was run by hand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildSeconds {
    /// The native executor.
    pub native: Option<f64>,
    /// The WebAssembly executor.
    pub wasm: Option<f64>,
    /// The harness.
    pub harness: Option<f64>,
}

impl BuildRecord {
    /// Reads what a build has written.
    ///
    /// # Errors
    /// The file is missing, or was written by another version.
    pub fn load(path: &Path) -> Result<Self> {
        serde_json::from_str(&files::read_text(path)?)
            .with_context(|| format!("{} is not a build's record", path.display()))
    }

    /// The seconds of an earlier record, kept for the parts that cargo did not rebuild; none if there is no such record.
    pub fn earlier_seconds(path: &Path) -> BuildSeconds {
        Self::load(path)
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
        files::write_atomic(path, (text + "\n").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(build_seconds: BuildSeconds) -> BuildRecord {
        BuildRecord {
            is_default: true,
            native: Native {
                program: "/t/native".into(),
                library: "/t/lib".into(),
                packages: None,
                sha256: "aa".into(),
                versions: [("rustc".to_owned(), "1".into())].into_iter().collect(),
            },
            wasm: Wasm {
                module: "/t/guest.wasm".into(),
                sha256: "bb".into(),
                versions: [("clang".to_owned(), "2".into())].into_iter().collect(),
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
            "{\"default\":true,\
             \"native\":{\"program\":\"/t/native\",\"library\":\"/t/lib\",\"sha256\":\"aa\",\"versions\":{\"rustc\":\"1\"}},\
             \"wasm\":{\"module\":\"/t/guest.wasm\",\"sha256\":\"bb\",\"versions\":{\"clang\":\"2\"},\"dirs\":[{\"host\":\"/deps/usr\",\"guest\":\"/usr\"}]},\
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
