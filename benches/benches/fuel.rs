//! What each case computes in WebAssembly, in units of wasmtime's fuel: `fuel/<case id>`.
//!
//! The number is exact, so each case is run twice to show that it is the same, and criterion gets that number for every sample.
//! As they don't vary, criterion tells a change of one unit with certainty; where nothing has changed, its test has no probability to show, and prints NaN.

use std::process::ExitCode;
use std::time::Duration;

use criterion::SamplingMode;
use parallax_benches::fuel::{Fuel, consumed};
use parallax_benches::runner::{Budget, Name, run};
use parallax_benches::suite::Suite;
use parallax_harness::measure::fuel::ENOUGH;

const BUDGET: Budget = Budget {
    samples: 10,
    warm_up: Duration::from_nanos(1),
    measurement: Duration::from_millis(1),
};

fn main() -> ExitCode {
    run(BUDGET, Fuel, |runner| {
        let quick = runner.arguments.quick;
        let mut left_out = 0;
        for suite in Suite::all(Some(ENOUGH))? {
            let (cases, others) = suite.cases_for(&runner.arguments, &["fuel/".to_owned()]);
            left_out += others;
            for case in cases {
                let name = Name {
                    group: "fuel",
                    id: &case.id.0,
                    subject: &case.id.0,
                };
                runner.bench(
                    &name,
                    |group| {
                        // More samples of the same number tell no more, whatever the command line asks for.
                        group
                            .sample_size(BUDGET.samples)
                            .sampling_mode(SamplingMode::Flat)
                            .warm_up_time(BUDGET.warm_up)
                            // criterion's quick mode takes one sample of what takes longer than its limit.
                            .measurement_time(match quick {
                                true => BUDGET.warm_up,
                                false => BUDGET.measurement,
                            })
                            // Less than a unit, and more than floats round by.
                            .noise_threshold(1e-13);
                    },
                    || consumed(&suite, case),
                    |fuel, iterations| Ok(fuel.saturating_mul(iterations)),
                )?;
            }
        }
        runner.tell_left_out(left_out);
        Ok(())
    })
}
