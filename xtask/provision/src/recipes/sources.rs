//! The sources of CPython and zlib, unpacked, without what would have Python read the machine's files
//! and with the same limits of nesting for both targets.

use std::path::{Path, PathBuf};

use anyhow::Result;
use parallax_failure::Failure;

use super::Recipe;
use crate::fetch::Fetcher;
use crate::files;
use crate::pins::Pins;
use crate::process::hermetic;
use crate::store::{Cache, Context, Key, Step};

const ROWS: [&str; 2] = ["cpython", "zlib"];

/// Where `mimetypes` has the list of the machine's files that it reads, and how the list begins and ends.
const MIME_TYPES: [&str; 3] = ["Lib/mimetypes.py", "knownfiles = [", "]"];

/// File, text, replacement: how deep C code and the parser may go, where CPython lets WASI go less deep than Linux.
///
/// CPython assumes the small stack that hosts give by default; ours is large enough for the limits of Linux.
const DEPTHS: [[&str; 3]; 3] = [
    [
        "Include/cpython/pystate.h",
        "#  define Py_C_RECURSION_LIMIT 5000\n",
        "#  define Py_C_RECURSION_LIMIT 10000\n",
    ],
    [
        "Parser/parser.c",
        "#    define MAXSTACK 4000\n",
        "#    define MAXSTACK 6000\n",
    ],
    [
        "Python/marshal.c",
        "#elif defined(__wasi__)\n#  define MAX_MARSHAL_STACK_DEPTH 1500\n",
        "#elif defined(__wasi__)\n#  define MAX_MARSHAL_STACK_DEPTH 2000\n",
    ],
];

/// Fetches and unpacks both.
#[derive(Debug)]
pub struct UnpackSources {
    step: Step,
    /// Where they are once the step is done.
    pub sources: Sources,
}

/// The unpacked sources.
#[derive(Clone, Debug)]
pub struct Sources {
    /// `Python-3.13.5/`
    pub cpython: PathBuf,
    /// `zlib-1.3.1/`
    pub zlib: PathBuf,
}

impl UnpackSources {
    /// The recipe.
    ///
    /// # Errors
    /// The pin file lacks a row.
    pub fn new(cache: &Cache, pins: &Pins) -> Result<Self, Failure> {
        let mut key = Key::new("sources", "rev 3: tar -x; no files of mime types; depths");
        for edit in DEPTHS.as_flattened() {
            key = key.with("edit", *edit);
        }
        for row in ROWS {
            key = key.input(pins.get(row)?);
        }
        let step = Step::new(cache, "sources", key);
        let [cpython, zlib] = ROWS.map(|row| pins.get(row).map(|pin| &pin.version));
        let sources = Sources {
            cpython: step.dir.join(format!("Python-{}", cpython?)),
            zlib: step.dir.join(format!("zlib-{}", zlib?)),
        };
        Ok(Self { step, sources })
    }
}

impl Recipe for UnpackSources {
    fn step(&self) -> &Step {
        &self.step
    }

    fn rows(&self) -> &'static [&'static str] {
        &ROWS
    }

    fn run(&self, ctx: &mut Context<'_>, fetcher: &mut Fetcher<'_>) -> Result<()> {
        for row in ROWS {
            let archive = fetcher.file(ctx, row)?;
            let mut tar = hermetic("tar");
            tar.arg("-xf")
                .arg(&archive)
                .arg("-C")
                .arg(&ctx.out)
                .arg("--no-same-owner");
            ctx.runner
                .run(&mut tar, &format!("unpack {}", archive.display()))?;
        }
        let unpacked = self.sources.cpython.file_name().unwrap_or_default();
        let unpacked = ctx.out.join(unpacked);
        read_no_mime_types(&unpacked)?;
        DEPTHS
            .iter()
            .try_for_each(|[file, text, instead]| replace(&unpacked.join(file), text, instead))
    }
}

/// Replaces a text that stands exactly once in a file.
fn replace(path: &Path, text: &str, instead: &str) -> Result<()> {
    let whole = files::read_text(path)?;
    match whole.match_indices(text).count() {
        1 => files::write_atomic(path, whole.replace(text, instead).as_bytes()),
        count => Err(Failure::environment(format!(
            "{} has `{}` {count} times instead of once",
            path.display(),
            text.trim()
        ))
        .into()),
    }
}

/// Empties the list of the machine's files in which `mimetypes` looks for types: they are others on each machine.
fn read_no_mime_types(cpython: &Path) -> Result<()> {
    let [file, begin, end] = MIME_TYPES;
    let path = cpython.join(file);
    let text = files::read_text(&path)?;
    let parts = text.split_once(begin).and_then(|(before, list)| {
        let (_, after) = list.split_once(end)?;
        Some([before, begin, end, after].concat())
    });
    let Some(text) = parts else {
        return Err(Failure::environment(format!("{} has no `{begin}`", path.display())).into());
    };
    files::write_atomic(&path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_files_is_emptied_and_its_lack_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(MIME_TYPES[0]);
        let write = |text: &str| files::write_atomic(&path, text.as_bytes()).expect("is written");
        write("a = 1\nknownfiles = [\n    \"/etc/x\",\n    ]\nb = []\n");
        read_no_mime_types(folder.path()).expect("has the list");
        let text = std::fs::read_to_string(&path).expect("is there");
        assert_eq!(text, "a = 1\nknownfiles = []\nb = []\n");
        write("a = 1\n");
        assert!(read_no_mime_types(folder.path()).is_err());
    }

    #[test]
    fn a_text_is_replaced_only_where_it_stands_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("limits.h");
        let write = |text: &str| files::write_atomic(&path, text.as_bytes()).expect("is written");
        write("#define A 1\n#define B 1\n");
        replace(&path, "A 1", "A 2").expect("stands once");
        let text = std::fs::read_to_string(&path).expect("is there");
        assert_eq!(text, "#define A 2\n#define B 1\n");
        assert!(replace(&path, "#define", "#undef").is_err());
        assert!(replace(&path, "C 1", "C 2").is_err());
        let after = std::fs::read_to_string(&path).expect("is there");
        assert_eq!(text, after);
    }
}
