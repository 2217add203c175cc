//! Hands benchmarks to criterion, and says at the end what could not be measured.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::ExitCode;
use std::time::Duration;

use criterion::measurement::Measurement;
use criterion::{BenchmarkGroup, Criterion};
use parallax_harness::error::Problem;

use crate::arguments::Arguments;
use crate::stop::Stop;

/// How long each benchmark of a program may take; what the command line says comes before it.
#[derive(Clone, Copy)]
pub struct Budget {
    pub samples: usize,
    pub warm_up: Duration,
    pub measurement: Duration,
}

/// Upper bound on what `--quick` spends on a benchmark before its last, longest sample.
const QUICKLY: Duration = Duration::from_millis(400);

impl Budget {
    /// criterion with this budget, before it has seen the command line.
    fn criterion(self, quick: bool) -> Criterion {
        let measurement = match quick {
            true => QUICKLY,
            false => self.measurement,
        };
        Criterion::default()
            // gnuplot would be used where a machine has it.
            .without_plots()
            .sample_size(self.samples)
            .warm_up_time(self.warm_up)
            .measurement_time(measurement)
            // A tenth of criterion's, which computes them on one thread; the intervals stay the same to two digits.
            .nresamples(10_000)
    }
}

/// A benchmark's name, in the two parts that criterion wants, and what it is of.
pub struct Name<'a> {
    pub group: &'a str,
    pub id: &'a str,
    /// What is told as not measured, if it isn't; several benchmarks may be of one case.
    pub subject: &'a str,
}

/// Runs benchmarks, and keeps what was refused.
pub struct Runner<M: Measurement + 'static> {
    criterion: Criterion<M>,
    pub arguments: Arguments,
    /// By subject, with the reason.
    refused: BTreeMap<String, String>,
    ran: bool,
}

/// The `main` of a bench program.
///
/// Exit codes: 0 everything was measured, 1 something was refused, 2 a file of a corpus is wrong, 3 the executors aren't built or can't be run.
pub fn run<M: Measurement + 'static>(
    budget: Budget,
    measurement: M,
    body: impl FnOnce(&mut Runner<M>) -> Result<(), Problem>,
) -> ExitCode {
    let arguments = Arguments::of_process();
    let criterion = budget.criterion(arguments.quick);
    let criterion = criterion
        .with_measurement(measurement)
        .configure_from_args();
    let mut runner = Runner::new(criterion, arguments);
    let ended = body(&mut runner);
    let code = runner.tell();
    match ended {
        Ok(()) => ExitCode::from(code),
        Err(problem) => {
            eprintln!("error: {}", problem.report());
            ExitCode::from(problem.class.exit_code())
        }
    }
}

impl<M: Measurement + 'static> Runner<M> {
    fn new(criterion: Criterion<M>, arguments: Arguments) -> Self {
        Runner {
            criterion,
            arguments,
            refused: BTreeMap::new(),
            ran: false,
        }
    }

    /// Runs one benchmark, unless the command line leaves it out.
    ///
    /// `prepare` is called once, and only if the benchmark runs; `iterate` gives what so many iterations measure.
    ///
    /// # Errors
    /// Parallax itself failed in one of the two. A refusal is kept, and the next benchmark can run.
    pub fn bench<P>(
        &mut self,
        name: &Name<'_>,
        settings: impl FnOnce(&mut BenchmarkGroup<'_, M>),
        prepare: impl FnOnce() -> Result<P, Stop>,
        mut iterate: impl FnMut(&mut P, u64) -> Result<M::Value, Stop>,
    ) -> Result<(), Problem> {
        let mut prepare = Some(prepare);
        let mut prepared = None;
        // Ahead of criterion, which counts it as a part of the first sample when it is quick.
        if self
            .arguments
            .chooses(&format!("{}/{}", name.group, name.id))
            && let Some(prepare) = prepare.take()
        {
            match prepare() {
                Ok(made) => prepared = Some(made),
                Err(stop) => return self.stopped(name, stop),
            }
        }
        let mut group = self.criterion.benchmark_group(name.group);
        settings(&mut group);
        // What criterion calls can't fail. So a failure unwinds through it, without the message of a panic.
        let ended = catch_unwind(AssertUnwindSafe(|| {
            group.bench_function(name.id, |bencher| {
                self.ran = true;
                if let Some(prepare) = prepare.take() {
                    prepared = Some(prepare().unwrap_or_else(|stop| unwind(stop)));
                }
                if let Some(prepared) = &mut prepared {
                    bencher.iter_custom(|iterations| {
                        iterate(prepared, iterations).unwrap_or_else(|stop| unwind(stop))
                    });
                }
            });
        }));
        group.finish();
        let Err(payload) = ended else {
            return Ok(());
        };
        match payload.downcast::<Stop>() {
            Ok(stop) => self.stopped(name, *stop),
            Err(panic) => resume_unwind(panic),
        }
    }

    fn stopped(&mut self, name: &Name<'_>, stop: Stop) -> Result<(), Problem> {
        match stop {
            Stop::Problem(problem) => Err(problem),
            Stop::Refused(reason) => {
                self.refuse(name.subject, reason);
                Ok(())
            }
        }
    }

    /// Says how many cases `--quick` has left out, where any ran.
    pub fn tell_left_out(&self, count: usize) {
        if count > 0 && self.ran {
            eprintln!(
                "--quick has left out {count} cases; a filter that names one of them runs it"
            );
        }
    }

    fn refuse(&mut self, subject: &str, reason: String) {
        if !self.refused.contains_key(subject) {
            eprintln!("not measured: {subject}: {reason}");
            self.refused.insert(subject.to_owned(), reason);
        }
    }

    /// Repeats what was refused, which criterion's lines have long pushed away, and gives the exit code.
    fn tell(&self) -> u8 {
        if self.refused.is_empty() {
            return 0;
        }
        eprintln!("not measured, as it isn't what was verified:");
        for (subject, reason) in &self.refused {
            eprintln!("  {subject}: {reason}");
        }
        eprintln!(
            "hint: `cargo xtask replay CASE` shows a case of corpus/, and with `--corpus benches/corpus` one of the benches'"
        );
        1
    }
}

fn unwind(stop: Stop) -> ! {
    resume_unwind(Box::new(stop))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Name<'_> = Name {
        group: "group",
        id: "id",
        subject: "subject",
    };

    fn tried<T>(test: impl FnOnce(&mut Runner<criterion::measurement::WallTime>) -> T) -> T {
        let folder = tempfile::tempdir().expect("a folder");
        let budget = Budget {
            samples: 10,
            warm_up: Duration::from_millis(1),
            measurement: Duration::from_millis(1),
        };
        let criterion = budget.criterion(false).output_directory(folder.path());
        test(&mut Runner::new(criterion, Arguments::default()))
    }

    fn taken(iterations: u64) -> Duration {
        Duration::from_nanos(iterations.saturating_mul(7))
    }

    #[test]
    fn what_is_prepared_is_prepared_once() {
        let mut times = 0;
        tried(|runner| {
            let prepare = || {
                times += 1;
                Ok(())
            };
            let measured = runner.bench(&NAME, |_| (), prepare, |(), count| Ok(taken(count)));
            measured.expect("is measured");
            assert_eq!(runner.tell(), 0);
        });
        assert_eq!(times, 1);
    }

    #[test]
    fn a_refusal_is_kept_and_the_next_benchmark_runs() {
        tried(|runner| {
            let refused = || Stop::Refused("because".to_owned());
            for id in ["one", "two"] {
                let name = Name { id, ..NAME };
                let prepare = || Err::<(), _>(refused());
                runner
                    .bench(&name, |_| (), prepare, |(), count| Ok(taken(count)))
                    .expect("is no failure of the run");
            }
            let mut left = 3;
            let iterate = |(): &mut (), count| {
                left -= 1;
                match left {
                    0 => Err(refused()),
                    _ => Ok(taken(count)),
                }
            };
            let name = Name {
                subject: "other",
                ..NAME
            };
            runner
                .bench(&name, |_| (), || Ok(()), iterate)
                .expect("is no failure of the run");
            let mut ran = false;
            let iterate = |(): &mut (), count| {
                ran = true;
                Ok(taken(count))
            };
            let name = Name {
                group: "next",
                ..NAME
            };
            runner
                .bench(&name, |_| (), || Ok(()), iterate)
                .expect("is measured");
            assert!(ran);
            let refused: Vec<&str> = runner.refused.keys().map(String::as_str).collect();
            assert_eq!(refused, ["other", "subject"]);
            assert_eq!(runner.tell(), 1);
        });
    }

    #[test]
    fn a_failure_ends_the_run() {
        tried(|runner| {
            let prepare = || Err::<(), _>(Problem::environment("nothing is built").into());
            let ended = runner.bench(&NAME, |_| (), prepare, |(), count| Ok(taken(count)));
            assert_eq!(ended.expect_err("fails").message, "nothing is built");
        });
    }
}
