//! `strftime` as glibc has it in the C locale: its flags, widths and directives, and years without padding.
//!
//! musl knows fewer directives and pads years below 1000, so that Python's `date.strftime` would give other texts in the guest.
//! The tests hold it against the C library of the machine.

/// What a moment is formatted from: C's `struct tm`, with wide integers so that nothing overflows.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub second: i64,
    pub minute: i64,
    pub hour: i64,
    /// 1 to 31.
    pub day: i64,
    /// 0 to 11.
    pub month: i64,
    /// The calendar's, not counted from 1900.
    pub year: i64,
    /// 0 is Sunday.
    pub weekday: i64,
    /// 0 to 365.
    pub day_of_year: i64,
    /// Negative where it isn't known.
    pub daylight_saving: i64,
    /// Seconds east of Greenwich.
    pub offset: i64,
    /// Seconds since 1970 without regard to summer time, for `%s`.
    pub epoch: i64,
}

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// What a directive becomes.
enum Piece {
    Text(String),
    /// The number and how many digits it has at least.
    Number(i64, usize),
    /// As a number, but padded with spaces where no flag says otherwise.
    Spaced(i64, usize),
    /// What the directives of this format become.
    Format(&'static str),
    /// Hours and minutes east of Greenwich.
    Offset,
}

#[derive(Clone, Copy, Default)]
struct Flags {
    /// `_`, `-` or `0`.
    pad: Option<char>,
    upper: bool,
    swap: bool,
    width: usize,
    modifier: Option<char>,
}

/// The text, unless it has `room` characters or more.
///
/// `zone` is what `%Z` becomes.
pub fn format(format: &[char], moment: &Moment, zone: &str, room: usize) -> Option<Vec<char>> {
    // Not even the end of an empty text has its place there.
    if room == 0 {
        return None;
    }
    let mut out = Text {
        chars: Vec::new(),
        room,
    };
    append(&mut out, format, moment, zone)?;
    Some(out.chars)
}

struct Text {
    chars: Vec<char>,
    room: usize,
}

impl Text {
    /// A piece of text, filled up in front to the width.
    fn add(&mut self, piece: &[char], width: usize, fill: char) -> Option<()> {
        let filling = width.saturating_sub(piece.len());
        if filling + piece.len() >= self.room - self.chars.len() {
            return None;
        }
        self.chars.extend(std::iter::repeat_n(fill, filling));
        self.chars.extend_from_slice(piece);
        Some(())
    }
}

fn append(out: &mut Text, format: &[char], moment: &Moment, zone: &str) -> Option<()> {
    let mut at = 0;
    while at < format.len() {
        if format[at] != '%' {
            out.add(&format[at..=at], 0, ' ')?;
            at += 1;
            continue;
        }
        let (flags, end) = flags(format, at + 1);
        at = end;
        let piece = format
            .get(at)
            .and_then(|directive| piece(*directive, flags, moment, zone));
        at = format.len().min(at + 1);
        match piece {
            Some(piece) => write(out, piece, flags, moment, zone)?,
            // What is no directive stays, from the last percent sign on.
            None => {
                let begin = format[..at].iter().rposition(|c| *c == '%').unwrap_or(0);
                let mut rest = format[begin..at].to_vec();
                let swaps = flags.swap && matches!(rest.last(), Some('b' | 'B' | 'h'));
                if flags.upper || swaps {
                    rest.iter_mut().for_each(char::make_ascii_uppercase);
                }
                out.add(&rest, flags.width, fill(flags))?;
            }
        }
    }
    Some(())
}

/// Flags, width and modifier, and where the directive stands.
fn flags(format: &[char], mut at: usize) -> (Flags, usize) {
    let mut flags = Flags::default();
    while let Some(flag) = format.get(at) {
        match flag {
            '_' | '-' | '0' => flags.pad = Some(*flag),
            '^' => flags.upper = true,
            '#' => flags.swap = true,
            _ => break,
        }
        at += 1;
    }
    while let Some(digit) = format.get(at).and_then(|digit| digit.to_digit(10)) {
        let wider = flags
            .width
            .saturating_mul(10)
            .saturating_add(digit as usize);
        flags.width = wider.min(i32::MAX as usize);
        at += 1;
    }
    if let Some(modifier @ ('E' | 'O')) = format.get(at) {
        flags.modifier = Some(*modifier);
        at += 1;
    }
    (flags, at)
}

fn fill(flags: Flags) -> char {
    if flags.pad == Some('0') { '0' } else { ' ' }
}

fn piece(directive: char, flags: Flags, moment: &Moment, zone: &str) -> Option<Piece> {
    use Piece::{Format, Number, Spaced};
    let refused = match directive {
        'c' | 'x' | 'X' | 'Y' => flags.modifier == Some('O'),
        'C' | 'y' => false,
        'd' | 'e' | 'H' | 'I' | 'k' | 'l' | 'j' | 'M' | 'm' | 'S' | 'U' | 'V' | 'g' | 'G' | 'W'
        | 'w' | 'b' | 'h' | 'B' => flags.modifier == Some('E'),
        '%' | 'a' | 'A' | 'D' | 'F' => flags.modifier.is_some(),
        _ => false,
    };
    if refused {
        return None;
    }
    let twelve = match moment.hour {
        hour if hour > 12 => hour - 12,
        0 => 12,
        hour => hour,
    };
    let name = |names: &[&str], at: i64| {
        let name = usize::try_from(at).ok().and_then(|at| names.get(at));
        name.map_or("?", |name| name).to_owned()
    };
    let short = |name: String| name.chars().take(3).collect();
    let cased = |text: String| {
        if flags.upper || flags.swap {
            text.to_ascii_uppercase()
        } else {
            text
        }
    };
    let lowered = |text: &str| {
        if flags.swap {
            text.to_ascii_lowercase()
        } else if flags.upper {
            text.to_ascii_uppercase()
        } else {
            text.to_owned()
        }
    };
    let half = if moment.hour > 11 { "PM" } else { "AM" };
    Some(match directive {
        '%' => Piece::Text("%".to_owned()),
        'a' => Piece::Text(cased(short(name(&DAYS, moment.weekday)))),
        'A' => Piece::Text(cased(name(&DAYS, moment.weekday))),
        'b' | 'h' => Piece::Text(cased(short(name(&MONTHS, moment.month)))),
        'B' => Piece::Text(cased(name(&MONTHS, moment.month))),
        'c' => Format("%a %b %e %H:%M:%S %Y"),
        'C' => Number(moment.year.div_euclid(100), 1),
        'x' | 'D' => Format("%m/%d/%y"),
        'd' => Number(moment.day, 2),
        'e' => Spaced(moment.day, 2),
        'F' => Format("%Y-%m-%d"),
        'H' => Number(moment.hour, 2),
        'I' => Number(twelve, 2),
        'k' => Spaced(moment.hour, 2),
        'l' => Spaced(twelve, 2),
        'j' => Number(moment.day_of_year + 1, 3),
        'M' => Number(moment.minute, 2),
        'm' => Number(moment.month + 1, 2),
        'n' => Piece::Text("\n".to_owned()),
        't' => Piece::Text("\t".to_owned()),
        'P' => Piece::Text(half.to_ascii_lowercase()),
        'p' => Piece::Text(lowered(half)),
        'R' => Format("%H:%M"),
        'r' => Format("%I:%M:%S %p"),
        'S' => Number(moment.second, 2),
        // glibc's mktime takes an hour off in summer, even where the zone has none.
        's' => {
            Piece::Text((moment.epoch - 3600 * i64::from(moment.daylight_saving > 0)).to_string())
        }
        'X' | 'T' => Format("%H:%M:%S"),
        'u' => Number((moment.weekday - 1).rem_euclid(7) + 1, 1),
        'U' => Number((moment.day_of_year - moment.weekday + 7) / 7, 2),
        'W' => Number(
            (moment.day_of_year - (moment.weekday - 1).rem_euclid(7) + 7) / 7,
            2,
        ),
        'V' => Number(iso_week(moment).1, 2),
        'g' => Number(iso_week(moment).0.rem_euclid(100), 2),
        'G' => Number(iso_week(moment).0, 1),
        'w' => Number(moment.weekday, 1),
        'Y' => Number(moment.year, 1),
        'y' => Number(moment.year.rem_euclid(100), 2),
        'Z' => Piece::Text(lowered(zone)),
        'z' => Piece::Offset,
        _ => return None,
    })
}

/// Writes a piece as its flags say.
fn write(out: &mut Text, piece: Piece, flags: Flags, moment: &Moment, zone: &str) -> Option<()> {
    match piece {
        Piece::Text(text) => {
            let text: Vec<char> = text.chars().collect();
            out.add(&text, flags.width, fill(flags))
        }
        Piece::Number(number, digits) => write_number(out, number, digits, flags),
        Piece::Spaced(number, digits) => {
            let pad = flags.pad.or(Some('_'));
            write_number(out, number, digits, Flags { pad, ..flags })
        }
        Piece::Format(format) => {
            let format: Vec<char> = format.chars().collect();
            let mut inner = Text {
                chars: Vec::new(),
                room: out.room,
            };
            append(&mut inner, &format, moment, zone)?;
            if flags.upper {
                inner.chars.iter_mut().for_each(char::make_ascii_uppercase);
            }
            out.add(&inner.chars, flags.width, fill(flags))
        }
        Piece::Offset => {
            if moment.daylight_saving < 0 {
                return Some(());
            }
            let sign = if moment.offset < 0 { '-' } else { '+' };
            let minutes = moment.offset.abs() / 60;
            out.add(&[sign], flags.width, fill(flags))?;
            write_number(out, minutes / 60 * 100 + minutes % 60, 4, flags)
        }
    }
}

fn write_number(out: &mut Text, number: i64, digits: usize, flags: Flags) -> Option<()> {
    let digits = digits.max(flags.width);
    let plain: Vec<char> = number.to_string().chars().collect();
    let filling = digits.saturating_sub(plain.len());
    match flags.pad {
        Some('-') => out.add(&plain, flags.width, ' '),
        Some('_') => out.add(&plain, digits, ' '),
        _ if filling == 0 => out.add(&plain, 0, ' '),
        _ => {
            let (sign, rest) = plain.split_at(usize::from(number < 0));
            out.add(sign, 0, ' ')?;
            out.add(rest, digits - sign.len(), '0')
        }
    }
}

/// The year and the week of ISO 8601.
fn iso_week(moment: &Moment) -> (i64, i64) {
    let days = |day_of_year: i64| {
        let thursday = 4;
        let big_enough = 3 * 7;
        day_of_year - (day_of_year - moment.weekday + thursday + big_enough) % 7 + thursday - 1
    };
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = |year| if leap(year) { 366 } else { 365 };
    let here = days(moment.day_of_year);
    if here < 0 {
        let before = moment.year - 1;
        return (before, days(moment.day_of_year + length(before)) / 7 + 1);
    }
    let after = days(moment.day_of_year - length(moment.year));
    if after >= 0 {
        (moment.year + 1, after / 7 + 1)
    } else {
        (moment.year, here / 7 + 1)
    }
}

#[cfg(all(test, target_os = "linux"))]
#[path = "strftime_tests.rs"]
mod tests;
