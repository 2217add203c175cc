//! What each way to run a case costs besides its computation: `startup/<leg>/<case>/<phase>`.
//!
//! `plain` is a case of the standard library, `numpy` one that imports numpy.
//!
//! | phase | |
//! |---|---|
//! | `whole` | from nothing to the outcome, everything taken down again |
//! | `start` | Python starts; a copy has one that has started |
//! | `load` | the node's module and what it imports, its construction |
//! | `run` | the node's calls |
//! | `rest` | what is left: process or instance, the request's and the answer's way, reading and writing them, the case's directory |
//! | `instantiate` | making the instance of a copy, alone |
//!
//! `startup/<leg>/executor` is what is made once for all cases, with the cache filled: loading the compiled module, for copies the snapshot, too, and for forks starting the zygote and its first case.

use std::cell::OnceCell;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use criterion::SamplingMode;
use criterion::measurement::WallTime;
use parallax_benches::place::{build, root};
use parallax_benches::runner::{Budget, Name, Runner, run};
use parallax_benches::stop::Stop;
use parallax_benches::suite::{Suite, Verified};
use parallax_harness::case::Case;
use parallax_harness::error::Problem;
use parallax_harness::executor::native::ZygoteExecutor;
use parallax_harness::executor::wasm::{CommandExecutor, CopyExecutor};
use parallax_harness::executor::{Answer, Channel};
use parallax_harness::measure::Subject;
use parallax_runtime::marshal::Transport;

const BUDGET: Budget = Budget {
    samples: 10,
    warm_up: Duration::from_millis(200),
    measurement: Duration::from_secs(2),
};

/// Every way to run a case, and whether Python starts for each.
const LEGS: [(&str, bool); 4] = [
    ("native", false),
    ("wasm", false),
    ("native-cold", true),
    ("wasm-cold", true),
];

/// The cases of `corpus/` that stand for those with numpy and without.
const CASES: [(&str, &str); 2] = [("plain", "text/word_count"), ("numpy", "numpy/peak")];

/// Picks a phase out of what a case took as a whole and what it has told.
type Phase = fn(Duration, &Answer) -> Option<Duration>;

const PHASES: [(&str, Phase); 5] = [
    ("whole", |taken, _| Some(taken)),
    ("start", |_, answer| told(answer, 1)),
    ("load", |_, answer| told(answer, 2)),
    ("run", |_, answer| told(answer, 3)),
    ("rest", |taken, answer| {
        let inside: Option<Duration> = (0..4).map(|phase| told(answer, phase)).sum();
        taken.checked_sub(inside?)
    }),
];

/// What the executor has told: reading the request, starting Python, loading, running.
fn told(answer: &Answer, phase: usize) -> Option<Duration> {
    let phases = answer.outcome.phases.as_deref()?;
    let all = [
        phases.parse_ns,
        phases.start_ns,
        phases.load_ns,
        phases.run_ns,
    ];
    all.get(phase).copied().map(Duration::from_nanos)
}

fn main() -> ExitCode {
    run(BUDGET, WallTime, |runner| {
        let (names, ids) = (LEGS.map(|(name, _)| name), CASES.map(|(_, id)| id));
        let suite = Suite::chosen(&root().join("corpus"), &ids, &names, None)?;
        for ((label, _), case) in CASES.iter().zip(suite.cases()) {
            let verified = OnceCell::new();
            for (leg, (leg_name, starts)) in LEGS.into_iter().enumerate() {
                for (phase_name, phase) in PHASES {
                    if phase_name == "start" && !starts {
                        continue;
                    }
                    let group = format!("startup/{leg_name}/{label}");
                    let one = One {
                        suite: &suite,
                        case,
                        verified: &verified,
                        leg,
                    };
                    one.phase(runner, (&group, phase_name, phase))?;
                }
            }
            instantiation(runner, &suite, label, case)?;
        }
        executors(runner, &suite)
    })
}

/// One case on one leg.
struct One<'a> {
    suite: &'a Suite,
    case: &'a Case,
    verified: &'a OnceCell<Result<Verified, Stop>>,
    leg: usize,
}

impl One<'_> {
    fn phase(
        &self,
        runner: &mut Runner<WallTime>,
        (group, phase_name, phase): (&str, &str, Phase),
    ) -> Result<(), Problem> {
        let name = Name {
            group,
            id: phase_name,
            subject: &self.case.id.0,
        };
        let missing = || Stop::Refused(format!("the executor doesn't tell the phase {phase_name}"));
        runner.bench(
            &name,
            flat,
            || {
                let verified = self.verified.get_or_init(|| self.suite.verify(self.case));
                verified.as_ref().map_err(Clone::clone)
            },
            |verified, iterations| {
                (0..iterations)
                    .map(|_| {
                        let (taken, answer) = self.suite.again(self.case, verified, self.leg)?;
                        phase(taken, &answer).ok_or_else(missing)
                    })
                    .sum()
            },
        )
    }
}

/// Making the instance of a copy, alone.
fn instantiation(
    runner: &mut Runner<WallTime>,
    suite: &Suite,
    label: &str,
    case: &Case,
) -> Result<(), Problem> {
    let name = Name {
        group: &format!("startup/wasm/{label}"),
        id: "instantiate",
        subject: "instantiate",
    };
    let subject = Subject::new(
        case.manifest.clone(),
        Transport::default(),
        suite.node_path(),
    );
    runner.bench(
        &name,
        flat,
        || {
            let wasm = build()?.wasm;
            Ok(CopyExecutor::new(
                &wasm.module,
                wasm.dirs,
                suite.node_path(),
            )?)
        },
        |executor, iterations| {
            (0..iterations)
                .map(|_| Ok(executor.time_instantiation(subject.job())?))
                .sum()
        },
    )
}

/// What is made once for all cases. A cold native leg makes nothing: it has a program, which starts for each case.
fn executors(runner: &mut Runner<WallTime>, suite: &Suite) -> Result<(), Problem> {
    let mut bench = |leg: &str, make: &dyn Fn() -> Result<(), Problem>| {
        let name = Name {
            group: &format!("startup/{leg}"),
            id: "executor",
            subject: "executor",
        };
        runner.bench(
            &name,
            flat,
            // The first time may fill the cache.
            || Ok(make()?),
            |(), iterations| {
                (0..iterations)
                    .map(|_| {
                        let started = Instant::now();
                        make()?;
                        Ok(started.elapsed())
                    })
                    .sum()
            },
        )
    };
    bench("wasm", &|| {
        let wasm = build()?.wasm;
        CopyExecutor::new(&wasm.module, wasm.dirs, suite.node_path()).map(drop)
    })?;
    bench("wasm-cold", &|| {
        let wasm = build()?.wasm;
        CommandExecutor::new(&wasm.module, wasm.dirs, Channel::Own).map(drop)
    })?;
    bench("native", &|| {
        let executor = ZygoteExecutor::new(&build()?.native.program)?;
        let manifest = suite.cases().next().map(|case| case.manifest.clone());
        let subject = Subject::new(
            manifest.unwrap_or_default(),
            Transport::default(),
            suite.node_path(),
        );
        subject.time(&executor).map(drop)
    })
}

/// As many iterations a sample, as most of these take milliseconds.
fn flat(group: &mut criterion::BenchmarkGroup<'_, WallTime>) {
    group.sampling_mode(SamplingMode::Flat);
}
