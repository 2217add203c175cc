//! The parts of the zygote's address space, each of which a fork copies and an end takes down, whatever its size.

use std::fs;
use std::io;

/// A line of `/proc/self/maps`: memory that was asked for, and that no other process shares.
pub struct Mapping {
    pub start: usize,
    pub end: usize,
}

impl Mapping {
    /// All that can be written to and isn't a file's, by address; without the stack.
    ///
    /// # Errors
    /// The kernel doesn't tell them.
    pub fn heaps() -> io::Result<Vec<Mapping>> {
        let lines = fs::read_to_string("/proc/self/maps")?;
        Ok(lines.lines().filter_map(Mapping::parse_heap).collect())
    }

    fn parse_heap(line: &str) -> Option<Mapping> {
        let mut fields = line.split_ascii_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let (access, _offset, _device) = (fields.next()?, fields.next()?, fields.next()?);
        let (inode, name) = (fields.next()?, fields.next());
        let address = |text| usize::from_str_radix(text, 16).ok();
        let is_heap = access == "rw-p" && inode == "0" && name != Some("[stack]");
        is_heap.then_some(Mapping {
            start: address(start)?,
            end: address(end)?,
        })
    }
}
