//! The sources of CPython and zlib, unpacked, without what would have Python read the machine's files.

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
        let mut key = Key::new("sources", "rev 2: tar -x; no files of mime types");
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
        read_no_mime_types(&ctx.out.join(unpacked))
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
}
