//! What a case has left in its directory, by the time that nothing of it runs any more.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RawDir, SeekFrom, Stat, chmodat, openat, readlinkat,
    seek, statat,
};
use rustix::io::{Errno, pread};
use sha2::{Digest as _, Sha256};

use crate::error::Problem;
use crate::outcome::{FileKind, LeftFile};

/// The mode that a case's directory begins with.
pub const FRESH: u32 = 0o700;

/// What the walk needs itself, also to remove it all afterwards.
const OWNER: Mode = Mode::RWXU;

/// Entries that are listed one by one, those with the lowest paths; the rest is summed up in one.
const LISTED: usize = 10_000;

/// Folders within folders; nothing that anybody keeps is deeper.
const DEEPEST: usize = 500;

/// Bytes of a file that are digested as they are. A larger file may be mostly holes, which would take for ever to read.
const WHOLE: u64 = 64 << 20;

/// Bytes that are read at a time.
const BLOCK: usize = 64 << 10;

/// Bytes of a path that the kernel takes at once.
const PATH: usize = 2 << 10;

/// Lists everything below a case's directory, by path; the directory itself, too, where it isn't what it was.
///
/// # Errors
/// Something is there that can't be read.
pub fn left_files(directory: &Path) -> Result<Vec<LeftFile>, Problem> {
    list(directory, LISTED)
}

/// The same, with so many entries one by one.
fn list(directory: &Path, most: usize) -> Result<Vec<LeftFile>, Problem> {
    let mut walk = Walk {
        most,
        ..Walk::default()
    };
    let failed = |path: &[u8], error: Errno| {
        let path = directory.join(render(path)).display().to_string();
        Problem::environment(format!("failed to read what a case left: {path}: {error}"))
            .hint("the case has left what the harness can't read, nested too deep or on a file system that fails")
    };
    let Some(root) = walk.root(directory).map_err(|error| failed(b"", error))? else {
        return Ok(walk.finish());
    };
    // Folders that wait for their turn, by their paths: a handle each could be more than there are.
    let mut waiting = vec![Vec::new()];
    while let Some(path) = waiting.pop() {
        walk.folder(&root, &path, &mut waiting)
            .map_err(|error| failed(&path, error))?;
    }
    Ok(walk.finish())
}

#[derive(Default)]
struct Walk {
    most: usize,
    listed: BTreeMap<String, LeftFile>,
    rest: Rest,
    /// Used for file after file.
    block: Vec<u8>,
}

/// Entries beyond those that are listed: what they sum up to doesn't depend on their order.
#[derive(Default)]
struct Rest {
    count: u64,
    bytes: u64,
    sum: [u64; 4],
}

impl Walk {
    /// Opens the case's directory; nothing, where it is none any more.
    fn root(&mut self, directory: &Path) -> Result<Option<OwnedFd>, Errno> {
        let stat = match statat(CWD, directory, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => {
                self.keep(LeftFile {
                    path: ".".to_owned(),
                    kind: FileKind::Other,
                    mode: 0,
                    size: 0,
                    digest: "missing".to_owned(),
                });
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        if FileType::from_raw_mode(stat.st_mode) != FileType::Directory {
            self.keep(entry(b".", FileKind::Other, &stat, "no directory any more"));
            return Ok(None);
        }
        // A folder of files that are shared may hand its group down in further bits.
        if permissions(&stat) & 0o777 != FRESH {
            self.keep(entry(b".", FileKind::Directory, &stat, ""));
            chmodat(CWD, directory, OWNER, AtFlags::empty())?;
        }
        open_folder(CWD, directory).map(Some)
    }

    /// Lists one folder, and adds those in it to the ones that wait.
    fn folder(
        &mut self,
        root: &OwnedFd,
        path: &[u8],
        waiting: &mut Vec<Vec<u8>>,
    ) -> Result<(), Errno> {
        let opened;
        let folder = if path.is_empty() {
            root.as_fd()
        } else {
            opened = open_below(root, path)?;
            opened.as_fd()
        };
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut entries = RawDir::new(folder, &mut buffer);
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            if [c".", c".."].contains(&name) {
                continue;
            }
            let path = match path {
                [] => name.to_bytes().to_vec(),
                path => [path, b"/", name.to_bytes()].concat(),
            };
            if self.entry(folder, name, &path)? {
                if path.iter().filter(|&&byte| byte == b'/').count() + 1 >= DEEPEST {
                    return Err(Errno::NAMETOOLONG);
                }
                waiting.push(path);
            }
        }
        Ok(())
    }

    /// Lists one entry; says whether it is a folder to look into.
    fn entry(&mut self, folder: BorrowedFd<'_>, name: &CStr, path: &[u8]) -> Result<bool, Errno> {
        let stat = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let file_type = FileType::from_raw_mode(stat.st_mode);
        let listed = match file_type {
            FileType::RegularFile => {
                let digest = self.digest(folder, name, &stat)?;
                let size = u64::try_from(stat.st_size).unwrap_or_default();
                LeftFile {
                    size,
                    ..entry(path, FileKind::File, &stat, &digest)
                }
            }
            FileType::Directory => {
                if permissions(&stat) & FRESH != FRESH {
                    chmodat(folder, name, OWNER, AtFlags::empty())?;
                }
                entry(path, FileKind::Directory, &stat, "")
            }
            FileType::Symlink => {
                let target = readlinkat(folder, name, Vec::new())?;
                entry(path, FileKind::Link, &stat, &render(target.to_bytes()))
            }
            // Opening one of these may wait for ever, or do something.
            FileType::Fifo => entry(path, FileKind::Other, &stat, "named pipe"),
            FileType::Socket => entry(path, FileKind::Other, &stat, "socket"),
            FileType::CharacterDevice => entry(path, FileKind::Other, &stat, "character device"),
            FileType::BlockDevice => entry(path, FileKind::Other, &stat, "block device"),
            FileType::Unknown => entry(path, FileKind::Other, &stat, "unknown"),
        };
        self.keep(listed);
        Ok(file_type == FileType::Directory)
    }

    /// The digest of a file's contents; of a large one's, that of its blocks that aren't all zeros, each with its place.
    fn digest(
        &mut self,
        folder: BorrowedFd<'_>,
        name: &CStr,
        stat: &Stat,
    ) -> Result<String, Errno> {
        if stat.st_size == 0 {
            return Ok(hex(&Sha256::digest(b"")));
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let open = || openat(folder, name, flags, Mode::empty());
        let file = match open() {
            Err(Errno::ACCESS) => {
                chmodat(folder, name, OWNER, AtFlags::empty())?;
                open()?
            }
            other => other?,
        };
        let mut hash = Sha256::new();
        let large = u64::try_from(stat.st_size).unwrap_or_default() > WHOLE;
        let mut at = 0;
        loop {
            if large {
                let data = match seek(&file, SeekFrom::Data(at)) {
                    Ok(data) => data,
                    Err(Errno::NXIO) => break,
                    Err(error) => return Err(error),
                };
                at = data - data % BLOCK as u64;
            }
            let block = self.read_block(&file, at)?;
            if block.is_empty() {
                break;
            }
            if !large {
                hash.update(block);
            } else if block.iter().any(|&byte| byte != 0) {
                hash.update(at.to_le_bytes());
                hash.update(block);
            }
            at += BLOCK as u64;
        }
        let digits = hex(&hash.finalize());
        Ok(if large {
            format!("blocks {digits}")
        } else {
            digits
        })
    }

    /// A block, which is shorter only at the file's end.
    fn read_block(&mut self, file: &OwnedFd, at: u64) -> Result<&[u8], Errno> {
        self.block.resize(BLOCK, 0);
        let mut filled = 0;
        while filled < BLOCK {
            match pread(file, &mut self.block[filled..], at + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(&self.block[..filled])
    }

    fn keep(&mut self, entry: LeftFile) {
        self.listed.insert(entry.path.clone(), entry);
        if self.listed.len() > self.most
            && let Some((_, last)) = self.listed.pop_last()
        {
            self.rest.add(&last);
        }
    }

    fn finish(self) -> Vec<LeftFile> {
        let mut listed: Vec<LeftFile> = self.listed.into_values().collect();
        listed.extend(self.rest.entry());
        listed
    }
}

impl Rest {
    fn add(&mut self, entry: &LeftFile) {
        self.count += 1;
        self.bytes = self.bytes.wrapping_add(entry.size);
        let digest = Sha256::digest(format!("{entry:?}"));
        for (sum, part) in self.sum.iter_mut().zip(digest.as_chunks().0) {
            *sum = sum.wrapping_add(u64::from_le_bytes(*part));
        }
    }

    fn entry(&self) -> Option<LeftFile> {
        (self.count > 0).then(|| LeftFile {
            path: format!("… and {} more", self.count),
            kind: FileKind::Other,
            mode: 0,
            size: self.bytes,
            digest: hex(self.sum.map(u64::to_le_bytes).as_flattened()),
        })
    }
}

fn entry(path: &[u8], kind: FileKind, stat: &Stat, digest: &str) -> LeftFile {
    LeftFile {
        path: render(path),
        kind,
        mode: permissions(stat),
        size: 0,
        digest: digest.to_owned(),
    }
}

fn permissions(stat: &Stat) -> u32 {
    stat.st_mode & 0o7777
}

/// A path as text that no other path has.
fn render(path: &[u8]) -> String {
    let mut text = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        text.push_str(&chunk.valid().replace('\\', "\\\\"));
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn open_folder(at: BorrowedFd<'_>, path: impl rustix::path::Arg) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(at, path, flags, Mode::empty())
}

/// Opens a folder of the case's by its path, in several steps where that is longer than the kernel takes.
fn open_below(root: &OwnedFd, mut path: &[u8]) -> Result<OwnedFd, Errno> {
    let mut folder: Option<OwnedFd> = None;
    loop {
        let end = match path.get(..PATH) {
            None => path.len(),
            // A name is at most 255 bytes long, so there is a slash.
            Some(start) => start.iter().rposition(|&byte| byte == b'/').unwrap_or(PATH),
        };
        let (step, rest) = path.split_at(end);
        let at = folder.as_ref().unwrap_or(root).as_fd();
        let opened = open_folder(at, step)?;
        match rest {
            [] => return Ok(opened),
            rest => path = &rest[1..],
        }
        folder = Some(opened);
    }
}

#[cfg(test)]
#[path = "left_files_tests.rs"]
mod tests;
