//! What a native case would read of the machine, and is the same on all of them.
//!
//! The program exports these functions, so that Python and what it loads call them instead of the C library's.
//! They say what the guest's C library says; build.rs has their names, too.

use std::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::ptr::null_mut;

use libc::{cpu_set_t, gid_t, group, passwd, pid_t, size_t, uid_t, utsname};

use crate::errno;
use crate::locales::is_known;

/// The name of every machine, and the release of its kernel.
const NAME: &CStr = c"(none)";
const RELEASE: &CStr = c"0.0.0";

/// glibc's name of the encoding of the locale `C`, and the one that musl has.
const CODESET: &CStr = c"ANSI_X3.4-1968";
const SHORT_CODESET: &CStr = c"ASCII";

/// The C library's own function of a name.
macro_rules! real {
    ($name:literal as $signature:ty) => {{
        // SAFETY: the name ends with a zero.
        let found = unsafe { libc::dlsym(libc::RTLD_NEXT, $name.as_ptr()) };
        assert!(!found.is_null(), "the C library has all of its functions");
        // SAFETY: a function of this name has this signature in every C library.
        unsafe { std::mem::transmute::<*mut c_void, $signature>(found) }
    }};
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn uname(found: *mut utsname) -> c_int {
    // SAFETY: the caller's promise.
    let outcome = unsafe { libc::syscall(libc::SYS_uname, found) };
    if outcome != 0 {
        return -1;
    }
    // SAFETY: the call has filled it in.
    let found = unsafe { &mut *found };
    write(&mut found.nodename, NAME);
    write(&mut found.release, RELEASE);
    write(&mut found.version, RELEASE);
    0
}

fn write(place: &mut [c_char], text: &CStr) {
    place.fill(0);
    for (place, byte) in place.iter_mut().zip(text.to_bytes()) {
        *place = byte.cast_signed();
    }
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn gethostname(name: *mut c_char, length: size_t) -> c_int {
    if length <= NAME.count_bytes() {
        errno::set(libc::ENAMETOOLONG);
        return -1;
    }
    // SAFETY: the caller's promise that there are so many bytes, which are enough.
    unsafe { name.copy_from_nonoverlapping(NAME.as_ptr(), NAME.count_bytes() + 1) };
    0
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn sysconf(name: c_int) -> c_long {
    if matches!(
        name,
        libc::_SC_NPROCESSORS_ONLN | libc::_SC_NPROCESSORS_CONF
    ) {
        return 1;
    }
    let real = real!(c"sysconf" as unsafe extern "C" fn(c_int) -> c_long);
    // SAFETY: the caller's promise.
    unsafe { real(name) }
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn sched_getaffinity(pid: pid_t, size: size_t, set: *mut cpu_set_t) -> c_int {
    // SAFETY: the caller's promise; it also finds out whether there is such a process, and whether the size will do.
    let outcome = unsafe { libc::syscall(libc::SYS_sched_getaffinity, pid, size, set) };
    if outcome < 0 {
        return -1;
    }
    let set = set.cast::<u8>();
    // SAFETY: the caller's promise that there are so many bytes, and the call has taken their number for enough.
    unsafe {
        set.write_bytes(0, size);
        set.write(1);
    }
    0
}

/// Functions that look a user or a group up and find none.
macro_rules! nobody {
    ($($name:ident($($argument:ty),*) -> $found:ty;)*) => {$(
        /// # Safety
        /// As for libc's.
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name($(_: $argument),*) -> *mut $found {
            null_mut()
        }
    )*};
}

/// The same where the caller says where the answer goes.
macro_rules! nobody_there {
    ($($name:ident($key:ty) -> $found:ty;)*) => {$(
        /// # Safety
        /// As for libc's.
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(
            _: $key,
            _: *mut $found,
            _: *mut c_char,
            _: size_t,
            result: *mut *mut $found,
        ) -> c_int {
            // SAFETY: the caller's promise.
            unsafe { result.write(null_mut()) };
            0
        }
    )*};
}

nobody! {
    getpwuid(uid_t) -> passwd;
    getpwnam(*const c_char) -> passwd;
    getpwent() -> passwd;
    getgrent() -> group;
}

nobody_there! {
    getpwuid_r(uid_t) -> passwd;
    getpwnam_r(*const c_char) -> passwd;
    getgrgid_r(gid_t) -> group;
    getgrnam_r(*const c_char) -> group;
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn getlogin() -> *mut c_char {
    errno::set(libc::ENXIO);
    null_mut()
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn getlogin_r(_: *mut c_char, _: size_t) -> c_int {
    libc::ENXIO
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn getgrouplist(
    _: *const c_char,
    group: gid_t,
    groups: *mut gid_t,
    count: *mut c_int,
) -> c_int {
    // SAFETY: the caller's promise that so many fit there.
    unsafe {
        let room = count.replace(1);
        if room < 1 {
            return -1;
        }
        groups.write(group);
    }
    1
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn setlocale(category: c_int, name: *const c_char) -> *mut c_char {
    // SAFETY: the caller's promise.
    if !unsafe { is_known(name) } {
        return null_mut();
    }
    let real = real!(c"setlocale" as unsafe extern "C" fn(c_int, *const c_char) -> *mut c_char);
    // SAFETY: the caller's promise.
    unsafe { real(category, name) }
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn nl_langinfo(item: libc::nl_item) -> *mut c_char {
    let real = real!(c"nl_langinfo" as unsafe extern "C" fn(libc::nl_item) -> *mut c_char);
    // SAFETY: the caller's promise; the text ends with a zero.
    let found = unsafe { real(item) };
    // SAFETY: what the C library returns ends with a zero.
    if item == libc::CODESET && unsafe { CStr::from_ptr(found) } == CODESET {
        return SHORT_CODESET.as_ptr().cast_mut();
    }
    found
}
