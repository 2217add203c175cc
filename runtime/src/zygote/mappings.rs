//! The parts of the zygote's address space, each of which a fork copies and an end takes down, whatever its size.

use std::ffi::c_void;
use std::fs;
use std::io;

use libc::{PROT_EXEC, PROT_READ, PROT_WRITE};

/// A line of `/proc/self/maps`: private memory that may be read.
pub struct Mapping {
    pub start: usize,
    pub end: usize,
    access: i32,
    /// Device and inode of the file, if it is one's.
    file: Option<(String, String)>,
    stack: bool,
}

impl Mapping {
    /// All that can be read and that no other process shares, by address.
    ///
    /// # Errors
    /// The kernel doesn't tell them.
    pub fn all() -> io::Result<Vec<Mapping>> {
        let lines = fs::read_to_string("/proc/self/maps")?;
        Ok(lines.lines().filter_map(Mapping::parse).collect())
    }

    fn parse(line: &str) -> Option<Mapping> {
        let mut fields = line.split_ascii_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let access = match fields.next()? {
            "r--p" => PROT_READ,
            "rw-p" => PROT_READ | PROT_WRITE,
            "r-xp" => PROT_READ | PROT_EXEC,
            _ => return None,
        };
        let (_offset, device, inode) = (fields.next()?, fields.next()?, fields.next()?);
        let address = |text| usize::from_str_radix(text, 16).ok();
        Some(Mapping {
            start: address(start)?,
            end: address(end)?,
            access,
            file: (inode != "0").then(|| (device.to_owned(), inode.to_owned())),
            stack: fields.next() == Some("[stack]"),
        })
    }

    /// Whether this is memory that was asked for, and can be written to.
    pub fn is_heap(&self) -> bool {
        self.access == PROT_READ | PROT_WRITE && self.file.is_none() && !self.stack
    }

    /// Whether this is a file's code.
    pub fn is_code(&self) -> bool {
        self.access == PROT_READ | PROT_EXEC && self.file.is_some()
    }

    fn is_before(&self, next: &Mapping) -> bool {
        self.end == next.start && self.file.is_some() && self.file == next.file
    }
}

/// Has each library be two parts instead of five: what can be executed, and what can be written.
///
/// What the linker has made read-only counts with the part that it lies beside; nothing becomes both writable and executable.
///
/// # Errors
/// The kernel doesn't tell the parts.
pub fn merge() -> io::Result<()> {
    let mappings = Mapping::all()?;
    for (index, mapping) in mappings.iter().enumerate() {
        if mapping.access != PROT_READ {
            continue;
        }
        let next = mappings
            .get(index + 1)
            .filter(|next| mapping.is_before(next));
        let last = index.checked_sub(1).map(|last| &mappings[last]);
        let last = last.filter(|last| last.is_before(mapping));
        let beside = |other: Option<&Mapping>, access| {
            other.is_some_and(|other| other.access == PROT_READ | access)
        };
        let access = if beside(next, PROT_WRITE) {
            PROT_READ | PROT_WRITE
        } else if beside(next, PROT_EXEC) || beside(last, PROT_EXEC) {
            PROT_READ | PROT_EXEC
        } else {
            continue;
        };
        let size = mapping.end - mapping.start;
        // SAFETY: nothing that is allowed now is forbidden afterwards; where the kernel refuses, the part remains one of its own.
        unsafe { libc::mprotect(mapping.start as *mut c_void, size, access) };
    }
    Ok(())
}
