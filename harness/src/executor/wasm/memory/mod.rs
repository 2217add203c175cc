//! Linear memories that begin as a warmed interpreter's, and are put back instead of being made anew.
//!
//! A page that a case writes to for the first time costs a page fault, which takes longer than copying the page does; so pages stay where they are, and what is in them is copied back from the image. Which pages these are is asked of the kernel when the thread has had page faults since, and pages that many cases in a row leave alone are given back.

mod faults;
mod image;
mod own_pages;
mod pagemap;
mod slot;
mod stacks;

use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

pub use self::image::Image;
use self::pagemap::PageMap;
use self::slot::{Shape, Slot};
pub use self::stacks::StackPool;

/// Upper bound on the memories that are kept while no instance uses them. A burst of instances leaves more, which are given back.
const KEPT: usize = 8;

/// The memories of one engine's instances.
pub struct MemoryPool(Arc<Shared>);

struct Shared {
    image: Image,
    pagemap: Option<PageMap>,
    free: Mutex<Vec<Slot>>,
}

impl MemoryPool {
    /// Memories of the image's size begin as the image, all others with zeros.
    pub fn new(image: Image) -> Self {
        MemoryPool(Arc::new(Shared {
            image,
            pagemap: PageMap::open(),
            free: Mutex::default(),
        }))
    }
}

impl Shared {
    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Slot>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A slot of this shape that nobody has; the one used last, as most of it is in the processor's caches.
    fn take(&self, shape: Shape) -> std::io::Result<Slot> {
        let mut free = self.free();
        if let Some(index) = free.iter().rposition(|slot| slot.shape() == shape) {
            let mut slot = free.remove(index);
            slot.lend();
            return Ok(slot);
        }
        drop(free);
        Slot::new(shape, &self.image)
    }

    fn give_back(&self, slot: Slot) {
        let mut free = self.free();
        if free.len() < KEPT {
            free.push(slot);
        }
    }
}

// SAFETY: a memory is a mapping of its own that holds zeros, or the image where the engine's one module declares a memory of exactly its size; the reservation and the guard behind it are mapped without access, so that generated code that relies on them faults there; it stays at its address until it is dropped, and goes to the next instance only as it was made.
unsafe impl MemoryCreator for MemoryPool {
    fn new_memory(
        &self,
        ty: MemoryType,
        minimum: usize,
        maximum: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        // The heap of exceptions begins empty, so that size tells the two apart.
        let imaged = minimum == self.0.image.size() && !ty.is_64();
        let reserved = reserved.unwrap_or(0).max(maximum.unwrap_or(minimum));
        let shape = Shape {
            imaged,
            reserved: reserved.max(minimum),
            guard,
        };
        let failed = |error| format!("failed to map a memory of {minimum} bytes: {error}");
        let mut slot = self.0.take(shape).map_err(failed)?;
        slot.resize(minimum).map_err(failed)?;
        Ok(Box::new(Lent {
            slot: Some(slot),
            pool: Arc::clone(&self.0),
        }))
    }
}

/// A memory that an instance has.
struct Lent {
    /// There until this is dropped.
    slot: Option<Slot>,
    pool: Arc<Shared>,
}

// SAFETY: the slot maps what it says it does, and doesn't move.
unsafe impl LinearMemory for Lent {
    fn byte_size(&self) -> usize {
        self.slot.as_ref().map_or(0, Slot::size)
    }

    fn byte_capacity(&self) -> usize {
        self.slot.as_ref().map_or(0, |slot| slot.shape().reserved)
    }

    fn grow_to(&mut self, size: usize) -> wasmtime::Result<()> {
        match &mut self.slot {
            Some(slot) => Ok(slot.resize(size)?),
            None => Err(wasmtime::Error::msg("the memory was given back")),
        }
    }

    fn as_ptr(&self) -> *mut u8 {
        self.slot
            .as_ref()
            .map_or(std::ptr::null_mut(), Slot::as_ptr)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut slot) = self.slot.take() else {
            return;
        };
        // One that can't be put back is unmapped.
        if slot
            .clear(&self.pool.image, self.pool.pagemap.as_ref())
            .is_ok()
        {
            self.pool.give_back(slot);
        }
    }
}

#[cfg(test)]
mod tests;
