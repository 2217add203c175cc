//! Compiled modules and snapshots on disk, keyed by everything that making them depends on.

use std::ffi::OsStr;
use std::fs;
use std::hash::{Hash as _, Hasher};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::SystemTime;

use parallax_cache::{COMPILED, Root};
use rustix::fs::OFlags;
use sha2::{Digest as _, Sha256};
use wasmtime::{Engine, Module};

use crate::error::Problem;

/// A directory of what takes long to make; none where there is no place for one.
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
        let kind = Kind {
            name: "cwasm",
            // SAFETY: loading compiled code trusts it. The bytes were kept for this very module, engine and configuration, in a file that belongs to the user who runs this, that others can't write to, and that is whole by its seal; `write` is all that makes such files.
            read: |code: Vec<u8>| unsafe { Module::deserialize(engine, code) }.ok(),
            write: |module: &Module| module.serialize().map_err(std::io::Error::other),
        };
        self.cached(&key(engine, &[wasm]), kind, || {
            Module::new(engine, wasm).map_err(|error| {
                Problem::usage(format!(
                    "{} is not a module that can run: {error:#}",
                    origin.display()
                ))
                .hint("--wasm takes a WASI preview 1 command: a core module, no component")
            })
        })
    }

    /// What `make` makes, from the cache or made now and kept.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn cached<T>(
        &self,
        key: &str,
        kind: Kind<impl FnOnce(Vec<u8>) -> Option<T>, impl FnOnce(&T) -> std::io::Result<Vec<u8>>>,
        make: impl FnOnce() -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let Some(directory) = &self.0 else {
            return make();
        };
        let path = directory.join(format!("{key}.{}", kind.name));
        if let Some(kept) = read(&path, key).and_then(kind.read) {
            return Ok(kept);
        }
        let made = make()?;
        let kept = (kind.write)(&made).and_then(|bytes| write(&bytes, &path, key));
        if let Err(error) = kept.and_then(|()| make_room(directory, MOST)) {
            // Without the cache everything still works, only slower.
            eprintln!("warning: failed to keep {}: {error}", path.display());
        }
        Ok(made)
    }
}

/// How one kind of thing is kept in a file.
pub struct Kind<Read, Write> {
    /// What the files' names end in.
    pub name: &'static str,
    pub read: Read,
    pub write: Write,
}

/// The cache that provisioning uses, too; none where there is no place for one, or where the place holds other things.
fn directory() -> Option<PathBuf> {
    static SAID: Once = Once::new();
    within(&Root::from_environment().ok()?)
        .inspect_err(|failure| {
            // Once: every leg and every kind of module asks for the cache.
            SAID.call_once(|| {
                eprintln!(
                    "warning: compiled modules are not kept: {}",
                    failure.report()
                );
            });
        })
        .ok()
}

/// The folder for compiled modules in a cache that is Parallax's own; in any other folder nothing is read, written or removed.
fn within(root: &Root) -> Result<PathBuf, Problem> {
    root.claim()?;
    root.folder(COMPILED)
}

/// The name of what is made of these parts by an engine of this version and configuration.
pub fn key(engine: &Engine, parts: &[&[u8]]) -> String {
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

/// Bytes that all files together may take: some twenty versions of everything.
const MOST: u64 = 3 << 30;

/// How a file of the cache is laid out: another layout has other names, so that two versions don't undo each other's work.
const FORMAT: &[u8] = b"seal, then content";

/// What tells that content is whole and what its file's name says: without the name, one module's file would pass as another's.
fn seal(key: &str, content: &[u8]) -> impl AsRef<[u8]> + use<> {
    Sha256::new()
        .chain_update(key)
        .chain_update(content)
        .finalize()
}

/// The content of a file of the cache. Anything that isn't whole and ours is not there.
fn read(path: &Path, key: &str) -> Option<Vec<u8>> {
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
    let mut sealed = [0; SEAL];
    file.read_exact(&mut sealed).ok()?;
    let mut content = Vec::new();
    file.read_to_end(&mut content).ok()?;
    if seal(key, &content).as_ref() != sealed {
        return None;
    }
    // The date tells what is still of use; where it can't be set, the file goes sooner.
    let _ = file.set_modified(SystemTime::now());
    Some(content)
}

/// Removes what was not used for the longest time, until what is left takes no more than `most` bytes.
fn make_room(directory: &Path, most: u64) -> std::io::Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        // Another process may have removed it meanwhile.
        if is_ours(&entry.file_name())
            && let Ok(meta) = entry.metadata()
            && meta.is_file()
        {
            files.push((meta.modified()?, entry.path(), meta.len()));
        }
    }
    files.sort();
    let mut total: u64 = files.iter().map(|(_, _, length)| length).sum();
    for (_, path, length) in files {
        if total <= most {
            break;
        }
        total -= length;
        let _ = fs::remove_file(path);
    }
    Ok(())
}

/// Whether a file's name is one that the cache gives, before or after the file is whole: it begins with a key.
fn is_ours(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let key = name.trim_start_matches('.').split('.').next();
    key.is_some_and(|key| key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Makes a file of the cache: the seal, then the content.
fn write(content: &[u8], path: &Path, key: &str) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    // Written aside and renamed, so that a reader sees a whole file or none.
    let mut file = tempfile::Builder::new()
        .prefix(&format!(".{key}."))
        .tempfile_in(directory)?;
    file.write_all(seal(key, content).as_ref())?;
    file.write_all(content)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
#[path = "module_cache_tests.rs"]
mod tests;
