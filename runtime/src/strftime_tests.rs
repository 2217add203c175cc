//! Holds `format` against the machine's own `wcsftime`.

use super::*;

unsafe extern "C" {
    fn wcsftime(
        out: *mut libc::wchar_t,
        room: libc::size_t,
        format: *const libc::wchar_t,
        moment: *const libc::tm,
    ) -> libc::size_t;
}

/// What the machine makes of it, and none where it says that there is too little room.
fn native(text: &str, moment: &libc::tm, room: usize) -> Option<String> {
    let format: Vec<libc::wchar_t> = text.chars().map(|c| c as i32).chain([0]).collect();
    let mut out = vec![0; room];
    // SAFETY: both texts end with a zero or are as long as is said, and the moment lives as long as the call.
    let written = unsafe { wcsftime(out.as_mut_ptr(), room, format.as_ptr(), moment) };
    (written > 0).then(|| {
        let text = &out[..written];
        text.iter()
            .map(|c| char::from_u32(*c as u32).expect("a character"))
            .collect()
    })
}

fn read(moment: &libc::tm) -> Moment {
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
        offset: moment.tm_gmtoff,
        // SAFETY: a copy, which the function may correct.
        epoch: unsafe { libc::timegm(&mut { *moment }) },
    }
}

fn ours(text: &str, moment: &libc::tm, room: usize) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let moment = read(moment);
    let out = format(&chars, &moment, "ABc", room)?;
    (!out.is_empty()).then(|| out.into_iter().collect())
}

fn moment(seconds: i64, offset: i64, saving: i32) -> libc::tm {
    // SAFETY: all zeros are a moment.
    let mut out: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both live as long as the call.
    unsafe { libc::gmtime_r(&seconds, &mut out) };
    out.tm_gmtoff = offset;
    out.tm_isdst = saving;
    out.tm_zone = c"ABc".as_ptr();
    out
}

/// From years before Christ to five digits, in steps that meet every weekday and month.
fn moments() -> impl Iterator<Item = libc::tm> {
    const DAY: i64 = 86_400;
    let years = [
        -63_000_000_000,
        -61_000_000_000,
        -30_600_000_000,
        0,
        1_700_000_000,
        253_402_300_799,
        400_000_000_000,
    ];
    years.into_iter().flat_map(|start| {
        (0..9).map(move |step| {
            let seconds = start + step * (41 * DAY + 17 * 3600 + 61);
            let offset = [0, 19_800, -12_600, 3_600][step as usize % 4];
            moment(seconds, offset, [0, 1, -1][step as usize % 3])
        })
    })
}

#[test]
fn every_directive_with_every_flag_is_as_the_machines() {
    // SAFETY: no other thread of this test asks for zones.
    unsafe { std::env::set_var("TZ", "UTC") };
    let letters = (' '..='~').chain(['é']);
    let mut different = Vec::new();
    let moments: Vec<libc::tm> = moments().collect();
    for letter in letters {
        for flags in ["", "_", "-", "0", "^", "#", "^#", "_^", "0#", "+", "-0"] {
            for width in ["", "1", "3", "6", "12", "40"] {
                for modifier in ["", "E", "O"] {
                    let text = format!("a%{flags}{width}{modifier}{letter}z");
                    for moment in &moments {
                        let [native, ours] = [native(&text, moment, 200), ours(&text, moment, 200)];
                        if native != ours {
                            different.push(format!("{text} {native:?} {ours:?}"));
                        }
                    }
                }
            }
        }
    }
    let count = different.len();
    different.dedup_by_key(|line| line.split(' ').next().unwrap_or("").to_owned());
    assert!(
        different.is_empty(),
        "{count}: {:#?}",
        &different[..different.len().min(60)]
    );
}

#[test]
fn too_little_room_is_too_little_for_both() {
    let moment = moment(-61_000_000_000, -12_600, 0);
    let texts = [
        "%Y",
        "%012Y",
        "%_12Y",
        "%-12Y",
        "%F",
        "%40F",
        "%a%%%z",
        "%30z",
        "%c",
        "x%C%n",
        "%40Q",
        "%1000000000d",
        "%99999999999d",
        "%012s",
        "",
        "%",
    ];
    for text in texts {
        for room in 1..60 {
            assert_eq!(
                ours(text, &moment, room),
                native(text, &moment, room),
                "{text} in {room}"
            );
        }
    }
}

#[test]
fn no_room_is_too_little_for_an_empty_text() {
    let moment = moment(0, 0, 0);
    assert_eq!(ours("%%", &moment, 0), None);
    let read = read(&moment);
    assert!(format(&[], &read, "", 0).is_none());
    assert_eq!(format(&[], &read, "", 1), Some(Vec::new()));
}
