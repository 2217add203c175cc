//! Locales: musl takes any name for one, and has the same behind each.

use std::ffi::{c_char, c_int};
use std::ptr::null_mut;

use crate::locales::is_known;

unsafe extern "C" {
    fn __real_setlocale(category: c_int, name: *const c_char) -> *mut c_char;
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_setlocale(category: c_int, name: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise, for both.
    unsafe {
        if is_known(name) {
            __real_setlocale(category, name)
        } else {
            null_mut()
        }
    }
}
