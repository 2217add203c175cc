//! What each case takes on each leg, from nothing to the outcome: `overhead/<case id>/<leg>`.
//!
//! A case is verified before it is timed, and every answer is held against the verified one.

use std::cell::OnceCell;
use std::process::ExitCode;
use std::time::Duration;

use criterion::SamplingMode;
use criterion::measurement::WallTime;
use parallax_benches::runner::{Budget, Name, run};
use parallax_benches::stop::Stop;
use parallax_benches::suite::{Suite, Verified};

const BUDGET: Budget = Budget {
    samples: 20,
    warm_up: Duration::from_millis(500),
    measurement: Duration::from_secs(2),
};

fn main() -> ExitCode {
    run(BUDGET, WallTime, |runner| {
        let mut left_out = 0;
        for suite in Suite::all(None)? {
            let without = suite.names().iter().map(|leg| format!("overhead//{leg}"));
            let without: Vec<String> = without.collect();
            let (cases, others) = suite.cases_for(&runner.arguments, &without);
            left_out += others;
            for case in cases {
                let verified: OnceCell<Result<Verified, Stop>> = OnceCell::new();
                for (leg, leg_name) in suite.names().iter().enumerate() {
                    let name = Name {
                        group: &format!("overhead/{}", case.id),
                        id: leg_name,
                        subject: &case.id.0,
                    };
                    runner.bench(
                        &name,
                        |group| {
                            group.sampling_mode(SamplingMode::Flat);
                        },
                        || {
                            let verified = verified.get_or_init(|| suite.verify(case));
                            verified.as_ref().map_err(Clone::clone)
                        },
                        |verified, iterations| {
                            (0..iterations)
                                .map(|_| suite.again(case, verified, leg).map(|(taken, _)| taken))
                                .sum()
                        },
                    )?;
                }
            }
        }
        runner.tell_left_out(left_out);
        Ok(())
    })
}
