//! Which locales there are: the same on both legs, whatever is installed on the machine.

use std::ffi::{CStr, c_char};

/// The names of a locale that is there, each in the spellings that C libraries take.
const KNOWN: [&[u8]; 4] = [b"C", b"POSIX", b"C.UTF-8", b"C.utf8"];

/// As many categories have a locale, at least.
const CATEGORIES: usize = 6;

/// What an empty name refers to.
const VARIABLES: [&CStr; 8] = [
    c"LC_ALL",
    c"LC_CTYPE",
    c"LC_NUMERIC",
    c"LC_TIME",
    c"LC_COLLATE",
    c"LC_MONETARY",
    c"LC_MESSAGES",
    c"LANG",
];

/// Whether `setlocale` may be asked for a name; a null one only asks which is set.
///
/// # Safety
/// `name` is null, or ends with a zero, and nobody changes the environment meanwhile.
pub unsafe fn is_known(name: *const c_char) -> bool {
    if name.is_null() {
        return true;
    }
    // SAFETY: the caller's promise.
    let name = unsafe { CStr::from_ptr(name) };
    if !name.is_empty() {
        return is_there(name);
    }
    VARIABLES.iter().all(|variable| {
        // SAFETY: the name ends with a zero; what is found is read before anybody could change it, by the caller's promise.
        let value = unsafe { libc::getenv(variable.as_ptr()) };
        // SAFETY: as above.
        value.is_null() || unsafe { is_empty_or_there(CStr::from_ptr(value)) }
    })
}

fn is_empty_or_there(name: &CStr) -> bool {
    name.is_empty() || is_there(name)
}

/// Also where categories have several, as `setlocale` itself says it, natively and in the guest: `LC_CTYPE=C.UTF-8;LC_NUMERIC=C;…` and `C.UTF-8;C;C;C;C;C`.
fn is_there(name: &CStr) -> bool {
    let name = name.to_bytes();
    let of_categories = || name.split(|&byte| byte == b';').map(of_category);
    KNOWN.contains(&name)
        || of_categories().count() >= CATEGORIES
            && of_categories().all(|name| KNOWN.contains(&name))
}

/// The name alone, of a name that stands behind its category.
fn of_category(part: &[u8]) -> &[u8] {
    match part.iter().position(|&byte| byte == b'=') {
        Some(sign) if part.starts_with(b"LC_") => &part[sign + 1..],
        _ => part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_locales_of_every_machine_are_there() {
        for (name, expected) in [
            (c"C", true),
            (c"C.UTF-8", true),
            (
                c"LC_CTYPE=C.UTF-8;LC_NUMERIC=C;LC_TIME=C;LC_COLLATE=C;LC_MONETARY=C;LC_MESSAGES=C",
                true,
            ),
            (c"C.UTF-8;C;C;C;C;C", true),
            (c"C.UTF-8;C;C", false),
            (c"C;C;C;C;C;de_DE", false),
            (c"LC_CTYPE=C", false),
            (c"foo=C", false),
            (c"de_DE.UTF-8", false),
            (c"LC_CTYPE=C.UTF-8;LC_NUMERIC=de_DE", false),
            (c"c", false),
        ] {
            // SAFETY: a literal ends with a zero, and is not empty, so that no environment is read.
            assert_eq!(unsafe { is_known(name.as_ptr()) }, expected, "{name:?}");
        }
        // SAFETY: null is allowed.
        assert!(unsafe { is_known(std::ptr::null()) });
    }
}
