//! Permission bits, which WASI has none of: a file would be one that nobody may read, and so would what is packed into a zip or a tar.

use std::ffi::{c_char, c_int};

use libc::stat;

use super::ends::asks_for_a_folder;
use crate::errno;

/// What a file and a folder have that somebody made without asking for more.
const FILE: libc::mode_t = 0o644;
const FOLDER: libc::mode_t = 0o755;

/// What every link has.
const LINK: libc::mode_t = 0o777;

unsafe extern "C" {
    fn __real_access(path: *const c_char, wanted: c_int) -> c_int;
    fn __real_stat(path: *const c_char, found: *mut stat) -> c_int;
    fn __real_lstat(path: *const c_char, found: *mut stat) -> c_int;
    fn __real_fstat(descriptor: c_int, found: *mut stat) -> c_int;
    fn __real_fstatat(folder: c_int, path: *const c_char, found: *mut stat, flags: c_int) -> c_int;
}

/// Adds the bits to what was found.
///
/// # Safety
/// `found` may be written to, and holds what a call that returned `outcome` has put there.
unsafe fn with_bits(outcome: c_int, found: *mut stat) -> c_int {
    if outcome == 0 {
        // SAFETY: the caller promises it.
        let mode = unsafe { &mut (*found).st_mode };
        if *mode & !libc::S_IFMT == 0 {
            *mode |= match *mode & libc::S_IFMT {
                libc::S_IFDIR => FOLDER,
                libc::S_IFREG => FILE,
                libc::S_IFLNK => LINK,
                _ => 0,
            };
        }
    }
    outcome
}

/// Takes back what was found, unless it is a folder.
///
/// # Safety
/// As for [`with_bits`].
unsafe fn must_be_folder(outcome: c_int, found: *const stat) -> c_int {
    // SAFETY: the caller promises it.
    if outcome == 0 && unsafe { (*found).st_mode } & libc::S_IFMT != libc::S_IFDIR {
        errno::set(libc::ENOTDIR);
        return -1;
    }
    outcome
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_stat(path: *const c_char, found: *mut stat) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { with_bits(__real_stat(path, found), found) }
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_lstat(path: *const c_char, found: *mut stat) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        if asks_for_a_folder(path) {
            return must_be_folder(with_bits(__real_stat(path, found), found), found);
        }
        with_bits(__real_lstat(path, found), found)
    }
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_fstat(descriptor: c_int, found: *mut stat) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { with_bits(__real_fstat(descriptor, found), found) }
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_fstatat(
    folder: c_int,
    path: *const c_char,
    found: *mut stat,
    flags: c_int,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        let itself = flags & libc::AT_SYMLINK_NOFOLLOW != 0;
        if !(itself && asks_for_a_folder(path)) {
            return with_bits(__real_fstatat(folder, path, found, flags), found);
        }
        let flags = flags & !libc::AT_SYMLINK_NOFOLLOW;
        let outcome = with_bits(__real_fstatat(folder, path, found, flags), found);
        must_be_folder(outcome, found)
    }
}

/// No file has the bit that says that it may be run.
///
/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_access(path: *const c_char, wanted: c_int) -> c_int {
    // SAFETY: the caller's promise; what is found is read only where the call has filled it in.
    unsafe {
        let outcome = __real_access(path, wanted);
        if outcome != 0 || wanted & libc::X_OK == 0 {
            return outcome;
        }
        let mut found: stat = std::mem::zeroed();
        if __wrap_stat(path, &raw mut found) == 0 && found.st_mode & 0o111 == 0 {
            errno::set(libc::EACCES);
            return -1;
        }
        outcome
    }
}
