//! `wcsftime`, by which Python formats times: as glibc's.

use std::ffi::CStr;

use crate::strftime::{Moment, format};

unsafe extern "C" {
    fn timegm(moment: *mut libc::tm) -> libc::time_t;
}

/// # Safety
/// As for libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_wcsftime(
    out: *mut libc::wchar_t,
    room: libc::size_t,
    text: *const libc::wchar_t,
    moment: *const libc::tm,
) -> libc::size_t {
    // SAFETY: the caller's promise: a text that ends with a zero, and a moment whose zone is such a text or null.
    let (text, moment, zone) = unsafe { (characters(text), &*moment, zone(&*moment)) };
    let Some(made) = format(&text, &read(moment), &zone, room) else {
        return 0;
    };
    for (at, made) in made.iter().chain(&['\0']).enumerate() {
        // SAFETY: what was made is shorter than the room, so that the zero behind it fits, too.
        unsafe { *out.add(at) = *made as libc::wchar_t };
    }
    made.len()
}

/// Python gives ASCII alone, so that no character is replaced.
///
/// # Safety
/// The text ends with a zero.
unsafe fn characters(mut text: *const libc::wchar_t) -> Vec<char> {
    let mut out = Vec::new();
    // SAFETY: the caller's promise: up to the zero all is there.
    while let character @ 1.. = unsafe { *text }.cast_unsigned() {
        out.push(char::from_u32(character).unwrap_or(char::REPLACEMENT_CHARACTER));
        // SAFETY: no zero, so another one follows.
        text = unsafe { text.add(1) };
    }
    out
}

/// # Safety
/// The moment's zone is a text that ends with a zero, or null.
unsafe fn zone(moment: &libc::tm) -> String {
    if !moment.__tm_zone.is_null() {
        // SAFETY: the caller's promise.
        let zone = unsafe { CStr::from_ptr(moment.__tm_zone) };
        if !zone.is_empty() {
            return zone.to_string_lossy().into_owned();
        }
    }
    // There is one zone here, and natively cases are given the same; in no summer or winter it isn't named.
    let known = moment.tm_isdst >= 0;
    if known { "UTC" } else { "" }.to_owned()
}

fn read(moment: &libc::tm) -> Moment {
    let mut corrected = *moment;
    Moment {
        second: moment.tm_sec.into(),
        minute: moment.tm_min.into(),
        hour: moment.tm_hour.into(),
        day: moment.tm_mday.into(),
        month: moment.tm_mon.into(),
        year: i64::from(moment.tm_year) + 1900,
        weekday: moment.tm_wday.into(),
        day_of_year: moment.tm_yday.into(),
        daylight_saving: moment.tm_isdst.into(),
        offset: moment.__tm_gmtoff.into(),
        // SAFETY: a copy of our own, which the function may correct.
        epoch: unsafe { timegm(&raw mut corrected) },
    }
}
