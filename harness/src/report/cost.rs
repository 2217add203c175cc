//! What cases cost, as a table for a terminal of 80 columns.

use std::fmt::Write as _;

use super::text::in_a_line;
use crate::case::CaseId;
use crate::record::measurement::{Measurement, Quantity};
use crate::statistics::figure::{Figure, against_itself, figure};

/// A case, and what was measured of it, or why nothing was.
pub type Measured<'a> = (&'a CaseId, Result<&'a [Measurement], &'a str>);

/// Columns of the name of what is measured.
const NAME: usize = 30;

/// The table of all cases, the first leg against each other one; what wasn't measured stands below it.
pub fn table(cases: &[Measured<'_>]) -> String {
    let mut text = String::new();
    let measured = cases.iter().filter_map(|(_, measured)| measured.ok());
    let legs = measured.flatten().next().map(|one| one.legs.as_slice());
    let legs = legs.unwrap_or_default().iter().map(|leg| leg.leg.as_str());
    let legs: Vec<&str> = legs.collect();
    let (reference, candidates) = legs.split_first().unwrap_or((&"", &[]));
    for (index, candidate) in candidates.iter().enumerate() {
        // A string takes whatever is written to it.
        let _ = writeln!(
            text,
            "{:NAME$} {reference:>9} {candidate:>9} {:>6}  95 % interval",
            "", "ratio"
        );
        for (id, measured) in cases {
            if let Ok(measured) = measured {
                let _ = writeln!(text, "{}", in_a_line(&id.0));
                rows(&mut text, measured, index + 1);
            }
        }
    }
    for (id, measured) in cases {
        if let Err(why) = measured {
            let _ = writeln!(
                text,
                "not measured: {}: {}",
                in_a_line(&id.0),
                in_a_line(why)
            );
        }
    }
    text
}

fn rows(text: &mut String, measured: &[Measurement], candidate: usize) {
    let mut node = None;
    // A node's quantities stand together, in the order of the nodes' names.
    let mut ordered: Vec<&Measurement> = measured.iter().collect();
    ordered.sort_by_key(|one| one.quantity.node());
    let whole = measured.iter().find(|one| one.quantity == Quantity::Whole);
    let all = whole.map(turns).unwrap_or_default();
    for one in ordered {
        let own = one.quantity.node();
        if own != node {
            node = own;
            let _ = writeln!(text, "  node {}", in_a_line(own.unwrap_or_default()));
        }
        let indent = if own.is_some() { "    " } else { "  " };
        let name = format!("{indent}{}", one.quantity);
        let (Some(reference), Some(candidate)) = (one.legs.first(), one.legs.get(candidate)) else {
            continue;
        };
        let found = figure(&reference.rounds, &candidate.rounds);
        let Some(found) = found.filter(|_| turns(one) == all) else {
            // A figure of some runs is not one of the others.
            let _ = writeln!(text, "{name:NAME$} not in every run on both legs");
            continue;
        };
        row(text, &name, &found);
        if one.quantity == Quantity::Whole {
            let [a, b] = found.p99.map(duration);
            let _ = writeln!(text, "{:NAME$} {a:>9} {b:>9}", "    99th percentile");
        }
    }
}

/// How many samples there are, by leg and round.
pub(super) fn turns(one: &Measurement) -> Vec<Vec<usize>> {
    let legs = one.legs.iter();
    legs.map(|leg| leg.rounds.iter().map(Vec::len).collect())
        .collect()
}

fn row(text: &mut String, name: &str, found: &Figure) {
    let [a, b] = found.medians.map(duration);
    let (ratio, between) = match found.ratio {
        Some(ratio) => (
            format!("{:.2}", ratio.ratio),
            format!("{:.2} to {:.2}", ratio.low, ratio.high),
        ),
        None => (
            format!("{:.2}", found.medians[1] / found.medians[0]),
            "too few rounds".to_owned(),
        ),
    };
    let _ = writeln!(text, "{name:NAME$} {a:>9} {b:>9} {ratio:>6}  {between}");
}

/// How often a leg is told to differ from itself, of how many: what the intervals are worth on this machine.
pub fn false_alarms(measured: &[&Measurement]) -> (usize, usize) {
    let whole = measured
        .iter()
        .filter(|one| one.quantity == Quantity::Whole);
    let legs = whole.flat_map(|one| &one.legs);
    let intervals = legs.filter_map(|leg| against_itself(&leg.rounds)?.ratio);
    let (mut alarms, mut all) = (0, 0);
    for interval in intervals {
        all += 1;
        alarms += usize::from(interval.low > 1.0 || interval.high < 1.0);
    }
    (alarms, all)
}

/// Nanoseconds in a unit that leaves three digits or so.
pub(super) fn duration(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "µs"),
        ns if ns < 1e9 => (ns / 1e6, "ms"),
        ns => (ns / 1e9, "s"),
    };
    let digits = match value {
        value if value < 10.0 => 2,
        value if value < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::measurement::LegSamples;

    fn measurement(quantity: Quantity, times: [u64; 2]) -> Measurement {
        let names = ["native", "wasm"];
        let legs = names.into_iter().zip(times).map(|(leg, time)| LegSamples {
            leg: leg.to_owned(),
            rounds: vec![vec![time; 8]; 7],
        });
        Measurement {
            case: CaseId("a/b".to_owned()),
            quantity,
            legs: legs.collect(),
        }
    }

    #[test]
    fn a_table_has_the_case_its_nodes_and_what_was_not_measured() {
        let node = |name: &str| Quantity::FirstCall {
            node: name.to_owned(),
        };
        // A call that one leg alone makes in one of its runs.
        let mut some = measurement(Quantity::Run, [1, 1]).legs;
        some[1].rounds[0].pop();
        let measured = [
            measurement(Quantity::Whole, [1_234_567, 2_469_134]),
            measurement(node("sum"), [950, 1900]),
            measurement(node("add"), [0, 0]),
            Measurement {
                legs: some,
                ..measurement(
                    Quantity::LaterCalls {
                        node: "sum".to_owned(),
                    },
                    [1, 1],
                )
            },
        ];
        let (good, bad) = (CaseId("a/b".to_owned()), CaseId("c".to_owned()));
        let shown = table(&[(&good, Ok(&measured)), (&bad, Err("fail: why\n"))]);
        let expected = "                                  native      wasm  ratio  95 % interval
a/b
  whole case                     1.23 ms   2.47 ms   2.00  2.00 to 2.00
    99th percentile              1.23 ms   2.47 ms
  node add
    first call                   0.00 ns   0.00 ns    NaN  too few rounds
  node sum
    first call                    950 ns   1.90 µs   2.00  2.00 to 2.00
    later calls                not in every run on both legs
not measured: c: fail: why 
";
        assert_eq!(shown, expected);
        assert!(shown.lines().all(|line| line.chars().count() <= 80));
    }

    #[test]
    fn a_leg_against_itself_gives_no_alarm() {
        let measured = measurement(Quantity::Whole, [10, 20]);
        assert_eq!(false_alarms(&[&measured]), (0, 2));
    }
}
