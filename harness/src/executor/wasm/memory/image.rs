//! What the memory of a warmed interpreter holds, as a file that many memories map.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{MemfdFlags, SealFlags};
use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags};

/// An image, in a file without a name that nobody can change any more.
pub struct Image {
    file: OwnedFd,
    /// The same bytes, for copying them.
    contents: *mut u8,
    length: usize,
    size: usize,
}

// SAFETY: the bytes that it points to are its own, and nobody writes to them.
unsafe impl Send for Image {}
// SAFETY: as above.
unsafe impl Sync for Image {}

impl Image {
    /// An image of a memory of `size` bytes that begins with `contents`, and holds zeros behind them.
    ///
    /// # Errors
    /// The kernel has no room for it.
    pub fn new(contents: &[u8], size: usize) -> io::Result<Self> {
        let page = rustix::param::page_size();
        let length = contents.len().next_multiple_of(page).min(size);
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = rustix::fs::memfd_create("parallax-image", flags)?;
        rustix::fs::ftruncate(&file, length as u64)?;
        let mut written = 0;
        while let Some(rest) = contents.get(written..).filter(|rest| !rest.is_empty()) {
            match rustix::io::pwrite(&file, rest, written as u64) {
                Ok(count) => written += count,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let seals = SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
        rustix::fs::fcntl_add_seals(&file, seals)?;
        let contents = if length == 0 {
            std::ptr::null_mut()
        } else {
            // SAFETY: a mapping at a place that the kernel chooses, of a file that can't change or shrink.
            unsafe {
                rustix::mm::mmap(
                    std::ptr::null_mut(),
                    length,
                    ProtFlags::READ,
                    MapFlags::SHARED,
                    &file,
                    0,
                )?
            }
        };
        Ok(Image {
            file,
            contents: contents.cast(),
            length,
            size,
        })
    }

    /// Bytes of the memory.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The image, as whole pages; zeros follow.
    pub fn contents(&self) -> &[u8] {
        if self.contents.is_null() {
            return &[];
        }
        // SAFETY: `size` bytes are mapped there for as long as this lives, and the file's seals keep everybody from writing to them.
        unsafe { std::slice::from_raw_parts(self.contents, self.length) }
    }

    pub fn file(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        if !self.contents.is_null() {
            // SAFETY: nobody borrows it any more; mapped by `new` with this length.
            let _ = unsafe { rustix::mm::munmap(self.contents.cast(), self.length) };
        }
    }
}
