//! Address space for one linear memory.

use std::io;
use std::ops::Range;
use std::ptr;

use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags};

use super::faults::Faults;
use super::image::Image;
use super::own_pages::OwnPages;
use super::pagemap::PageMap;

/// Upper bound on the written pages of the image that a slot keeps, in bytes. Most cases write to a few hundred pages; without the bound, a case that writes to all of them would make each later one copy them all back.
///
/// It has room for an array of some megabytes, which lies where the import of the library has left free memory.
pub const KEPT_OF_IMAGE: usize = 32 << 20;

/// Up to so many bytes of the image are copied back without a look at whether that is needed.
const FEW: usize = 2 << 20;

/// Behind the image, so much stays mapped for the next case.
pub const KEPT_BEHIND_IMAGE: usize = 64 << 20;

/// What one slot has in common with another that can stand for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Whether it begins as the image.
    pub imaged: bool,
    /// Bytes that the memory may grow to.
    pub reserved: usize,
    /// Bytes behind these that are never accessible.
    pub guard: usize,
}

/// A mapping that a memory can grow in without moving.
pub struct Slot {
    start: *mut u8,
    shape: Shape,
    /// Bytes from the start that can be read and written.
    size: usize,
    /// Which pages of the image are the slot's own, as far as `seen` says that these are all.
    own: OwnPages,
    /// The page faults of the thread that looked at them last, until then.
    seen: Option<Faults>,
}

// SAFETY: the mapping is the slot's own, and doesn't belong to a thread.
unsafe impl Send for Slot {}
// SAFETY: nothing of it changes through a shared reference.
unsafe impl Sync for Slot {}

impl Slot {
    /// A slot without a byte that is accessible; its image is there as soon as its size says so.
    ///
    /// # Errors
    /// No address space is left.
    pub fn new(shape: Shape, image: &Image) -> io::Result<Self> {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        let length = shape.reserved + shape.guard;
        // SAFETY: at a place that the kernel chooses.
        let start = unsafe {
            rustix::mm::mmap_anonymous(ptr::null_mut(), length, ProtFlags::empty(), flags)?
        };
        let slot = Slot {
            start: start.cast(),
            shape,
            size: 0,
            own: OwnPages::default(),
            seen: None,
        };
        let imaged = slot.contents(image).len();
        if imaged > 0 {
            // SAFETY: over the beginning of the mapping made above, which nobody uses yet; an image is no longer than its memory, and that no longer than the reservation.
            unsafe {
                rustix::mm::mmap(
                    start,
                    imaged,
                    ProtFlags::empty(),
                    flags | MapFlags::FIXED,
                    image.file(),
                    0,
                )?;
            }
        }
        // SAFETY: the range is the slot's. A child that is about to become another program needs none of it, and copying its page tables takes time. Where the advice isn't taken, it is only slower.
        let _ = unsafe { rustix::mm::madvise(start, length, Advice::LinuxDontFork) };
        let behind = slot.at(&(imaged..shape.reserved));
        // SAFETY: as above. A case that takes megabytes at a time gets them as large pages, with one page fault each; the kernel takes small ones wherever less is accessible.
        let _ = unsafe {
            rustix::mm::madvise(
                behind.cast(),
                shape.reserved - imaged,
                Advice::LinuxHugepage,
            )
        };
        Ok(slot)
    }

    pub fn shape(&self) -> Shape {
        self.shape
    }

    pub fn size(&self) -> usize {
        self.size
    }

    /// The pages that it has of its own, as far as it knows.
    #[cfg(test)]
    pub fn own(&self) -> &OwnPages {
        &self.own
    }

    pub fn as_ptr(&self) -> *mut u8 {
        self.start
    }

    /// Makes the first `size` bytes accessible, and no other.
    ///
    /// # Errors
    /// The size is beyond the reservation, or the kernel has no room.
    pub fn resize(&mut self, size: usize) -> io::Result<()> {
        if size > self.shape.reserved {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        let (range, access) = if size > self.size {
            (self.size..size, MprotectFlags::READ | MprotectFlags::WRITE)
        } else {
            (size..self.size, MprotectFlags::empty())
        };
        if !range.is_empty() {
            // SAFETY: the range is within the slot; a memory only grows while an instance has it.
            unsafe { rustix::mm::mprotect(self.at(&range).cast(), range.len(), access)? };
        }
        self.size = size;
        Ok(())
    }

    /// To be called before an instance gets the slot. Whichever thread uses it from here on has to clear it, too: a thread's page faults are what tells whether there is anything new.
    pub fn lend(&mut self) {
        // What this thread met in between was no page of the slot's.
        self.seen = self.seen.and_then(|_| Faults::of_this_thread());
    }

    /// Puts back everything that was written to; the size stays.
    ///
    /// # Errors
    /// The kernel's; what the slot holds then is unknown.
    pub fn clear(&mut self, image: &Image, pagemap: Option<&PageMap>) -> io::Result<()> {
        let contents = self.contents(image);
        let imaged = 0..contents.len().min(self.size);
        let zeros = imaged.end..self.size;
        let Some(pagemap) = pagemap else {
            self.forget(imaged)?;
            return self.forget(zeros);
        };
        self.clear_zeros(pagemap, zeros)?;
        // Last, so that what the next case uses most is in the processor's caches.
        self.look(pagemap, imaged)?;
        self.clear_image(contents)
    }

    /// Asks the kernel which pages of the image are the slot's own, unless they are the same as when it was asked last.
    ///
    /// A page becomes the slot's own by a page fault of the thread that writes to it, and that is the thread that has the instance: `within` runs it where it was made.
    /// Looking through all pages takes longer than putting back those of a small case.
    /// This holds for the image alone: behind it, the kernel may make a large page of small ones by itself.
    fn look(&mut self, pagemap: &PageMap, imaged: Range<usize>) -> io::Result<()> {
        let faults = Faults::of_this_thread();
        if self.seen.is_none() || self.seen != faults {
            let written = self.written(pagemap, &imaged)?;
            self.own.renew(written, rustix::param::page_size());
        }
        self.seen = faults;
        Ok(())
    }

    fn clear_zeros(&mut self, pagemap: &PageMap, zeros: Range<usize>) -> io::Result<()> {
        let mut kept = 0;
        for range in self.written(pagemap, &zeros)? {
            kept += range.len();
            if kept > KEPT_BEHIND_IMAGE {
                return self.forget(range.start..zeros.end);
            }
            // SAFETY: the range is within the slot and accessible, and no instance has the slot.
            unsafe { self.at(&range).write_bytes(0, range.len()) };
        }
        Ok(())
    }

    fn clear_image(&mut self, contents: &[u8]) -> io::Result<()> {
        let page = rustix::param::page_size();
        let bytes = self.own.0.len() * page;
        if bytes > KEPT_OF_IMAGE {
            self.own.0.clear();
            return self.forget(0..contents.len());
        }
        for own in &mut self.own.0 {
            let target = self.start.wrapping_add(own.start);
            let Some(source) = contents.get(own.start..own.start + page) else {
                continue;
            };
            // SAFETY: the page is within the slot and accessible, as the image is in every memory that has it; no instance has the slot, and the image is elsewhere.
            let held = unsafe { std::slice::from_raw_parts_mut(target, page) };
            if bytes > FEW && held == source {
                own.left_alone += 1;
            } else {
                held.copy_from_slice(source);
                own.left_alone = 0;
            }
        }
        for range in self.own.take_seldom(page) {
            self.forget(range)?;
        }
        Ok(())
    }

    /// What the memory begins with, before the zeros.
    fn contents<'a>(&self, image: &'a Image) -> &'a [u8] {
        match self.shape.imaged {
            true => image.contents(),
            false => &[],
        }
    }

    /// Where these bytes of the memory are.
    fn at(&self, range: &Range<usize>) -> *mut u8 {
        self.start.wrapping_add(range.start)
    }

    /// The pages that are the slot's own, as bytes of the memory.
    fn written(&self, pagemap: &PageMap, range: &Range<usize>) -> io::Result<Vec<Range<usize>>> {
        let base = self.start.addr();
        let mut written = pagemap.written(base + range.start..base + range.end)?;
        for range in &mut written {
            *range = range.start - base..range.end - base;
        }
        Ok(written)
    }

    /// Gives pages back to the kernel: what they held is what a new slot holds.
    fn forget(&mut self, range: Range<usize>) -> io::Result<()> {
        if range.is_empty() {
            return Ok(());
        }
        // SAFETY: the range is within the slot, which no instance has.
        let dropped = unsafe {
            rustix::mm::madvise(self.at(&range).cast(), range.len(), Advice::LinuxDontNeed)
        };
        Ok(dropped?)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let length = self.shape.reserved + self.shape.guard;
        // SAFETY: mapped by `new` with this length, and nobody has it any more.
        let _ = unsafe { rustix::mm::munmap(self.start.cast(), length) };
    }
}
