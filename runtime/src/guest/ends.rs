//! Ends of paths: slashes, `.` and `..`, for which Linux has other errors than WASI, and where WASI removes what Linux doesn't.

use std::ffi::{CStr, CString, c_char, c_int};

use libc::{AT_FDCWD, AT_REMOVEDIR, AT_SYMLINK_FOLLOW, AT_SYMLINK_NOFOLLOW};

use super::paths::{LONGEST, is_empty};
use crate::errno;

unsafe extern "C" {
    fn __real_rmdir(path: *const c_char) -> c_int;
    fn __real_unlink(path: *const c_char) -> c_int;
    fn __real_unlinkat(folder: c_int, path: *const c_char, flags: c_int) -> c_int;
    fn __real_symlink(target: *const c_char, path: *const c_char) -> c_int;
    fn __real_symlinkat(target: *const c_char, folder: c_int, path: *const c_char) -> c_int;
    fn __real_link(from: *const c_char, to: *const c_char) -> c_int;
    fn __real_linkat(
        from_folder: c_int,
        from: *const c_char,
        to_folder: c_int,
        to: *const c_char,
        flags: c_int,
    ) -> c_int;
    fn __real_rename(from: *const c_char, to: *const c_char) -> c_int;
    fn __real_renameat(
        from_folder: c_int,
        from: *const c_char,
        to_folder: c_int,
        to: *const c_char,
    ) -> c_int;
}

/// What a path ends with.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Name,
    /// A name with slashes behind it, and the path without these.
    Slashes(CString),
    Dot,
    DotDot,
}

/// The end of a path. One that is empty, or too long for any file, ends with a name like others: the call itself says what is wrong.
fn end(path: &CStr) -> End {
    let bytes = path.to_bytes();
    let Some(last) = bytes.iter().rposition(|&byte| byte != b'/') else {
        return End::Name;
    };
    if bytes.len() >= LONGEST {
        return End::Name;
    }
    let kept = &bytes[..=last];
    match kept.rsplit(|&byte| byte == b'/').next() {
        Some(b".") => End::Dot,
        Some(b"..") => End::DotDot,
        _ if kept.len() == bytes.len() => End::Name,
        _ => CString::new(kept).map_or(End::Name, End::Slashes),
    }
}

/// Sets the error, and is what a call returns that has failed.
fn fail(error: c_int) -> c_int {
    errno::set(error);
    -1
}

/// The kind of what stands at a path, a link being one itself; nothing where there is nothing, and `errno` says why.
fn kind(folder: c_int, path: &CStr, flags: c_int) -> Option<libc::mode_t> {
    // SAFETY: zeros are a value of it.
    let mut found: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: the path ends with a zero, and what is found has a place.
    let outcome = unsafe { libc::fstatat(folder, path.as_ptr(), &raw mut found, flags) };
    (outcome == 0).then_some(found.st_mode & libc::S_IFMT)
}

/// Whether a path that is looked at itself, and not what it links to, has an end that only a folder can have; then links are followed after all.
///
/// # Safety
/// `path` ends with a zero.
pub unsafe fn asks_for_a_folder(path: *const c_char) -> bool {
    // SAFETY: the caller's promise.
    end(unsafe { CStr::from_ptr(path) }) != End::Name
}

/// Removes a folder as Linux does: it may be named with slashes behind it, which WASI refuses, but not by `.` and `..`, which WASI takes.
///
/// # Safety
/// `path` ends with a zero, and `remove` takes one that does.
unsafe fn remove_folder(
    folder: c_int,
    path: *const c_char,
    remove: impl Fn(*const c_char) -> c_int,
) -> c_int {
    // SAFETY: the caller's promise.
    let name = unsafe { CStr::from_ptr(path) };
    let error = match end(name) {
        End::Name => return remove(path),
        End::Slashes(name) => return remove(name.as_ptr()),
        End::Dot => libc::EINVAL,
        End::DotDot => libc::ENOTEMPTY,
    };
    match kind(folder, name, 0) {
        Some(_) => fail(error),
        None => -1,
    }
}

/// Refuses to remove what is named like a folder: nothing, where it is to be removed.
fn refuse_to_unlink(folder: c_int, path: &CStr) -> Option<c_int> {
    let End::Slashes(name) = end(path) else {
        return None;
    };
    Some(match kind(folder, &name, AT_SYMLINK_NOFOLLOW) {
        Some(libc::S_IFDIR) => fail(libc::EISDIR),
        Some(_) => fail(libc::ENOTDIR),
        None => -1,
    })
}

/// Refuses to make a link that is named like a folder: what is there is there already.
fn refuse_to_link(folder: c_int, path: &CStr) -> Option<c_int> {
    let End::Slashes(name) = end(path) else {
        return None;
    };
    kind(folder, &name, AT_SYMLINK_NOFOLLOW).map(|_| fail(libc::EEXIST))
}

/// Refuses to rename what has no name of its own.
fn refuse_to_rename(folder: c_int, path: &CStr) -> Option<c_int> {
    if !matches!(end(path), End::Dot | End::DotDot) {
        return None;
    }
    // `..` above what the guest sees is the call's own matter.
    kind(folder, path, 0).map(|_| fail(libc::EBUSY))
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_rmdir(path: *const c_char) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { remove_folder(AT_FDCWD, path, |path| __real_rmdir(path)) }
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_unlink(path: *const c_char) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        refuse_to_unlink(AT_FDCWD, CStr::from_ptr(path)).unwrap_or_else(|| __real_unlink(path))
    }
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_unlinkat(folder: c_int, path: *const c_char, flags: c_int) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        if flags & AT_REMOVEDIR != 0 {
            return remove_folder(folder, path, |path| __real_unlinkat(folder, path, flags));
        }
        refuse_to_unlink(folder, CStr::from_ptr(path))
            .unwrap_or_else(|| __real_unlinkat(folder, path, flags))
    }
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_symlink(target: *const c_char, path: *const c_char) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        if is_empty(target) {
            return -1;
        }
        refuse_to_link(AT_FDCWD, CStr::from_ptr(path))
            .unwrap_or_else(|| __real_symlink(target, path))
    }
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_symlinkat(
    target: *const c_char,
    folder: c_int,
    path: *const c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        if is_empty(target) {
            return -1;
        }
        refuse_to_link(folder, CStr::from_ptr(path))
            .unwrap_or_else(|| __real_symlinkat(target, folder, path))
    }
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_link(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_to_link(AT_FDCWD, CStr::from_ptr(to)).unwrap_or_else(|| __real_link(from, to)) }
}

/// WASI follows no links here, which only matters for one.
///
/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_linkat(
    from_folder: c_int,
    from: *const c_char,
    to_folder: c_int,
    to: *const c_char,
    flags: c_int,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        if let Some(outcome) = refuse_to_link(to_folder, CStr::from_ptr(to)) {
            return outcome;
        }
        let flags = match kind(from_folder, CStr::from_ptr(from), AT_SYMLINK_NOFOLLOW) {
            Some(libc::S_IFLNK) => flags,
            _ => flags & !AT_SYMLINK_FOLLOW,
        };
        __real_linkat(from_folder, from, to_folder, to, flags)
    }
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        refuse_to_rename(AT_FDCWD, CStr::from_ptr(from))
            .or_else(|| refuse_to_rename(AT_FDCWD, CStr::from_ptr(to)))
            .unwrap_or_else(|| __real_rename(from, to))
    }
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_renameat(
    from_folder: c_int,
    from: *const c_char,
    to_folder: c_int,
    to: *const c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        refuse_to_rename(from_folder, CStr::from_ptr(from))
            .or_else(|| refuse_to_rename(to_folder, CStr::from_ptr(to)))
            .unwrap_or_else(|| __real_renameat(from_folder, from, to_folder, to))
    }
}
