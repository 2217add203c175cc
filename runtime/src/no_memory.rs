//! An executor without memory says so: Rust alone would abort, and a case that ran out of memory would look like one that crashed.

use std::alloc::{GlobalAlloc, Layout, System};

use crate::channel::last;

#[global_allocator]
static ALLOCATOR: OrLimit = OrLimit;

/// The system's allocator, but the process answers and ends where that has nothing left.
///
/// Python has its own way to the system, and a `MemoryError` for what fails there; this is for values on their way out of Python and for describing that very error.
struct OrLimit;

fn answered(memory: *mut u8) -> *mut u8 {
    if memory.is_null() {
        answer();
    }
    memory
}

/// Has a panic of PyO3's for want of memory answered like this, too.
///
/// Making a string or a list can't fail for another reason, so that PyO3 offers no error for it.
pub fn answer_for_panics() {
    const NULL: &str = "PyObject pointer is null";
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str() == Some(NULL) {
            answer();
        }
        usual(panic);
    }));
}

#[cold]
fn answer() -> ! {
    last::answer(&last::NO_MEMORY)
}

// SAFETY: everything is the system's; what differs never returns.
unsafe impl GlobalAlloc for OrLimit {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        answered(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        answered(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        answered(unsafe { System.realloc(memory, layout, size) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}
