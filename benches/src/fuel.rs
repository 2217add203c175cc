//! Fuel as criterion measures it: what a case computes in WebAssembly, the same number on every run.

use criterion::Throughput;
use criterion::measurement::{Measurement, ValueFormatter};
use parallax_harness::case::Case;

use crate::stop::Stop;
use crate::suite::Suite;

/// Units of wasmtime's fuel, about one an instruction.
pub struct Fuel;

impl Measurement for Fuel {
    type Intermediate = ();
    type Value = u64;

    /// Nothing is running of which fuel could be asked: the benches tell what their cases have consumed.
    fn start(&self) -> Self::Intermediate {}

    fn end(&self, (): Self::Intermediate) -> u64 {
        0
    }

    fn add(&self, one: &u64, other: &u64) -> u64 {
        one.saturating_add(*other)
    }

    fn zero(&self) -> u64 {
        0
    }

    fn to_f64(&self, value: &u64) -> f64 {
        *value as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        &Units
    }
}

/// Shows all digits, as two numbers that differ in the last one are two numbers.
struct Units;

impl ValueFormatter for Units {
    fn format_value(&self, value: f64) -> String {
        format!("{value:.0} fuel")
    }

    fn scale_values(&self, _: f64, _: &mut [f64]) -> &'static str {
        "fuel"
    }

    fn scale_throughputs(
        &self,
        _: f64,
        throughput: &Throughput,
        values: &mut [f64],
    ) -> &'static str {
        let (count, unit) = match *throughput {
            Throughput::Bits(count) => (count, "fuel/b"),
            Throughput::Bytes(count) | Throughput::BytesDecimal(count) => (count, "fuel/B"),
            Throughput::Elements(count)
            | Throughput::ElementsAndBytes {
                elements: count, ..
            } => (count, "fuel/elem"),
        };
        for value in values {
            *value /= count as f64;
        }
        unit
    }

    fn scale_for_machines(&self, _: &mut [f64]) -> &'static str {
        "fuel"
    }
}

/// What a case consumes: measured as it is verified, and once more.
///
/// # Errors
/// The case is red, consumes another number the second time, or an executor can't be run.
pub fn consumed(suite: &Suite, case: &Case) -> Result<u64, Stop> {
    let verified = suite.verify(case)?;
    let mut metered = verified.answers.iter().enumerate();
    let Some((leg, first)) = metered.find_map(|(leg, answer)| Some((leg, answer.fuel?))) else {
        return Err(Stop::Refused("no leg meters fuel".to_owned()));
    };
    let (_, answer) = suite.again(case, &verified, leg)?;
    same(first, answer.fuel)
}

fn same(first: u64, second: Option<u64>) -> Result<u64, Stop> {
    match second {
        Some(second) if second == first => Ok(first),
        Some(second) => Err(Stop::Refused(format!(
            "it consumes {first} fuel the first time, and {second} the second"
        ))),
        None => Err(Stop::Refused("its fuel is metered only once".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_shows() {
        let shown = |value| Fuel.formatter().format_value(value);
        for (value, expected) in [
            (1.0, "1 fuel"),
            (9_999_999.0, "9999999 fuel"),
            (123_456_789_012.0, "123456789012 fuel"),
        ] {
            assert_eq!(shown(value), expected);
        }
    }

    #[test]
    fn throughput_is_fuel_for_each() {
        let mut values = [30.0, 60.0];
        let throughput = Throughput::Bytes(10);
        let unit = Fuel
            .formatter()
            .scale_throughputs(30.0, &throughput, &mut values);
        assert_eq!((unit, values), ("fuel/B", [3.0, 6.0]));
    }

    #[test]
    fn another_number_is_refused() {
        assert!(matches!(same(5, Some(5)), Ok(5)));
        for second in [Some(6), None] {
            assert!(matches!(same(5, second), Err(Stop::Refused(_))));
        }
    }
}
