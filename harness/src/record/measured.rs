//! Records of what cases cost, as JSON Lines: on which machine and with what it was measured, then all samples, then an end.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};

use super::lines::RecordError;
use super::measurement::Measurement;
use super::sealed::{self, Form};
use super::summary::LegInfo;
use crate::case::CaseId;

/// The version of the form of these lines.
const FORM: Form = Form {
    first: "measuring",
    version: 1,
};

/// What is measured, on what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredInfo {
    /// Parallax's own version.
    pub version: String,
    /// Seconds since 1970 at the start.
    pub started: u64,
    /// The properties of the machine on which times depend, by name; its own name is none of them.
    pub machine: BTreeMap<String, String>,
    pub transport: String,
    pub rounds: usize,
    /// How long each round took turns with one case, in milliseconds.
    pub turns_ms: u64,
    /// The reference first.
    pub legs: Vec<LegInfo>,
    /// What was to be measured, in order.
    pub cases: Vec<CaseId>,
}

/// A figure that has no noise: what computes the same consumes the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exact {
    pub what: ExactQuantity,
    /// The leg, where it is one's.
    pub leg: Option<String>,
    pub value: u64,
}

/// What is exact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ExactQuantity {
    /// What a case consumes in WebAssembly, in wasmtime's units.
    Fuel { case: CaseId },
    /// What all items of a case consume once everything has run before, without what it takes to begin and to end.
    Items { case: CaseId },
    /// Bytes of a part of what is shipped.
    Size { part: String },
}

/// A case of which nothing was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unmeasured {
    pub case: CaseId,
    pub why: String,
}

/// How many lines stand before the end, so that none is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    rows: usize,
}

/// A whole record of costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    pub info: MeasuredInfo,
    pub times: Vec<Measurement>,
    pub exact: Vec<Exact>,
    pub unmeasured: Vec<Unmeasured>,
}

impl ExactQuantity {
    /// The case that it is of, if it is one's.
    pub fn case(&self) -> Option<&CaseId> {
        match self {
            ExactQuantity::Fuel { case } | ExactQuantity::Items { case } => Some(case),
            ExactQuantity::Size { .. } => None,
        }
    }
}

impl fmt::Display for ExactQuantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExactQuantity::Fuel { case } => write!(f, "{case}: fuel"),
            ExactQuantity::Items { case } => write!(f, "{case}: fuel of its items"),
            ExactQuantity::Size { part } => write!(f, "size of {part}"),
        }
    }
}

/// Writes all of it.
///
/// # Errors
/// Those of the writer.
pub fn write(mut writer: impl Write, record: &Measured) -> std::io::Result<()> {
    let Measured {
        info,
        times,
        exact,
        unmeasured,
    } = record;
    sealed::write(&mut writer, FORM, "measuring", info)?;
    for row in times {
        sealed::write(&mut writer, FORM, "times", row)?;
    }
    for row in exact {
        sealed::write(&mut writer, FORM, "exact", row)?;
    }
    for row in unmeasured {
        sealed::write(&mut writer, FORM, "unmeasured", row)?;
    }
    let rows = times.len() + exact.len() + unmeasured.len();
    sealed::write(&mut writer, FORM, "measured", &End { rows })
}

/// Reads all of it back.
///
/// # Errors
/// A line is none of this form, or lines are missing.
pub fn read(reader: impl BufRead) -> Result<Measured, RecordError> {
    const KINDS: [&str; 5] = ["measuring", "times", "exact", "unmeasured", "measured"];
    let mut record: Option<Measured> = None;
    let mut rows = 0;
    let mut ended = false;
    for (index, bytes) in reader.split(b'\n').enumerate() {
        let refuse = |reason: String| RecordError::Line {
            line: index + 1,
            reason,
        };
        let bytes = bytes?;
        let text = std::str::from_utf8(&bytes).map_err(|error| refuse(error.to_string()))?;
        if ended {
            return Err(refuse("a record ends with its line `measured`".to_owned()));
        }
        let (kind, rest) = sealed::open(text, FORM, &KINDS).map_err(refuse)?;
        let Some(record) = &mut record else {
            if kind != FORM.first {
                let reason = format!("a record of costs begins with a line `{}`", FORM.first);
                return Err(refuse(reason));
            }
            record = Some(Measured {
                info: rest.typed().map_err(refuse)?,
                times: Vec::new(),
                exact: Vec::new(),
                unmeasured: Vec::new(),
            });
            continue;
        };
        match kind {
            "times" => {
                let one: Measurement = rest.typed().map_err(refuse)?;
                check_legs(record.times.first(), &one).map_err(refuse)?;
                record.times.push(one);
            }
            "exact" => record.exact.push(rest.typed().map_err(refuse)?),
            "unmeasured" => record.unmeasured.push(rest.typed().map_err(refuse)?),
            "measured" => {
                let end: End = rest.typed().map_err(refuse)?;
                if end.rows != rows {
                    let reason = format!("{rows} rows, where {} were written", end.rows);
                    return Err(refuse(reason));
                }
                ended = true;
            }
            _ => {
                let reason = format!("a record has one line `{}`", FORM.first);
                return Err(refuse(reason));
            }
        }
        rows += usize::from(!ended);
    }
    match record {
        Some(record) if ended => Ok(record),
        _ => Err(RecordError::Truncated(rows + 1)),
    }
}

/// A ratio needs two legs, and a table the same ones in each row.
fn check_legs(first: Option<&Measurement>, one: &Measurement) -> Result<(), String> {
    let names =
        |one: &Measurement| -> Vec<String> { one.legs.iter().map(|leg| leg.leg.clone()).collect() };
    let own = names(one);
    if own.len() < 2 {
        return Err("a measurement has two legs or more".to_owned());
    }
    match first.map(names) {
        Some(first) if first != own => Err(format!(
            "legs {}, where the first row has {}",
            own.join(", "),
            first.join(", ")
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::measurement::{LegSamples, Quantity};

    fn record() -> Measured {
        let case = CaseId("a/b".to_owned());
        Measured {
            info: MeasuredInfo {
                version: "1".to_owned(),
                started: 7,
                machine: [("cpu".to_owned(), "one".to_owned())].into(),
                transport: "frame".to_owned(),
                rounds: 1,
                turns_ms: 2,
                legs: Vec::new(),
                cases: vec![case.clone()],
            },
            times: vec![Measurement {
                case: case.clone(),
                quantity: Quantity::Whole,
                legs: ["x", "y"]
                    .map(|leg| LegSamples {
                        leg: leg.to_owned(),
                        rounds: vec![vec![1, 2]],
                    })
                    .into(),
            }],
            exact: vec![Exact {
                what: ExactQuantity::Fuel { case: case.clone() },
                leg: Some("x".to_owned()),
                value: u64::MAX,
            }],
            unmeasured: vec![Unmeasured {
                case,
                why: "because".to_owned(),
            }],
        }
    }

    fn text(record: &Measured) -> String {
        let mut bytes = Vec::new();
        write(&mut bytes, record).expect("memory");
        String::from_utf8(bytes).expect("JSON")
    }

    #[test]
    fn what_is_written_is_read() {
        let record = record();
        let text = text(&record);
        assert_eq!(text.lines().count(), 5);
        assert_eq!(read(text.as_bytes()).expect("a record"), record);
    }

    #[test]
    fn rows_have_the_same_legs_and_two_of_them() {
        let mut one = record();
        one.times[0].legs.pop();
        let error = read(text(&one).as_bytes()).expect_err("one leg");
        assert!(error.to_string().contains("two legs"), "{error}");
        let mut other = record();
        other.times.push(other.times[0].clone());
        other.times[1].legs.reverse();
        let error = read(text(&other).as_bytes()).expect_err("other legs");
        assert!(error.to_string().contains("legs y, x"), "{error}");
    }

    #[test]
    fn no_line_may_be_missing_twice_or_changed() {
        let text = text(&record());
        let lines: Vec<&str> = text.lines().collect();
        for left_out in 0..lines.len() {
            let mut less = lines.clone();
            less.remove(left_out);
            assert!(
                read(less.join("\n").as_bytes()).is_err(),
                "without {left_out}"
            );
            let mut more = lines.clone();
            more.insert(left_out, lines[left_out]);
            assert!(
                read(more.join("\n").as_bytes()).is_err(),
                "twice {left_out}"
            );
        }
        for cut in 0..text.len() - 1 {
            assert!(read(&text.as_bytes()[..cut]).is_err(), "cut at {cut}");
        }
        assert!(read(text.replace("because", "perhaps").as_bytes()).is_err());
        let older = text.replace("\"format\":1", "\"format\":0");
        let error = read(older.as_bytes())
            .expect_err("another version")
            .to_string();
        assert!(error.contains("line 1: format 0"), "{error}");
    }
}
