//! Fills the free places between what a warmed interpreter keeps, so that what a copy allocates lies together.
//!
//! A place between old objects costs the copy a page for each object that it puts there; a fresh page has room for hundreds.

use std::ffi::c_void;
use std::ptr::NonNull;

use pyo3::ffi::{PyObject_Free, PyObject_Malloc};

/// What is allocated of one size before the search for an end of the holes is given up, in bytes.
const BOUND: usize = 8 << 20;

/// Some sizes of the chunks that malloc cuts small ones of; below the size from which on it maps memory.
const LARGE_CHUNKS: [usize; 5] = [64 << 10, 16 << 10, 4 << 10, 2 << 10, 1 << 10];

/// malloc keeps a list for each size of chunk from here,
const SMALLEST_CHUNK: usize = 32;

/// to here.
const LARGEST_SMALL_CHUNK: usize = 1040;

/// What each chunk has in front.
const CHUNK_HEADER: usize = size_of::<usize>();

/// What chunks of malloc are multiples of.
const STEP: usize = 16;

/// What objects of Python's allocator are multiples of.
const OBJECT_STEP: usize = 2 * size_of::<usize>();

/// Objects up to this size come from Python's own allocator.
const LARGEST_SMALL: usize = 512;

/// Python's allocator cuts objects of one size from a pool, which begins at a multiple of this.
const POOL: usize = 16 << 10;

/// Fewer bytes than this, and no object, are at the start of a pool.
const POOL_HEADER: usize = 64;

/// A pool counts as new once this many neighbours, or as many as it has room for, were allocated one after the other at its start.
const NEIGHBOURS: usize = 8;

/// Fills both allocators' holes, for ever.
pub fn fill() {
    // Python's allocator first: it has its pools from elsewhere, but makes lists of them with malloc.
    pyo3::Python::attach(|_| {
        for size in (OBJECT_STEP..=LARGEST_SMALL).step_by(OBJECT_STEP) {
            fill_pools(size);
        }
    });
    // From large to small, or what is cut off the large ones would be new holes.
    let small = (SMALLEST_CHUNK..LARGEST_SMALL_CHUNK + STEP)
        .step_by(STEP)
        .rev();
    let top = top_of_the_heap();
    for chunk in LARGE_CHUNKS.into_iter().chain(small) {
        fill_heap(chunk - CHUNK_HEADER, top);
    }
}

/// Allocates until a pool is begun.
fn fill_pools(size: usize) {
    let enough = NEIGHBOURS.min((POOL - POOL_HEADER) / size);
    let mut row: Vec<NonNull<c_void>> = Vec::with_capacity(NEIGHBOURS);
    for _ in 0..BOUND / size {
        // SAFETY: the caller is attached to the interpreter.
        let Some(object) = NonNull::new(unsafe { PyObject_Malloc(size) }) else {
            return;
        };
        let follows = row
            .last()
            .is_some_and(|last| last.addr().get() + size == object.addr().get());
        if !follows {
            row.clear();
        }
        if follows || object.addr().get() % POOL < POOL_HEADER {
            row.push(object);
        }
        if row.len() == enough {
            break;
        }
    }
    // The first one stays, and the pool with it; the others are allocated in their order again.
    for object in row.into_iter().skip(1).rev() {
        // SAFETY: allocated above, and nobody has it.
        unsafe { PyObject_Free(object.as_ptr()) };
    }
}

/// Where the part of the heap begins that nothing has been cut off yet.
#[cfg(unix)]
fn top_of_the_heap() -> usize {
    // SAFETY: both only read; the zygote has one thread.
    let (end, top) = unsafe { (libc::sbrk(0), libc::mallinfo2().keepcost) };
    end.addr().saturating_sub(top)
}

/// The same, where malloc doesn't tell: no hole has room for what is as large as this.
#[cfg(not(unix))]
fn top_of_the_heap() -> usize {
    const LARGEST: usize = 8 << 20;
    // SAFETY: `malloc` has no preconditions, and the chunk is freed once.
    unsafe {
        let top = libc::malloc(LARGEST);
        libc::free(top);
        top.addr()
    }
}

/// Allocates until the heap's unused part is cut.
fn fill_heap(size: usize, top: usize) {
    for _ in 0..BOUND / size {
        // SAFETY: `malloc` has no preconditions.
        let Some(chunk) = NonNull::new(unsafe { libc::malloc(size) }) else {
            return;
        };
        if chunk.addr().get() >= top {
            // SAFETY: allocated above, and nobody has it.
            unsafe { libc::free(chunk.as_ptr()) };
            return;
        }
    }
}
