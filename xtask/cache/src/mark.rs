//! The file that says whose cache a folder is.
//!
//! Its first line is the signature of the Cache Directory Tagging Specification, so that backup programs leave the folder out.
//! A further line names Parallax and the number of the cache's format.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;

/// The name that the specification fixes.
pub const FILE: &str = "CACHEDIR.TAG";

/// The mark before it has its name. It alone in a folder is what a run that died has left.
pub const NEW: &str = ".CACHEDIR.TAG.new";

/// Counts the changes after which an older cache can't be used any more.
pub const FORMAT: u32 = 1;

const SIGNATURE: &str = "Signature: 8a477f597d28d172789f06886806bc55";
const OURS: &str = "parallax-cache-format: ";

/// Longer than any version's mark: a file of another program may have any length.
const MOST_BYTES: u64 = 4096;

/// What a file of that name says.
#[derive(Debug, PartialEq, Eq)]
pub enum Mark {
    /// A cache of Parallax in this format.
    Ours(u32),
    /// A cache of another program, or no mark at all.
    Foreign,
}

/// Reads the mark of a folder.
///
/// # Errors
/// The folder or the mark is missing (`NotFound`), or can't be read.
pub fn read(folder: &Path) -> io::Result<Mark> {
    // A link to another folder's mark would say something about that folder.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(folder.join(FILE));
    let file = match opened {
        Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
            return Ok(Mark::Foreign);
        }
        opened => opened?,
    };
    if !file.metadata()?.is_file() {
        return Ok(Mark::Foreign);
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(parse(&String::from_utf8_lossy(&bytes)))
}

fn parse(text: &str) -> Mark {
    let mut lines = text.lines();
    if lines.next() != Some(SIGNATURE) {
        return Mark::Foreign;
    }
    let format = lines.find_map(|line| line.strip_prefix(OURS)?.trim().parse().ok());
    format.map_or(Mark::Foreign, Mark::Ours)
}

/// Marks a folder. The caller holds the folder's lock, so nobody else writes the same file.
///
/// # Errors
/// The folder can't be written.
pub fn write(folder: &Path) -> io::Result<()> {
    let new = folder.join(NEW);
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Written aside and renamed, so that a reader sees the whole mark or none.
    let mut file = File::create_new(&new)?;
    writeln!(
        file,
        "{SIGNATURE}\n\
         # This folder is Parallax's cache. `cargo xtask provision --clean` empties it.\n\
         # Backups may leave it out: all that it holds can be made again.\n\
         {OURS}{FORMAT}"
    )?;
    file.sync_all()?;
    fs::rename(&new, folder.join(FILE))
}
