//! Compiled modules on disk, keyed by everything that compiling depends on.

use std::fs;
use std::hash::{Hash as _, Hasher};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use sha2::{Digest as _, Sha256};
use wasmtime::{Engine, Module};

use crate::error::Problem;

/// A directory of compiled modules; none where there is no place for one.
pub struct Cache(Option<PathBuf>);

impl Cache {
    /// The user's.
    pub fn of_user() -> Self {
        Cache(directory())
    }

    /// The compiled form of a module, from the cache or made now and kept.
    ///
    /// # Errors
    /// The bytes are no WebAssembly module that this engine takes.
    pub fn load(&self, engine: &Engine, wasm: &[u8], origin: &Path) -> Result<Module, Problem> {
        self.cached(engine, &[wasm], || {
            Module::new(engine, wasm).map_err(|error| {
                Problem::usage(format!(
                    "{} is not a module that can run: {error:#}",
                    origin.display()
                ))
                .hint("--wasm takes a WASI preview 1 command: a core module, no component")
            })
        })
    }

    /// What `make` makes of `parts`, from the cache or made now and kept.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn cached(
        &self,
        engine: &Engine,
        parts: &[&[u8]],
        make: impl FnOnce() -> Result<Module, Problem>,
    ) -> Result<Module, Problem> {
        let Some(directory) = &self.0 else {
            return make();
        };
        let key = key(engine, parts);
        let path = directory.join(format!("{key}.cwasm"));
        if let Some(module) = read(engine, &path, &key) {
            return Ok(module);
        }
        let module = make()?;
        if let Err(error) = write(&module, &path, &key) {
            // Without the cache everything still works, only slower.
            eprintln!(
                "warning: failed to keep the compiled module as {}: {error}",
                path.display()
            );
        }
        Ok(module)
    }
}

/// The cache that provisioning uses, too; none where there is no place for one.
fn directory() -> Option<PathBuf> {
    let from = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty());
    let root = from("PARALLAX_CACHE").map(PathBuf::from).or_else(|| {
        let base = from("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| from("HOME").map(|home| Path::new(&home).join(".cache")))?;
        Some(base.join("parallax"))
    })?;
    Some(root.join("compiled"))
}

fn key(engine: &Engine, parts: &[&[u8]]) -> String {
    /// Feeds what wasmtime says of its version, configuration and machine to the same hash as the module.
    struct Feed(Sha256);
    impl Hasher for Feed {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut feed = Feed(Sha256::new());
    feed.0.update(FORMAT);
    engine.precompile_compatibility_hash().hash(&mut feed);
    for part in parts {
        // With its length, so that no two lists of parts are the same bytes.
        feed.0.update((part.len() as u64).to_le_bytes());
        feed.0.update(part);
    }
    hex(&feed.0.finalize())
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

const SEAL: usize = 32;

/// How a file of the cache is laid out: another layout has other names, so that two versions don't undo each other's work.
const FORMAT: &[u8] = b"seal, then code";

/// What tells that code is whole and what its file's name says: without the name, one module's file would pass as another's.
fn seal(key: &str, code: &[u8]) -> impl AsRef<[u8]> {
    Sha256::new()
        .chain_update(key)
        .chain_update(code)
        .finalize()
}

/// A file of the cache: the seal, then the compiled code. Anything that isn't whole and ours is not there.
fn read(engine: &Engine, path: &Path, key: &str) -> Option<Module> {
    // Looked at and read through one descriptor, so that nothing is swapped in between; a pipe or a link is no file of ours.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let mut file = fs::File::options()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
        .ok()?;
    let meta = file.metadata().ok()?;
    let ours = meta.is_file()
        && meta.uid() == rustix::process::geteuid().as_raw()
        && meta.mode() & 0o022 == 0;
    if !ours {
        return None;
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).ok()?;
    let (sealed, code) = bytes.split_at_checked(SEAL)?;
    if seal(key, code).as_ref() != sealed {
        return None;
    }
    // SAFETY: loading compiled code trusts it. The file is named after this very module, engine and configuration, belongs to the user who runs this, can't be written by others, and is whole by its seal; `write` is all that makes such files.
    unsafe { Module::deserialize(engine, code) }.ok()
}

fn write(module: &Module, path: &Path, key: &str) -> std::io::Result<()> {
    let code = module.serialize().map_err(std::io::Error::other)?;
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    // Written aside and renamed, so that a reader sees a whole file or none.
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(seal(key, &code).as_ref())?;
    file.write_all(&code)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
#[path = "module_cache_tests.rs"]
mod tests;
