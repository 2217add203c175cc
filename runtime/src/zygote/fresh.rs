//! How a case says that it needs a fresh interpreter: by a byte that it shares with the zygote, whichever of its processes finds out.

use std::io;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use super::fork::leave;
use crate::outcome::Kind;

/// Null until [`prepare`] has mapped it.
static NEEDED: AtomicPtr<AtomicBool> = AtomicPtr::new(null_mut());

/// Makes the byte; to be called once, before the first fork.
///
/// # Errors
/// There is no memory for it.
pub fn prepare() -> io::Result<()> {
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping at a place of the kernel's choice touches nothing that is there.
    let page = unsafe { libc::mmap(null_mut(), size_of::<AtomicBool>(), access, flags, -1, 0) };
    if page == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    NEEDED.store(page.cast(), Ordering::Relaxed);
    Ok(())
}

fn needed() -> Option<&'static AtomicBool> {
    // SAFETY: null, or the start of a page of zeros that is never unmapped.
    unsafe { NEEDED.load(Ordering::Relaxed).as_ref() }
}

/// Ends this process of a case, which the zygote then doesn't count as run.
pub fn ask_and_leave() -> ! {
    if let Some(needed) = needed() {
        needed.store(true, Ordering::SeqCst);
    }
    leave(Kind::Io.exit_code())
}

/// Whether the case that has ended needs a fresh interpreter; the next one is asked anew.
pub fn take() -> bool {
    needed().is_some_and(|needed| needed.swap(false, Ordering::SeqCst))
}
