//! Seeking: from where is a number of the caller's, and WASI ends the guest for one that it doesn't know.

use std::ffi::c_int;

use crate::errno;

unsafe extern "C" {
    fn __real_lseek(descriptor: c_int, offset: libc::off_t, whence: c_int) -> libc::off_t;
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_lseek(
    descriptor: c_int,
    offset: libc::off_t,
    whence: c_int,
) -> libc::off_t {
    if !matches!(whence, libc::SEEK_SET | libc::SEEK_CUR | libc::SEEK_END) {
        errno::set(libc::EINVAL);
        return -1;
    }
    // SAFETY: the caller's promise.
    unsafe { __real_lseek(descriptor, offset, whence) }
}
