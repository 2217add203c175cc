//! Compiled modules on disk, keyed by everything that compiling depends on.

use std::fs;
use std::hash::{Hash as _, Hasher};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use wasmtime::{Engine, Module};

use crate::error::Problem;

/// The compiled form of a module, from the cache or made now and kept.
///
/// # Errors
/// The bytes are no WebAssembly module that this engine takes.
pub fn load(engine: &Engine, wasm: &[u8], origin: &Path) -> Result<Module, Problem> {
    cached(engine, &[wasm], || {
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
    engine: &Engine,
    parts: &[&[u8]],
    make: impl FnOnce() -> Result<Module, Problem>,
) -> Result<Module, Problem> {
    let path = directory().map(|directory| directory.join(format!("{}.cwasm", key(engine, parts))));
    if let Some(module) = path.as_deref().and_then(|path| read(engine, path)) {
        return Ok(module);
    }
    let module = make()?;
    if let Some(path) = path
        && let Err(error) = write(&module, &path)
    {
        // Without the cache everything still works, only slower.
        eprintln!(
            "warning: failed to keep the compiled module as {}: {error}",
            path.display()
        );
    }
    Ok(module)
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

const DIGEST: usize = 32;

/// A file of the cache: the SHA-256 of the compiled code, then the code. Anything that isn't whole and ours is not there.
fn read(engine: &Engine, path: &Path) -> Option<Module> {
    let meta = fs::symlink_metadata(path).ok()?;
    let ours = meta.is_file()
        && meta.uid() == rustix::process::geteuid().as_raw()
        && meta.mode() & 0o022 == 0;
    if !ours {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    let (digest, code) = bytes.split_at_checked(DIGEST)?;
    if Sha256::digest(code).as_slice() != digest {
        return None;
    }
    // SAFETY: loading compiled code trusts it. The file is named after this very module, engine and configuration, belongs to the user who runs this, can't be written by others, and is whole by its digest; `write` is all that makes such files.
    unsafe { Module::deserialize(engine, code) }.ok()
}

fn write(module: &Module, path: &Path) -> std::io::Result<()> {
    let code = module.serialize().map_err(std::io::Error::other)?;
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    // Written aside and renamed, so that a reader sees a whole file or none.
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(&Sha256::digest(&code))?;
    file.write_all(&code)?;
    file.persist(path)?;
    Ok(())
}
