//! Stacks that instances run on, kept for the next one.

use std::io;
use std::ops::Range;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags};
use wasmtime::{StackCreator, StackMemory};

/// Upper bound on the stacks that are kept while no instance uses them.
const KEPT: usize = 8;

/// Bytes at a stack's top that stay mapped. Only deep recursions use more.
const KEPT_OF_STACK: usize = 1 << 20;

/// The stacks of one engine's instances, all of one size.
#[derive(Default)]
pub struct StackPool(Arc<Mutex<Vec<Mapping>>>);

// SAFETY: a stack is a mapping of its own, of the size that was asked for, above a page without access.
unsafe impl StackCreator for StackPool {
    fn new_stack(&self, size: usize, zeroed: bool) -> wasmtime::Result<Box<dyn StackMemory>> {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |stack: &Mapping| stack.size() == size && !zeroed;
        let kept = free.iter().rposition(fits).map(|index| free.remove(index));
        drop(free);
        let mapping = match kept {
            Some(mapping) => mapping,
            None => Mapping::new(size)?,
        };
        Ok(Box::new(Lent {
            mapping: Some(mapping),
            pool: Arc::clone(&self.0),
        }))
    }
}

/// A stack that is in use.
struct Lent {
    /// There until this is dropped.
    mapping: Option<Mapping>,
    pool: Arc<Mutex<Vec<Mapping>>>,
}

// SAFETY: the mapping is what it says, and doesn't move.
unsafe impl StackMemory for Lent {
    fn top(&self) -> *mut u8 {
        self.mapping
            .as_ref()
            .map_or(ptr::null_mut(), |stack| stack.end())
    }

    fn range(&self) -> Range<usize> {
        self.mapping
            .as_ref()
            .map_or(0..0, |stack| stack.bottom().addr()..stack.end().addr())
    }

    fn guard_range(&self) -> Range<*mut u8> {
        self.mapping
            .as_ref()
            .map_or(ptr::null_mut()..ptr::null_mut(), |stack| {
                stack.start..stack.bottom()
            })
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mapping) = self.mapping.take() else {
            return;
        };
        mapping.trim();
        let mut free = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() < KEPT {
            free.push(mapping);
        }
    }
}

/// A page without access, and a stack above it.
struct Mapping {
    start: *mut u8,
    length: usize,
}

// SAFETY: the mapping is its own, and doesn't belong to a thread.
unsafe impl Send for Mapping {}
// SAFETY: nothing of it changes through a shared reference.
unsafe impl Sync for Mapping {}

impl Mapping {
    fn new(size: usize) -> io::Result<Self> {
        let length = size + rustix::param::page_size();
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: at a place that the kernel chooses.
        let start = unsafe {
            rustix::mm::mmap_anonymous(ptr::null_mut(), length, ProtFlags::empty(), flags)?
        };
        let mapping = Mapping {
            start: start.cast(),
            length,
        };
        let access = MprotectFlags::READ | MprotectFlags::WRITE;
        // SAFETY: all of the mapping but its first page, which nobody uses yet.
        unsafe { rustix::mm::mprotect(mapping.bottom().cast(), size, access)? };
        Ok(mapping)
    }

    fn size(&self) -> usize {
        self.length - rustix::param::page_size()
    }

    fn bottom(&self) -> *mut u8 {
        self.start.wrapping_add(rustix::param::page_size())
    }

    fn end(&self) -> *mut u8 {
        self.start.wrapping_add(self.length)
    }

    /// Gives back what a deep recursion has used.
    fn trim(&self) {
        let surplus = self.size().saturating_sub(KEPT_OF_STACK);
        // SAFETY: the lower part of a stack that nothing runs on any more. Where the advice isn't taken, memory stays in use.
        let _ =
            unsafe { rustix::mm::madvise(self.bottom().cast(), surplus, Advice::LinuxDontNeed) };
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped by `new` with this length, and nothing runs on it any more.
        let _ = unsafe { rustix::mm::munmap(self.start.cast(), self.length) };
    }
}
