//! What a function of the C library's says when it fails.

use std::ffi::c_int;

/// Has `errno` say which error it was.
pub fn set(number: c_int) {
    // SAFETY: the place is this thread's, and always there.
    unsafe { *libc::__errno_location() = number };
}
