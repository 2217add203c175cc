//! Which pages a process has of its own, from the kernel.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::AsRawFd as _;

/// Pages that a mapping has from its file.
const FILE: u64 = 1 << 2;
const PRESENT: u64 = 1 << 3;
const SWAPPED: u64 = 1 << 4;
/// Pages that were read, and never written to.
const ZERO: u64 = 1 << 5;

/// `PAGEMAP_SCAN`, of Linux 6.7 and later.
const SCAN: rustix::ioctl::Opcode = rustix::ioctl::opcode::read_write::<Scan>(b'f', 16);

/// What is asked for, as the kernel lays it out.
#[repr(C)]
#[derive(Default)]
struct Scan {
    size: u64,
    flags: u64,
    start: u64,
    end: u64,
    /// Where the kernel stopped.
    walk_end: u64,
    regions: u64,
    regions_length: u64,
    max_pages: u64,
    inverted: u64,
    all_of: u64,
    any_of: u64,
    returned: u64,
}

/// Neighbouring pages, as the kernel lays them out.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Region {
    start: u64,
    end: u64,
    categories: u64,
}

/// This process's page map.
pub struct PageMap(File);

impl PageMap {
    /// None where the kernel can't tell.
    pub fn open() -> Option<Self> {
        let pagemap = PageMap(File::open("/proc/self/pagemap").ok()?);
        let own = 0u8;
        let address = (&raw const own).addr();
        let page = rustix::param::page_size();
        let start = address - address % page;
        pagemap.written(start..start + page).ok()?;
        Some(pagemap)
    }

    /// The pages of `addresses` that were written to: those that are not a file's, nor untouched.
    ///
    /// # Errors
    /// The kernel's.
    pub fn written(&self, addresses: Range<usize>) -> io::Result<Vec<Range<usize>>> {
        let mut found = Vec::new();
        let mut regions = [Region::default(); 256];
        let mut start = addresses.start;
        while start < addresses.end {
            let mut scan = Scan {
                size: size_of::<Scan>() as u64,
                start: start as u64,
                end: addresses.end as u64,
                regions: regions.as_mut_ptr().addr() as u64,
                regions_length: regions.len() as u64,
                inverted: FILE | ZERO,
                all_of: FILE | ZERO,
                any_of: PRESENT | SWAPPED,
                ..Scan::default()
            };
            // SAFETY: the kernel reads and writes one `Scan`, and writes at most `regions_length` regions where `regions` points; both outlive the call.
            let count = unsafe { libc::ioctl(self.0.as_raw_fd(), SCAN.into(), &raw mut scan) };
            let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
            found.extend(
                regions
                    .iter()
                    .take(count)
                    .map(|region| region.start as usize..region.end as usize),
            );
            let next = scan.walk_end as usize;
            if next <= start {
                return Err(io::ErrorKind::InvalidData.into());
            }
            start = next;
        }
        Ok(found)
    }
}
