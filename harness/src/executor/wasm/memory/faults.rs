//! How many page faults a thread has had: as long as it had none, it has got no page of its own.

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;
use std::thread::{self, ThreadId};

use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

/// The page faults of one thread until now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    thread: ThreadId,
    minor: i64,
    major: i64,
}

impl Faults {
    /// Those of the thread that asks; none where the kernel doesn't count them.
    pub fn of_this_thread() -> Option<Self> {
        static COUNTED: OnceLock<bool> = OnceLock::new();
        if *COUNTED.get_or_init(are_counted) {
            count()
        } else {
            None
        }
    }
}

fn count() -> Option<Faults> {
    let mut usage = MaybeUninit::uninit();
    // SAFETY: the kernel writes one `rusage` where it is told.
    let failed = unsafe { libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr()) };
    if failed != 0 {
        return None;
    }
    // SAFETY: the call has succeeded, so all of it was written.
    let usage: libc::rusage = unsafe { usage.assume_init() };
    Some(Faults {
        thread: thread::current().id(),
        minor: usage.ru_minflt,
        major: usage.ru_majflt,
    })
}

/// Whether the count rises with each page that is written to for the first time. Sandboxes that stand in for the kernel may always say 0.
fn are_counted() -> bool {
    const TRIED: usize = 3;
    (0..TRIED).all(|_| rises_with_a_new_page().unwrap_or(false))
}

fn rises_with_a_new_page() -> Option<bool> {
    let page = rustix::param::page_size();
    let access = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: at a place that the kernel chooses.
    let mapped =
        unsafe { mmap_anonymous(ptr::null_mut(), page, access, MapFlags::PRIVATE) }.ok()?;
    let before = count();
    // SAFETY: the page was mapped just now, for writing, and is nobody else's.
    unsafe { mapped.cast::<u8>().write_volatile(1) };
    let after = count();
    // SAFETY: as above; nothing refers to it any more.
    let _ = unsafe { munmap(mapped, page) };
    Some(before? != after?)
}
