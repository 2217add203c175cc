//! Outcomes made of random numbers: every class, every type of value, every kind of dtype, and what stands beside them.

use parallax_runtime::array::{Array, Dtype, Kind as Element, Layout, Order};
use parallax_runtime::marshal::Transport;
use parallax_runtime::marshal::json_base64::{Path, decode};
use parallax_runtime::outcome::{Exception, Failure, GraphInfo, Kind, Warning};
use parallax_runtime::value::Value;
use serde_json::{Value as Json, json};

use crate::generate::random::Random;
use crate::outcome::{Ending, Fault, FileKind, LeftFile, Outcome, Printed};

/// How deep values and exceptions are nested.
const DEPTH: u64 = 4;

/// Any outcome.
pub fn outcome(random: &mut Random) -> Outcome {
    let ending = match random.below(40) {
        0..=26 => Ending::Returned {
            outputs: values(random, 5, DEPTH),
            graph_info: graph_info(random),
        },
        27..=32 => Ending::Raised {
            failure: failure(random, Kind::Python),
            outputs: values(random, 3, DEPTH - 1),
        },
        33 => Ending::Rejected(failure(random, Kind::Manifest)),
        34 => Ending::Exited {
            code: random.between(-1, 3) as i32,
            fault: faults().swap_remove(random.below(faults().len() as u64) as usize),
        },
        35 => Ending::Trapped(text(random)),
        36 => Ending::TimedOut,
        37 => Ending::OutOfMemory(None),
        38 => Ending::OutOfMemory(Some(failure(random, Kind::Limit))),
        _ => Ending::Unsupported(text(random)),
    };
    Outcome {
        ending,
        warnings: many(random, 3, warning),
        printed: Printed {
            stdout: printed(random),
            stderr: printed(random),
        },
        files: files(random),
        phases: None,
    }
}

/// One of each kind.
pub fn faults() -> Vec<Fault> {
    vec![
        Fault::Silent,
        Fault::NotJson("expected value at line 1 column 1".to_owned()),
        Fault::SeveralDocuments,
        Fault::Schema("`status` is missing".to_owned()),
        Fault::ExitCode {
            expected: 0,
            found: 1,
        },
        Fault::Transport {
            asked: Transport::Frame,
            found: Transport::JsonBase64,
        },
        Fault::OutputLimit {
            place: "on standard output",
            most: 64 << 20,
        },
    ]
}

fn many<T>(random: &mut Random, most: u64, make: fn(&mut Random) -> T) -> Vec<T> {
    (0..random.below(most + 1)).map(|_| make(random)).collect()
}

fn graph_info(random: &mut Random) -> GraphInfo {
    let names = ["a", "b", "c", "load", "-"];
    let count = 1 + random.below(names.len() as u64) as usize;
    GraphInfo {
        node_count: count,
        source_count: 1,
        sink_count: 1,
        execution_order: names[..count].iter().map(|&name| name.to_owned()).collect(),
    }
}

fn node(random: &mut Random) -> Option<String> {
    let names = ["a", "b", "-", "load-2"];
    (random.below(4) > 0).then(|| random.pick(&names).to_owned())
}

fn failure(random: &mut Random, kind: Kind) -> Failure {
    let exception = (random.below(5) > 0).then(|| Box::new(exception(random, DEPTH)));
    let message = match &exception {
        Some(exception) if random.below(8) > 0 => format!(
            "node `a` raised {} in process: {}",
            exception.class, exception.message
        ),
        _ => text(random),
    };
    Failure {
        kind,
        message,
        node: node(random),
        exception,
    }
}

fn exception(random: &mut Random, depth: u64) -> Exception {
    let classes = [
        "ValueError",
        "KeyError",
        "ExceptionGroup",
        "m.Own.<locals>.Error",
    ];
    let mut made = Exception {
        traceback: many(random, 3, line),
        notes: many(random, 2, text),
        ..Exception::new(random.pick(&classes), text(random))
    };
    let mut child = |chance: u64| {
        let is_there = depth > 0 && random.below(10) < chance;
        is_there.then(|| Box::new(exception(random, depth - 1)))
    };
    made.cause = child(3);
    made.context = child(3);
    made.members = [child(3), child(2)]
        .into_iter()
        .flatten()
        .map(|member| *member)
        .collect();
    made
}

fn line(random: &mut Random) -> String {
    let functions = ["process", "<lambda>", "f"];
    let line = random.below(300);
    format!("m.py:{line} in {}", random.pick(&functions))
}

fn warning(random: &mut Random) -> Warning {
    let categories = ["UserWarning", "DeprecationWarning", "m.Own"];
    Warning {
        node: node(random),
        category: random.pick(&categories).to_owned(),
        message: text(random),
    }
}

fn printed(random: &mut Random) -> Vec<u8> {
    match random.below(8) {
        0..=3 => Vec::new(),
        4 => bytes(random),
        5 => format!("{}\n", "line ".repeat(100)).into_bytes(),
        _ => format!("{}\n{}", text(random), text(random)).into_bytes(),
    }
}

fn files(random: &mut Random) -> Vec<LeftFile> {
    let names = ["a.txt", "d", "d/b c.bin", "link", "é"];
    let chosen = names.iter().filter(|_| random.below(5) == 0);
    let chosen: Vec<&str> = chosen.copied().collect();
    chosen
        .into_iter()
        .map(|path| {
            let kind = [
                FileKind::File,
                FileKind::Directory,
                FileKind::Link,
                FileKind::Other,
            ];
            let kind = kind[random.below(4) as usize];
            let (size, digest) = match kind {
                FileKind::File => (random.below(1000), format!("{:016x}", random.bits())),
                FileKind::Link => (5, "a.txt".to_owned()),
                FileKind::Directory | FileKind::Other => (0, String::new()),
            };
            LeftFile {
                path: path.to_owned(),
                kind,
                mode: 0o600 + random.below(0o200) as u32,
                size,
                digest,
            }
        })
        .collect()
}

/// A text, of the kinds that messages have: words, other scripts, numbers, addresses, long ones.
pub fn text(random: &mut Random) -> String {
    let address = random.bits() & 0xffff_ffff;
    match random.below(12) {
        0 => String::new(),
        1 => format!("<m.A object at 0x7f{address:010x}>"),
        2 => format!("checksum 0x{address:08x}"),
        3 => "żółć ∑ \u{1f600} e\u{301}".to_owned(),
        4 => "line\nline\ttab \\ \"quoted\" 'single' \0".to_owned(),
        5 => "0x… and 0x……".to_owned(),
        6 => "word ".repeat(30 + random.below(60) as usize),
        7 => format!("a < b at 0x{address:08x} > c"),
        _ => {
            let words = ["alpha", "beta", "no", "such", "file: ", "'x'", "12", "1.5"];
            let count = 1 + random.below(6);
            let words: Vec<&str> = (0..count).map(|_| random.pick(&words)).collect();
            words.join(" ")
        }
    }
}

fn bytes(random: &mut Random) -> Vec<u8> {
    let length = random.below(80);
    (0..length).map(|_| random.bits() as u8).collect()
}

fn values(random: &mut Random, most: u64, depth: u64) -> Vec<Value> {
    (0..random.below(most + 1))
        .map(|_| value(random, depth))
        .collect()
}

fn value(random: &mut Random, depth: u64) -> Value {
    let kinds = if depth == 0 { 10 } else { 15 };
    match random.below(kinds) {
        0 => Value::Null,
        1 => Value::Bool(random.below(2) == 0),
        2 | 3 => integer(random),
        4 | 5 => Value::Float(float(random)),
        6 => Value::Str(text(random)),
        7 => Value::Bytes(bytes(random)),
        8..=11 => Value::Array(array(random)),
        12 => Value::List(
            (0..random.below(5))
                .map(|_| Value::Float(float(random)))
                .collect(),
        ),
        13 => Value::List(values(random, 5, depth - 1)),
        _ => {
            let keys = ["x", "y", "a key", "", "__numpy__", "nested"];
            let chosen = keys.iter().filter(|_| random.below(3) == 0);
            let chosen: Vec<&str> = chosen.copied().collect();
            let entries = chosen.into_iter().map(|key| {
                let entry = value(random, depth - 1);
                (key.to_owned(), entry)
            });
            Value::Map(entries.collect())
        }
    }
}

fn integer(random: &mut Random) -> Value {
    match random.below(6) {
        0 => Value::Int(0),
        1 => Value::Int(random.bits() as i64),
        2 => Value::Int([i64::MIN, i64::MAX, 1 << 32, 1 << 53][random.below(4) as usize]),
        3 => {
            let digits = format!("{}{:020}", random.below(90) + 10, random.bits());
            let number = serde_json::from_str(&digits).unwrap_or_default();
            decode(number, Path::Root("integer")).unwrap_or(Value::Null)
        }
        _ => Value::Int(random.between(-100, 100)),
    }
}

/// A double, special ones among them.
pub fn float(random: &mut Random) -> f64 {
    let special = [
        0.0,
        -0.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        1.0,
    ];
    match random.below(4) {
        0 => special[random.below(special.len() as u64) as usize],
        1 => random.between(-5, 5) as f64,
        _ => random.double(),
    }
}

/// A description of elements, of every kind.
fn dtype(random: &mut Random) -> Json {
    let plain = [
        "|b1",
        "|i1",
        "<i2",
        ">i4",
        "<i8",
        "|u1",
        ">u2",
        "<u4",
        "<u8",
        "<f2",
        ">f2",
        "<f4",
        ">f4",
        "<f8",
        ">f8",
        "<c8",
        ">c16",
        "<c16",
        "<M8[s]",
        ">m8[25us]",
        "<M8",
        "|S3",
        "|S0",
        "<U2",
        ">U4",
        "|V3",
        "<f8",
        "<f4",
        "<i8",
        "<i4",
    ];
    match random.below(7) {
        0 => json!([["id", "<i4"], ["name", "<U3"], ["", "|V2"], ["v", "<f8"]]),
        1 => json!([
            ["a b", ">f4", [2]],
            ["c", "<c8"],
            ["r", [["x", "|u1"], ["", "|V1"]]]
        ]),
        _ => json!(random.pick(&plain)),
    }
}

fn array(random: &mut Random) -> Array {
    loop {
        let axes = random.below(4);
        let shape: Vec<u64> = (0..axes).map(|_| random.below(5)).collect();
        let Ok(dtype) = Dtype::from_json(&dtype(random)) else {
            continue;
        };
        let count: u64 = shape.iter().product();
        let mut data = Vec::new();
        for _ in 0..count {
            element(random, &dtype, &mut data);
        }
        let layout = match (axes, random.below(3)) {
            (0, 0) => Layout::Scalar,
            (0, _) => Layout::C,
            (_, 0) => Layout::Fortran,
            _ => Layout::C,
        };
        if let Ok(array) = Array::new(dtype, shape, layout, data) {
            return array;
        }
    }
}

fn element(random: &mut Random, dtype: &Dtype, data: &mut Vec<u8>) {
    match dtype {
        Dtype::Record(fields) => {
            for field in fields {
                let count: u64 = field.shape.iter().product();
                for _ in 0..count {
                    if field.name.is_empty() {
                        let size = field.dtype.size().unwrap_or_default() as usize;
                        data.resize(data.len() + size, 0);
                    } else {
                        element(random, &field.dtype, data);
                    }
                }
            }
        }
        Dtype::Plain {
            kind, order, size, ..
        } => {
            let size = *size as usize;
            let from = data.len();
            match kind {
                Element::Bool => data.push(random.below(2) as u8),
                Element::Bytes => {
                    let letters =
                        (0..size).map(|_| [0, b'a', b'b', 0xe9][random.below(4) as usize]);
                    data.extend(letters);
                }
                Element::Unicode => {
                    for _ in 0..size / 4 {
                        let unit = [0u32, 0x61, 0xe9, 0x1f600][random.below(4) as usize];
                        data.extend(match order {
                            Order::Big => unit.to_be_bytes(),
                            _ => unit.to_le_bytes(),
                        });
                    }
                    return;
                }
                Element::Void => data.extend((0..size).map(|_| random.bits() as u8)),
                Element::Float | Element::Complex => {
                    let parts = if *kind == Element::Complex { 2 } else { 1 };
                    for _ in 0..parts {
                        let number = float(random);
                        let from = data.len();
                        match size / parts {
                            2 => data.extend(half::f16::from_f64(number).to_le_bytes()),
                            4 => data.extend((number as f32).to_le_bytes()),
                            _ => data.extend(number.to_le_bytes()),
                        }
                        if *order == Order::Big {
                            data[from..].reverse();
                        }
                    }
                    return;
                }
                Element::Int | Element::Uint | Element::Datetime | Element::Timedelta => {
                    let number = match random.below(3) {
                        0 => random.bits(),
                        _ => random.below(100),
                    };
                    data.extend(&number.to_le_bytes()[..size]);
                }
            }
            if *order == Order::Big {
                data[from..].reverse();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Class;
    use std::collections::BTreeSet;

    #[test]
    fn every_class_is_made_and_a_seed_makes_the_same() {
        let made = |seed| {
            let mut random = Random(seed);
            (0..300).map(|_| outcome(&mut random)).collect::<Vec<_>>()
        };
        let outcomes = made(1);
        let classes: BTreeSet<Class> = outcomes.iter().map(Outcome::class).collect();
        assert_eq!(classes.len(), Class::ALL.len());
        assert_eq!(format!("{outcomes:?}"), format!("{:?}", made(1)));
    }
}
