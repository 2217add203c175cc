//! Paths: wasi-libc takes an empty one for the current directory, and keeps `..` in the name of that.

use std::ffi::{CStr, CString, c_char, c_int};

use libc::size_t;

use crate::errno;

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

/// Bytes of a path at most, as on Linux.
pub const LONGEST: usize = 4096;

unsafe extern "C" {
    fn __real___wasilibc_find_relpath_alloc(
        path: *const c_char,
        folder: *mut *const c_char,
        relative: *mut *mut c_char,
        length: *mut size_t,
        may_grow: c_int,
    ) -> c_int;
    fn __real_chdir(path: *const c_char) -> c_int;
}

/// Whether a path is empty; then `errno` says that there is no such file.
///
/// # Safety
/// `path` ends with a zero.
pub unsafe fn is_empty(path: *const c_char) -> bool {
    // SAFETY: the caller's promise.
    let is_empty = unsafe { *path == 0 };
    if is_empty {
        errno::set(libc::ENOENT);
    }
    is_empty
}

/// Every function that takes a path asks this one, but for those below, and those that look from a descriptor.
///
/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap___wasilibc_find_relpath_alloc(
    path: *const c_char,
    folder: *mut *const c_char,
    relative: *mut *mut c_char,
    length: *mut size_t,
    may_grow: c_int,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        if is_empty(path) {
            return -1;
        }
        __real___wasilibc_find_relpath_alloc(path, folder, relative, length, may_grow)
    }
}

/// Changes the directory, and gives it the name that it has without links, `.` and `..`.
///
/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_chdir(path: *const c_char) -> c_int {
    let before = current();
    // SAFETY: the caller's promise.
    let outcome = unsafe {
        if is_empty(path) {
            return -1;
        }
        __real_chdir(path)
    };
    if outcome != 0 {
        return outcome;
    }
    let Some(named) = current().and_then(|path| without_detours(path.to_bytes())) else {
        if let Some(before) = before {
            // SAFETY: the text ends with a zero. It was the current directory, which needn't be there any more; then the new one stays.
            unsafe { __real_chdir(before.as_ptr()) };
        }
        errno::set(libc::ELOOP);
        return -1;
    };
    // SAFETY: the text ends with a zero.
    unsafe { __real_chdir(named.as_ptr()) }
}

/// The current directory's name.
fn current() -> Option<CString> {
    let mut text = [0u8; LONGEST];
    // SAFETY: the place has as many bytes as is said, and outlives the call.
    let found = unsafe { libc::getcwd(text.as_mut_ptr().cast(), text.len()) };
    let text = CStr::from_bytes_until_nul(&text).ok()?;
    (!found.is_null()).then(|| text.to_owned())
}

/// An absolute path without links, `.` and `..`; nothing where there are too many links, or it is too long.
fn without_detours(path: &[u8]) -> Option<CString> {
    let mut left: Vec<Vec<u8>> = parts(path).rev().map(<[u8]>::to_vec).collect();
    let mut found = Vec::new();
    let mut links = 0;
    while let Some(part) = left.pop() {
        if part == b".." {
            let parent = found.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
            found.truncate(parent);
            continue;
        }
        let parent = found.len();
        found.push(b'/');
        found.extend(part);
        if found.len() >= LONGEST {
            return None;
        }
        if let Some(target) = link(&found) {
            links += 1;
            if links > MOST_LINKS {
                return None;
            }
            found.truncate(if target.starts_with(b"/") { 0 } else { parent });
            left.extend(parts(&target).rev().map(<[u8]>::to_vec));
        }
    }
    if found.is_empty() {
        found.push(b'/');
    }
    CString::new(found).ok()
}

fn parts(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    let parts = path.split(|&byte| byte == b'/');
    parts.filter(|part| !part.is_empty() && *part != b".")
}

/// What a link leads to; nothing where there is none, or where it is a directory above those that the guest sees.
///
/// A target that doesn't fit is cut off, and then too long for a path.
fn link(path: &[u8]) -> Option<Vec<u8>> {
    let path = CString::new(path).ok()?;
    let mut text = vec![0u8; LONGEST];
    // SAFETY: the path ends with a zero, and the place has as many bytes as is said.
    let length = unsafe { libc::readlink(path.as_ptr(), text.as_mut_ptr().cast(), text.len()) };
    text.truncate(usize::try_from(length).ok()?);
    Some(text)
}
