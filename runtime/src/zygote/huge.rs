//! Puts what the zygote keeps on huge pages: copying a process costs as much for each of its pages, whatever their size.

use std::ffi::c_void;
use std::io;
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use libc::{PROT_NONE, PROT_READ, PROT_WRITE};

use super::mappings::Mapping;

/// Bytes of a huge page.
const HUGE: usize = 2 << 20;

/// Addresses that are set aside for Python's arenas; no more memory than they need is taken.
const RESERVED: usize = 256 << 20;

/// Python's arenas lie side by side from here to the end.
static NEXT: AtomicUsize = AtomicUsize::new(0);
static END: AtomicUsize = AtomicUsize::new(0);

/// The memory of copies is their own affair.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// CPython's `PyObjectArenaAllocator`.
#[repr(C)]
struct ArenaAllocator {
    context: *mut c_void,
    allocate: extern "C" fn(*mut c_void, usize) -> *mut c_void,
    free: extern "C" fn(*mut c_void, *mut c_void, usize),
}

unsafe extern "C" {
    /// Not in the stable interface, but the same since Python 3.4.
    fn PyObject_SetArenaAllocator(allocator: *mut ArenaAllocator);
}

/// Has memory that is allocated from now on lie together; to be called before Python is started.
pub fn gather() {
    if let Some(reserved) = map(null_mut(), RESERVED + HUGE, PROT_NONE, 0) {
        let start = reserved.addr().get().next_multiple_of(HUGE);
        NEXT.store(start, Ordering::Relaxed);
        END.store(start + RESERVED, Ordering::Relaxed);
        let mut allocator = ArenaAllocator {
            context: null_mut(),
            allocate,
            free,
        };
        // SAFETY: CPython copies the structure, whose functions are those that it maps and unmaps memory with otherwise.
        unsafe { PyObject_SetArenaAllocator(&mut allocator) };
    }
    // SAFETY: malloc allows others to move the end of the heap, and there is only this thread.
    unsafe {
        let end = libc::sbrk(0).addr();
        // Where it can't be moved, huge pages have less to cover.
        libc::sbrk((end.next_multiple_of(HUGE) - end).cast_signed());
    }
}

/// Puts on huge pages what copies take over, as far as whole ones fit, and the kernel has some.
///
/// # Errors
/// The kernel doesn't say what memory there is.
pub fn collapse() -> io::Result<()> {
    CLOSED.store(true, Ordering::Relaxed);
    for mapping in Mapping::heaps()? {
        let (start, end) = (
            mapping.start.next_multiple_of(HUGE),
            mapping.end / HUGE * HUGE,
        );
        collapse_range(start, end);
    }
    Ok(())
}

fn collapse_range(start: usize, end: usize) {
    for page in (start..end).step_by(HUGE) {
        // SAFETY: the call doesn't change what is in memory; a kernel that doesn't know it, or has no huge page, leaves everything as it is.
        unsafe { libc::madvise(page as *mut c_void, HUGE, libc::MADV_COLLAPSE) };
    }
}

extern "C" fn allocate(_: *mut c_void, size: usize) -> *mut c_void {
    const ACCESS: i32 = PROT_READ | PROT_WRITE;
    let next = NEXT.load(Ordering::Relaxed);
    if !CLOSED.load(Ordering::Relaxed) && size <= END.load(Ordering::Relaxed).saturating_sub(next) {
        // Where nothing is but what `gather` has set aside.
        if let Some(arena) = map(next as *mut c_void, size, ACCESS, libc::MAP_FIXED) {
            NEXT.store(next + size, Ordering::Relaxed);
            return arena.as_ptr();
        }
    }
    map(null_mut(), size, ACCESS, 0).map_or(null_mut(), NonNull::as_ptr)
}

extern "C" fn free(_: *mut c_void, arena: *mut c_void, size: usize) {
    // SAFETY: CPython frees what it has allocated here, once, whole.
    unsafe { libc::munmap(arena, size) };
}

fn map(place: *mut c_void, size: usize, access: i32, flags: i32) -> Option<NonNull<c_void>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | flags;
    // SAFETY: a fixed place is only asked for where the caller owns it.
    let memory = unsafe { libc::mmap(place, size, access, flags, -1, 0) };
    NonNull::new(memory).filter(|_| memory != libc::MAP_FAILED)
}
